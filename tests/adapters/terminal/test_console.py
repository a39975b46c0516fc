import io
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from adapters.events.stream import EventStream
from adapters.replay.memory_store import MemoryStore
from adapters.terminal import console as console_module
from adapters.terminal.banner import StartFacts
from adapters.terminal.console import Console
from adapters.trading_environment import TradingEnvironment
from domain.errors import StoreUnavailableError, UnreadableRecordError
from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.committed import NOBODY_KNOWS, EventPage, Position
from domain.orders.order import Order, OrderEvent, OrderStatus, OrderStep
from domain.orders.records import NewOrder, OrderChange, Record
from domain.orders.stored_orders import (
    BookedFill,
    ChildHistory,
    FillFilter,
    OpenOrderKey,
    OrderFilter,
    OrderPage,
    OrderPast,
    OrderTouches,
    StoredChild,
)
from domain.orders.summary import FILLS_SHOWN_MAX, FillTotals, add_up
from domain.pages import Page, PageWanted
from domain.ports.queries import OrderQueries
from domain.values import ZERO, ChildId, OrderId, Symbol
from tests.adapters.terminal.ended_orders import FILLS, ORDER, RULES


class FakeQueries(OrderQueries):
    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.trouble: Exception | None = None

    def order(self, order_id: OrderId) -> Order | None:
        raise NotImplementedError

    def orders(self, wanted: OrderFilter) -> OrderPage:
        raise NotImplementedError

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        raise NotImplementedError

    def open_keys(
        self, symbol: Symbol | None, before: int | None, limit: int
    ) -> Sequence[OpenOrderKey]:
        raise NotImplementedError

    def event_page(self, order_id: OrderId, wanted: PageWanted) -> Page[OrderEvent]:
        raise NotImplementedError

    def child_page(self, order_id: OrderId, wanted: PageWanted) -> Page[StoredChild]:
        raise NotImplementedError

    def touches(self, order_id: OrderId) -> OrderTouches:
        raise NotImplementedError

    def past(self, order: Order) -> OrderPast:
        raise NotImplementedError

    def traded_seconds(self, wanted: PathWanted, most: int) -> Sequence[TradedSecond]:
        raise NotImplementedError

    def price_path(self, wanted: PathWanted, page: PageWanted) -> Page[PricePoint]:
        raise NotImplementedError

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        raise NotImplementedError

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        assert order_id.startswith("ORDER")
        return add_up(FILLS)

    def booked_fills(self, wanted: FillFilter) -> Page[BookedFill]:
        raise NotImplementedError

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        assert wanted == PageWanted(limit=FILLS_SHOWN_MAX)
        assert order_id.startswith("ORDER")
        self.asked.set()
        assert self.go_on.wait(10)
        if self.trouble is not None:
            raise self.trouble
        return Page(items=tuple(FILLS))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Printed(io.StringIO):
    """Says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count


class ClosedPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(text[:1])


def event_of(order: Order, step: OrderStep) -> OrderEvent:
    return OrderEvent(
        order_id=order.order_id,
        number=order.version,
        step=step,
        status=order.status,
        occurred_at=order.updated_at,
    )


class Told:
    """A stream of events, of which the terminal follows what is told from now on."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.stream = EventStream(self.store, waiting_max=2)

    def accept(self, order: Order) -> None:
        """Have an order accepted that will be filled."""
        new = replace(order, version=1, status=OrderStatus.NEW, filled=ZERO)
        event = event_of(new, OrderStep.ACCEPTED)
        self._write(
            NewOrder(order=new, event=event, idempotency_key=None, fingerprint="")
        )

    def end(self, order: Order) -> None:
        """Have an order accepted, and filled at once."""
        self.accept(order)
        event = event_of(order, OrderStep.FILLED)
        self._write(OrderChange(order=order, events=(event,)))

    def _write(self, record: Record) -> None:
        self.store.write([record])
        self.stream.publish(self.store.committed())


Open = Callable[..., Console]


@pytest.fixture
def queries() -> FakeQueries:
    return FakeQueries()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def open_console(queries: FakeQueries, told: Told) -> Iterator[Open]:
    opened: list[Console] = []

    def open_console(stream: io.StringIO) -> Console:
        console = Console(
            stream=stream,
            events=told.stream.subscribe("terminal"),
            queries=queries,
            rules_of=lambda _symbol: RULES,
            traded_on=TradingEnvironment(market="simulated", venue="paper"),
        )
        opened.append(console)
        return console

    yield open_console
    queries.go_on.set()
    assert all(console.close(10) for console in opened)


def order(number: int) -> Order:
    return replace(
        ORDER, order_id=OrderId(f"ORDER{number}"), sequence=number + 1, version=2
    )


def test_closing_prints_every_summary_that_waits(
    open_console: Open, told: Told
) -> None:
    stream = io.StringIO()
    console = open_console(stream)

    for number in range(3):
        told.end(order(number))

    assert console.close(10)
    assert [f"Order ORDER{n}:" in stream.getvalue() for n in range(3)] == [True] * 3
    assert "Gain over the limit: 80 USDT" in stream.getvalue()


def test_a_terminal_that_nobody_reads_holds_nobody_up_and_misses_nothing(
    open_console: Open, queries: FakeQueries, told: Told
) -> None:
    queries.go_on.clear()
    stream = io.StringIO()
    console = open_console(stream)
    told.end(order(0))
    assert queries.asked.wait(10)

    for number in range(1, 6):
        told.end(order(number))
    assert not console.close(0.01)
    queries.go_on.set()
    assert console.close(10)

    headlines = [n for n in range(6) if stream.getvalue().count(f"ORDER{n}:") == 1]
    assert headlines == [0, 1, 2, 3, 4, 5]


def test_what_ended_before_the_start_is_not_printed(
    open_console: Open, told: Told
) -> None:
    told.end(order(0))
    stream = io.StringIO()
    console = open_console(stream)

    told.end(order(1))

    assert console.close(10)
    assert "ORDER0:" not in stream.getvalue()
    assert "ORDER1:" in stream.getvalue()


def test_an_order_that_goes_on_has_no_summary(open_console: Open, told: Told) -> None:
    stream = io.StringIO()
    console = open_console(stream)

    ended = order(0)
    told.end(ended)
    told.accept(order(1))

    assert console.close(10)
    assert "ORDER0:" in stream.getvalue()
    assert "ORDER1:" not in stream.getvalue()


class Unreachable(MemoryStore):
    """A store that readers cannot reach for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.asked = threading.Event()

    def events_after(self, position: Position, limit: int) -> EventPage:
        if self.is_away:
            self.asked.set()
            raise StoreUnavailableError("locked")
        return super().events_after(position, limit)


def test_summaries_wait_for_a_database_out_of_reach(
    open_console: Open,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(console_module, "RETRY_SECONDS", 0.001)
    told.store = store = Unreachable()
    told.stream = EventStream(store, waiting_max=2)
    stream = Printed()
    console = open_console(stream)
    store.is_away = True
    store.asked.clear()
    told.stream.publish(NOBODY_KNOWS)
    assert store.asked.wait(10)

    told.end(order(0))
    store.is_away = False

    assert stream.written.wait(10)
    assert console.close(10)
    assert "ORDER0:" in stream.getvalue()
    warnings = [one.getMessage() for one in caplog.records]
    assert len(warnings) == 1
    assert warnings[0].startswith("Summaries wait for the database")


def test_summary_waits_while_its_fills_are_out_of_reach(
    open_console: Open,
    told: Told,
    queries: FakeQueries,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(console_module, "RETRY_SECONDS", 0.001)
    queries.trouble = StoreUnavailableError("locked")
    stream = Printed()
    console = open_console(stream)

    told.end(order(1))
    for _ in range(2):
        assert queries.asked.wait(10)
        queries.asked.clear()
    queries.trouble = None

    assert stream.written.wait(10)
    assert console.close(10)
    assert "ORDER1:" in stream.getvalue()
    warnings = [one.getMessage() for one in caplog.records]
    assert len(warnings) == 1
    assert warnings[0].startswith("Summaries wait for the database")


@pytest.mark.parametrize(
    "trouble",
    [
        StoreUnavailableError("locked"),  # until the end, which does not wait
        UnreadableRecordError("ORDER1"),
        ValueError("of a row that somebody changed by hand"),
    ],
)
def test_what_cannot_be_read_costs_one_summary_and_a_warning(
    open_console: Open,
    told: Told,
    queries: FakeQueries,
    trouble: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    queries.trouble = trouble
    stream = io.StringIO()
    console = open_console(stream)

    told.end(order(1))
    assert queries.asked.wait(10)
    told.end(order(2))

    assert console.close(10)
    assert stream.getvalue() == ""
    for number in (1, 2):
        line = f"Summary not printed order=ORDER{number} error={trouble!r}"
        assert line in caplog.text


def test_a_closed_terminal_is_a_warning(
    open_console: Open, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    console = open_console(ClosedPipe())

    told.end(order(1))

    assert console.close(10)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize(
    ("kind", "term", "coloured"),
    [
        (Terminal, "xterm-256color", True),
        (Terminal, "dumb", False),
        (io.StringIO, "xterm-256color", False),
    ],
)
def test_only_a_capable_terminal_gets_control_codes(
    open_console: Open,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[io.StringIO],
    term: str,
    *,
    coloured: bool,
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = kind()
    console = open_console(stream)

    told.end(order(1))

    assert console.close(10)
    assert ("\x1b" in stream.getvalue()) is coloured


def test_a_narrow_terminal_gets_80_columns(
    open_console: Open, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = io.StringIO()
    console = open_console(stream)

    told.end(order(1))

    assert console.close(10)
    assert 60 < max(len(line) for line in stream.getvalue().splitlines()) <= 80


def test_the_banner_is_out_when_the_console_is_closed(open_console: Open) -> None:
    stream = io.StringIO()
    facts = StartFacts(
        market="simulated",
        venue="paper",
        live=False,
        symbols=(ORDER.symbol,),
        database="sqlite:///x.db",
        url="http://127.0.0.1:8080",
        recovered_orders=0,
    )

    console = open_console(stream)
    console.print_banner(facts)

    assert console.close(10)
    assert "http://127.0.0.1:8080" in stream.getvalue()
