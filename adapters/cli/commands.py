"""The commands of ``run.py``: they read options and call the given functions."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import metadata
from typing import Final, TypeVar

import click

from adapters.cli.halt import throw_switch
from adapters.cli.help_texts import (
    PROGRAM_EPILOG,
    PROGRAM_HELP,
    RELEASE_HELP,
    REPLAY_EPILOG,
    REPLAY_HELP,
    SERVE_EPILOG,
    SERVE_HELP,
    SETTLE_HELP,
    SIMULATE_EPILOG,
    SIMULATE_HELP,
    SWITCH_HELP,
)
from adapters.cli.on_hold import release_order, settle_child
from adapters.configuration.command_options import (
    REPLAY_OPTIONS,
    SERVE_OPTIONS,
    SIMULATE_OPTIONS,
)
from adapters.configuration.on_hold_settings import (
    RELEASE_OPTIONS,
    SETTLE_OPTIONS,
    read_release_settings,
    read_settle_settings,
)
from adapters.configuration.options import Option
from adapters.configuration.settings import (
    ReplaySettings,
    ServeSettings,
    SimulateSettings,
    read_replay_settings,
    read_serve_settings,
    read_simulate_settings,
)
from adapters.configuration.switch_settings import (
    SWITCH_OPTIONS,
    read_switch_settings,
)


DEFAULT_COMMAND: Final = "serve"
DISTRIBUTION: Final = "trade-executor"
HELP_WIDTH_MAX: Final = 100

SWITCHES: Final = {
    "halt": "Let no child order leave until it is resumed.",
    "resume": "Let child orders leave again.",
}

S = TypeVar("S")


def build_cli(
    *,
    serve: Callable[[ServeSettings], int],
    simulate: Callable[[SimulateSettings], int],
    replay: Callable[[ReplaySettings], int],
) -> click.Group:
    """Define the commands; ``adapters.cli.entry_point.run_cli`` runs them.

    Args:
        serve: runs the service; returns the exit code.
        simulate: runs the simulated exchange; returns the exit code.
        replay: runs a recording through the service; returns the exit code.
    """
    program = build_switches()
    program.params.append(_version_option())
    for command in (
        _serve_command(serve),
        _simulate_command(simulate),
        _replay_command(replay),
    ):
        program.add_command(command)
    return program


def build_switches() -> click.Group:
    """Define the operator's switches, which need none of the service's code."""
    program = _Program(
        "run.py",
        help=PROGRAM_HELP,
        epilog=PROGRAM_EPILOG,
        context_settings={
            "help_option_names": ["-h", "--help"],
            "max_content_width": HELP_WIDTH_MAX,
        },
    )
    for name, text in SWITCHES.items():
        program.add_command(_switch_command(name, text))
    program.add_command(_settle_command())
    program.add_command(_release_command())
    return program


def _serve_command(serve: Callable[[ServeSettings], int]) -> click.Command:
    return click.Command(
        "serve",
        callback=_caller(read_serve_settings, serve),
        params=_parameters(SERVE_OPTIONS),
        help=SERVE_HELP,
        short_help="Run the service; the default.",
        epilog=SERVE_EPILOG,
    )


def _simulate_command(simulate: Callable[[SimulateSettings], int]) -> click.Command:
    return click.Command(
        "simulate",
        callback=_caller(read_simulate_settings, simulate),
        params=_parameters(SIMULATE_OPTIONS),
        help=SIMULATE_HELP,
        short_help="Run only the simulated exchange.",
        epilog=SIMULATE_EPILOG,
    )


def _replay_command(replay: Callable[[ReplaySettings], int]) -> click.Command:
    return click.Command(
        "replay",
        callback=_caller(read_replay_settings, replay),
        params=_parameters(REPLAY_OPTIONS),
        help=REPLAY_HELP,
        short_help="Run a recording through the service.",
        epilog=REPLAY_EPILOG,
    )


def _switch_command(name: str, text: str) -> click.Command:
    return click.Command(
        name,
        callback=_caller(read_switch_settings, partial(throw_switch, name)),
        params=_parameters(SWITCH_OPTIONS),
        help=f"{text} {SWITCH_HELP}",
        short_help=text,
    )


def _settle_command() -> click.Command:
    return click.Command(
        "settle",
        callback=_caller(read_settle_settings, settle_child),
        params=_parameters(SETTLE_OPTIONS),
        help=SETTLE_HELP,
        short_help="State by hand what became of a child order.",
    )


def _release_command() -> click.Command:
    return click.Command(
        "release",
        callback=_caller(read_release_settings, release_order),
        params=_parameters(RELEASE_OPTIONS),
        help=RELEASE_HELP,
        short_help="Let an order on hold go on.",
    )


class _Program(click.Group):
    """The group of commands; what is not one of them is an option of ``serve``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


def _caller(
    read: Callable[[Mapping[str, str | None], Mapping[str, str]], S],
    command: Callable[[S], int],
) -> Callable[..., int]:
    def call(**given: str | bool | None) -> int:
        return command(read(_texts(given), os.environ))

    return call


def _texts(given: Mapping[str, str | bool | None]) -> dict[str, str | None]:
    """Undo click's parsing of switches, so that all sources follow the same rules."""
    return {
        field: str(value).lower() if isinstance(value, bool) else value
        for field, value in given.items()
    }


def _parameters(options: Iterable[Option]) -> list[click.Parameter]:
    return [_parameter(option) for option in options]


def _parameter(option: Option) -> click.Parameter:
    if option.is_argument:
        # The settings check whether it was given, with their usual message.
        return click.Argument([option.field], metavar=option.metavar, required=False)
    if option.is_switch:
        names = f"--{option.name}/--no-{option.name}"
        return click.Option([names], default=None, help=_help(option))
    return click.Option(
        [f"--{option.name}"], metavar=option.metavar, help=_help(option)
    )


def _help(option: Option) -> str:
    if option.required:
        return f"{option.help} Required."
    if option.is_switch or not option.default:
        return option.help
    return f"{option.help} [{option.default}]"


def _version_option() -> click.Option:
    def show(ctx: click.Context, _option: click.Parameter, wanted: object) -> None:
        if wanted:
            click.echo(f"{DISTRIBUTION} {_version()}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version and exit.",
    )


def _version() -> str:
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "(not installed: run make setup)"
