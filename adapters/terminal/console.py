"""The operator's terminal: the banner, and a summary of every order that ends."""

import io
import logging
import shutil
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, TextIO

import rich.console
from rich.console import RenderableType

from adapters.process.logs import PRINTER
from adapters.terminal.banner import StartFacts, start_banner
from adapters.terminal.summary_table import summary_lines
from adapters.trading_environment import TradingEnvironment
from domain.errors import StoreUnavailableError
from domain.orders.committed import CommittedEvent
from domain.orders.order import Order
from domain.orders.summary import FILLS_SHOWN_MAX, summarise
from domain.pages import PageWanted
from domain.ports.events import EventSource, EventSubscription
from domain.ports.queries import OrderQueries
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


READ_SECONDS: Final = 60.0
JOIN_SECONDS: Final = 0.05
"""Events committed within this time are read together, so that we wake rarely."""

RETRY_SECONDS: Final = 1.0
"""Pause between tries to read events that only the database has."""

WIDTH_MIN: Final = 80
WIDTH_MAX: Final = 120

logger = logging.getLogger(__name__)


class Console:
    """Prints to one stream, from a thread of its own, because writing may block.

    Prints a summary of every order whose end is among the committed events. Remembers
    no position over a restart: what ended while no console was running is no news to
    the operator who starts the service.

    A stream that is not a terminal gets the same text without control codes.
    """

    def __init__(
        self,
        *,
        stream: TextIO,
        events: EventSubscription,
        queries: OrderQueries,
        rules_of: Callable[[Symbol], SymbolRules],
        traded_on: TradingEnvironment,
    ) -> None:
        self._stream = stream
        self._events = events
        self._queries = queries
        self._rules_of = rules_of
        self._traded_on = traded_on
        self._banners: deque[StartFacts] = deque()
        self._closing = threading.Event()
        self._problem: str | None = None
        self._printer = threading.Thread(
            target=self._print_all, name=PRINTER, daemon=True
        )
        self._printer.start()

    def print_banner(self, facts: StartFacts) -> None:
        """Queue the banner before everything else; never waits for the terminal."""
        self._banners.append(facts)
        self._events.wake()

    def close(self, timeout_seconds: float = 2.0) -> bool:
        """Print what is queued, and end the thread.

        Returns:
            Whether everything was printed in time.
        """
        self._closing.set()
        self._events.wake()
        self._printer.join(timeout_seconds)
        return not self._printer.is_alive()

    def _print_all(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._closing.is_set()
            while events := self._read(0.0 if is_last else READ_SECONDS):
                for one in events:
                    self._print_banners()
                    if one.is_end:
                        self._print_summary(one.order)
                self._closing.wait(JOIN_SECONDS)
            self._print_banners()

    def _print_banners(self) -> None:
        while self._banners:
            self._print(start_banner(self._banners.popleft()))

    def _read(self, timeout_seconds: float) -> Sequence[CommittedEvent]:
        """Read committed events; an error must not stop trading."""
        try:
            events = self._events.read(timeout_seconds)
        except Exception as error:  # noqa: BLE001 - this thread's end is the service's
            self._wait_for_database(repr(error))
            return ()
        self._problem = None
        return events

    def _print_summary(self, order: Order) -> None:
        """Print the summary; an error must not stop trading."""
        try:
            self._print(self._read_summary(order))
        except Exception as error:  # noqa: BLE001 - this thread's end is the service's
            logger.warning(
                "Summary not printed order=%s error=%r", order.order_id, error
            )

    def _read_summary(self, order: Order) -> RenderableType:
        """Wait for the database as long as it is out of reach, but not at the end."""
        while True:
            try:
                return self._summary(order)
            except StoreUnavailableError as error:
                if self._closing.is_set():
                    raise
                self._wait_for_database(repr(error))

    def _wait_for_database(self, problem: str) -> None:
        if problem != self._problem:
            logger.warning("Summaries wait for the database error=%s", problem)
        self._problem = problem
        self._closing.wait(RETRY_SECONDS)

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
            # The reader of a pipe has ended, or the stream was closed.
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
    """Text in memory that will be shown in a given encoding."""

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


def open_console(
    events: EventSource,
    queries: OrderQueries,
    rules: Mapping[Symbol, SymbolRules],
    traded_on: TradingEnvironment,
    stack: ExitStack,
) -> Console:
    """Print to stdout what is committed from now on, until the stack is closed."""
    console = Console(
        stream=sys.stdout,
        events=events.subscribe("terminal"),
        queries=queries,
        rules_of=lambda symbol: rules.get(symbol, SymbolRules(symbol=symbol)),
        traded_on=traded_on,
    )
    stack.callback(console.close)
    return console
