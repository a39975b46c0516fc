"""The operator's terminal: the banner, and a summary of every order that ends."""

import io
import logging
import shutil
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

import rich.console
from rich.console import RenderableType

from adapters.process.logs import PRINTER
from adapters.terminal.banner import StartFacts, start_banner
from adapters.terminal.summary_table import summary_lines
from adapters.trading_context import TradingContext
from domain.orders.order import Order
from domain.orders.summary import FILLS_SHOWN_MAX, summarise
from domain.pages import PageWanted
from domain.ports.observing import Announcer
from domain.ports.queries import OrderQueries
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


WAITING_MAX: Final = 1000
"""Orders whose summary may wait to be printed; the oldest give way, and are counted."""

WIDTH_MIN: Final = 80
WIDTH_MAX: Final = 120

logger = logging.getLogger(__name__)


class Console(Announcer):
    """Prints to one stream, from a thread of its own: nobody may read that stream.

    A stream that is no terminal gets the same text without control codes.
    """

    def __init__(
        self,
        *,
        stream: TextIO,
        queries: OrderQueries,
        rules_of: Callable[[Symbol], SymbolRules],
        traded_on: TradingContext,
    ) -> None:
        self._stream = stream
        self._queries = queries
        self._rules_of = rules_of
        self._traded_on = traded_on
        self._changed = threading.Condition()
        self._waiting: deque[Order | StartFacts] = deque()
        self._dropped = 0
        self._closing = False
        self._printer = threading.Thread(
            target=self._print_all, name=PRINTER, daemon=True
        )
        self._printer.start()

    def print_banner(self, facts: StartFacts) -> None:
        """Have the banner printed, before what waits; never waits for the terminal."""
        with self._changed:
            self._waiting.appendleft(facts)
            self._changed.notify()

    def order_ended(self, order: Order) -> None:
        """Have the summary printed; never waits for the terminal or the disk."""
        with self._changed:
            if len(self._waiting) >= WAITING_MAX:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(order)
            self._changed.notify()

    def close(self, timeout_seconds: float = 2.0) -> bool:
        """Print what waits.

        Returns:
            Whether everything was printed in time.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._printer.join(timeout_seconds)
        return not self._printer.is_alive()

    def _print_all(self) -> None:
        while (one := self._next()) is not None:
            if isinstance(one, StartFacts):
                self._print(start_banner(one))
            else:
                self._print_summary(one)

    def _next(self) -> Order | StartFacts | None:
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            dropped, self._dropped = self._dropped, 0
            one = self._waiting.popleft() if self._waiting else None
        if dropped:
            logger.warning("Summaries not printed count=%s", dropped)
        return one

    def _print_summary(self, order: Order) -> None:
        """Print the summary; whatever is wrong with it, trading goes on."""
        try:
            self._print(self._summary(order))
        except Exception as error:  # noqa: BLE001 - this thread's end is the service's
            logger.warning(
                "Summary not printed order=%s error=%r", order.order_id, error
            )

    def _summary(self, order: Order) -> RenderableType:
        wanted = PageWanted(limit=FILLS_SHOWN_MAX)
        first = self._queries.fill_page(order.order_id, wanted)
        totals = self._queries.fill_totals(order.order_id)
        return summary_lines(
            summarise(order, totals, first.items),
            rules=self._rules_of(order.symbol),
            traded_on=self._traded_on,
        )

    def _print(self, lines: RenderableType) -> None:
        terminal = self._stream.isatty()
        text = rendered(
            lines,
            width=_width(),
            encoding=self._stream.encoding or "ascii",
            colours=terminal,
        )
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as error:
            # The reader of a pipe has gone, or the stream was closed under us.
            logger.warning("Terminal not written to error=%s", error)


def rendered(
    lines: RenderableType, *, width: int, encoding: str = "utf-8", colours: bool = False
) -> str:
    """Return the text of ``lines``; box characters only where they can be encoded."""
    canvas = _Canvas(encoding)
    console = rich.console.Console(
        file=canvas,
        width=width,
        force_terminal=colours,
        force_interactive=False,
        color_system="auto" if colours else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(lines, crop=False)
    text = "\n".join(line.rstrip(" ") for line in canvas.getvalue().split("\n"))
    return text.encode(encoding, "replace").decode(encoding)


class _Canvas(io.StringIO):
    """Text in memory that is to be shown in some encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override] # a plain attribute in typeshed
        """Name of the encoding, which rich asks for to choose its box characters."""
        return self._encoding


def _width() -> int:
    columns = shutil.get_terminal_size((WIDTH_MIN, 0)).columns
    return min(max(columns, WIDTH_MIN), WIDTH_MAX)
