"""Makes click's commands of our options, so that all sources follow the same rules."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

import click

from adapters.configuration.options import Option


DEFAULT_COMMAND: Final = "serve"
HELP_WIDTH_MAX: Final = 100

S = TypeVar("S")


class Program(click.Group):
    """The group of commands; what is not one of them is an option of ``serve``."""

    def __init__(self, text: str, epilog: str) -> None:
        """Begin without commands.

        Args:
            text: what the program does, for its help.
            epilog: follows the list of commands there.
        """
        super().__init__(
            "run.py",
            help=text,
            epilog=epilog,
            context_settings={
                "help_option_names": ["-h", "--help"],
                "max_content_width": HELP_WIDTH_MAX,
            },
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Serve when no command is named."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


def calls(
    read: Callable[[Mapping[str, str | None], Mapping[str, str]], S],
    command: Callable[[S], int],
) -> Callable[..., int]:
    """Return what click calls: it reads the settings, and runs the command."""

    def call(**given: str | bool | None) -> int:
        return command(read(_texts(given), os.environ))

    return call


def _texts(given: Mapping[str, str | bool | None]) -> dict[str, str | None]:
    """Undo click's parsing of switches, so that all sources follow the same rules."""
    return {
        field: str(value).lower() if isinstance(value, bool) else value
        for field, value in given.items()
    }


def parameters(options: Iterable[Option]) -> list[click.Parameter]:
    """Describe options to click."""
    return [_parameter(option) for option in options]


def _parameter(option: Option) -> click.Parameter:
    if option.is_argument:
        # The settings check whether it was given, with their usual message.
        return click.Argument([option.field], metavar=option.metavar, required=False)
    if option.is_flag:
        return click.Option(
            [f"--{option.name}"], is_flag=True, default=None, help=_help(option)
        )
    if option.is_switch:
        names = f"--{option.name}/--no-{option.name}"
        return click.Option([names], default=None, help=_help(option))
    return click.Option(
        [f"--{option.name}"], metavar=option.metavar, help=_help(option)
    )


def _help(option: Option) -> str:
    if option.required:
        return f"{option.help} Required."
    if option.is_switch or option.is_flag or not option.default:
        return option.help
    return f"{option.help} [{option.default}]"
