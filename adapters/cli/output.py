"""What commands print: JSON for programs, lines and tables for people."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from adapters.cli.printable import printable
from adapters.cli.service_client import Reply
from adapters.cli.text_table import Column, fitting


if TYPE_CHECKING:
    from rich.console import Console

_FILE_WIDTH: Final = 10_000
"""Of a table that no terminal limits."""


class Output:
    """Where a command prints; what is not the result goes to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        """Print nothing yet.

        Args:
            as_json: the service's own objects, instead of words and tables.
        """
        self.as_json: Final = as_json
        self._console: Console | None = None

    @property
    def console(self) -> "Console":
        """The terminal, or the file in its place."""
        if self._console is None:
            self._console = _new_console()
        return self._console

    def answer(self, reply: Reply[Any], show: Callable[[], None]) -> None:
        """Print an answer as it came, or call ``show`` for a person."""
        if self.as_json:
            self.json(reply.body)
        else:
            show()

    def json(self, text: bytes) -> None:
        """Print a JSON document on a line of its own."""
        click.echo(text)

    def whole(self, text: str) -> None:
        """Print a whole file, as it is."""
        click.echo(text, nl=False)

    def line(self, text: str) -> None:
        """Print a line."""
        click.echo(printable(text))

    def table(self, columns: Sequence[Column]) -> None:
        """Print a table that fits the terminal; a file has room for all of it."""
        from rich.text import Text

        layout = fitting(columns, self.console.width)
        heading = layout.heading()
        if heading is not None:
            self.console.print(Text(heading, style="bold"))
        click.echo("\n".join(layout.rows()).rstrip("\n"))


def note(text: str) -> None:
    """Tell a person something on stderr that is not the result."""
    click.echo(printable(text), err=True)


def _new_console() -> "Console":
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # for the command's end, as any other write to it

    width = None if sys.stdout.isatty() else _FILE_WIDTH
    return Terminal(
        file=sys.stdout, width=width, highlight=False, markup=False, emoji=False
    )
