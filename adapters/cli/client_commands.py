"""The commands that speak to a running service; they need none of its code."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar

import click

from adapters.cli import client_help
from adapters.cli.audit import list_audit
from adapters.cli.canceling import cancel
from adapters.cli.click_commands import Program, calls, parameters
from adapters.cli.failures import ExitCode, OutputError
from adapters.cli.halt import throw_switch
from adapters.cli.help_texts import PROGRAM_EPILOG, PROGRAM_HELP
from adapters.cli.on_hold import release_order, settle_child
from adapters.cli.order_changes import (
    amend_order,
    pause_order,
    unpause_order,
)
from adapters.cli.order_placing import place_order
from adapters.cli.order_reading import (
    list_events,
    list_fills,
    list_orders,
    show_book,
    show_order,
)
from adapters.cli.reporting import print_report
from adapters.cli.watching import watch
from adapters.cli.webhooks import list_webhooks
from adapters.configuration import client_options as options
from adapters.configuration import client_settings as settings
from adapters.configuration.on_hold_settings import (
    RELEASE_OPTIONS,
    SETTLE_OPTIONS,
    read_release_settings,
    read_settle_settings,
)
from adapters.configuration.options import Option
from adapters.configuration.switch_settings import (
    SWITCH_OPTIONS,
    read_switch_settings,
)


S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCommand:
    """A command: its options, its help, and what it does."""

    options: Sequence[Option]
    read: Callable[[Mapping[str, str | None], Mapping[str, str]], Any]
    """Makes settings of the command line and the environment."""

    run: Callable[[Any], int]
    """Does it, with these settings; returns the exit code."""

    short: str
    """What it does, in one line."""

    help: str
    """What follows on that line."""


CLIENT_COMMANDS: Final[Mapping[str, ClientCommand]] = MappingProxyType(
    {
        "order": ClientCommand(
            options=options.PLACE_ORDER_OPTIONS,
            read=settings.read_place_order_settings,
            run=place_order,
            short="Place an order, and watch it, or only try it.",
            help=client_help.ORDER,
        ),
        "orders": ClientCommand(
            options=options.ORDERS_OPTIONS,
            read=settings.read_orders_settings,
            run=list_orders,
            short="List orders, newest first.",
            help=client_help.ORDERS,
        ),
        "show": ClientCommand(
            options=options.ONE_ORDER_OPTIONS,
            read=settings.read_one_order_settings,
            run=show_order,
            short="Show an order, and what came of it.",
            help=client_help.SHOW,
        ),
        "fills": ClientCommand(
            options=options.FILLS_OPTIONS,
            read=settings.read_fills_settings,
            run=list_fills,
            short="List an order's fills, or the latest of all orders.",
            help=client_help.FILLS,
        ),
        "events": ClientCommand(
            options=options.ORDER_PAGE_OPTIONS,
            read=settings.read_order_page_settings,
            run=list_events,
            short="List an order's history, oldest first.",
            help=client_help.EVENTS,
        ),
        "report": ClientCommand(
            options=options.REPORT_OPTIONS,
            read=settings.read_report_settings,
            run=print_report,
            short="Show what the execution of an order, or of a period's, cost.",
            help=client_help.REPORT,
        ),
        "watch": ClientCommand(
            options=options.WATCH_OPTIONS,
            read=settings.read_watch_settings,
            run=watch,
            short="Follow an order to its end, or all orders.",
            help=client_help.WATCH,
        ),
        "amend": ClientCommand(
            options=options.AMEND_OPTIONS,
            read=settings.read_amend_settings,
            run=amend_order,
            short="Change an open order's price, quantity or both.",
            help=client_help.AMEND,
        ),
        "cancel": ClientCommand(
            options=options.CANCEL_OPTIONS,
            read=settings.read_cancel_settings,
            run=cancel,
            short="Cancel what is left of an order, or all open orders.",
            help=client_help.CANCEL,
        ),
        "pause": ClientCommand(
            options=options.ONE_ORDER_OPTIONS,
            read=settings.read_one_order_settings,
            run=pause_order,
            short="Let one order take nothing until it is unpaused.",
            help=client_help.PAUSE,
        ),
        "unpause": ClientCommand(
            options=options.ONE_ORDER_OPTIONS,
            read=settings.read_one_order_settings,
            run=unpause_order,
            short="Let a paused order go on.",
            help=client_help.UNPAUSE,
        ),
        "book": ClientCommand(
            options=options.BOOK_OPTIONS,
            read=settings.read_book_settings,
            run=show_book,
            short="Show the best levels of a symbol's order book.",
            help=client_help.BOOK,
        ),
        "halt": ClientCommand(
            options=SWITCH_OPTIONS,
            read=read_switch_settings,
            run=partial(throw_switch, "halt"),
            short="Let no child order leave until it is resumed.",
            help=client_help.HALT,
        ),
        "resume": ClientCommand(
            options=SWITCH_OPTIONS,
            read=read_switch_settings,
            run=partial(throw_switch, "resume"),
            short="Let child orders leave again.",
            help=client_help.RESUME,
        ),
        "audit": ClientCommand(
            options=options.AUDIT_OPTIONS,
            read=settings.read_audit_settings,
            run=list_audit,
            short="List who made which call, newest first.",
            help=client_help.AUDIT,
        ),
        "settle": ClientCommand(
            options=SETTLE_OPTIONS,
            read=read_settle_settings,
            run=settle_child,
            short="State by hand what became of a child order.",
            help=client_help.SETTLE,
        ),
        "release": ClientCommand(
            options=RELEASE_OPTIONS,
            read=read_release_settings,
            run=release_order,
            short="Let an order on hold go on.",
            help=client_help.RELEASE,
        ),
        "webhooks": ClientCommand(
            options=options.WEBHOOKS_OPTIONS,
            read=settings.read_webhooks_settings,
            run=list_webhooks,
            short="Show what the webhook targets have not been told yet.",
            help=client_help.WEBHOOKS,
        ),
    }
)


def build_client_cli() -> click.Group:
    """Define the commands that speak to a running service."""
    program = Program(PROGRAM_HELP, PROGRAM_EPILOG)
    for name, command in CLIENT_COMMANDS.items():
        program.add_command(_defined(name, command))
    return program


def _defined(name: str, command: ClientCommand) -> click.Command:
    return click.Command(
        name,
        callback=calls(command.read, partial(_run, command.run)),
        params=parameters(command.options),
        help=f"{command.short}\n\n{command.help}",
        short_help=command.short,
    )


def _run(command: Callable[[S], int], given: S) -> int:
    """Run a command, and see to it that its output is written.

    A SIGTERM, as of ``timeout``, is told of like Ctrl-C: an order may be on its way.
    """
    if sys.stdout is None:  # closed by who started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for the rest of the process
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = command(given)
        sys.stdout.flush()
    except BrokenPipeError:
        _write_to_nowhere()
        return ExitCode.PIPE_CLOSED
    except OSError as error:  # those of the network are translated
        _write_to_nowhere()
        raise OutputError(error) from error
    finally:
        signal.signal(signal.SIGTERM, before)
    return code


def _write_to_nowhere() -> None:
    """Discard what is still unwritten: its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
