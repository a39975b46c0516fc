"""How things are now, as clients of the push stream are told."""

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import replace
from decimal import Decimal

from adapters.http.push_listener import ListenerLimits, PushListener
from adapters.http.state_board import State, StateBoard, StatePace, States
from adapters.http.state_names import StateName
from adapters.http.stream_selection import EVERYTHING
from domain.errors import DeskTimeoutError
from domain.market.updates import BookView
from domain.orders.committed import BEGINNING
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.risk.halt import HaltSet
from domain.values import Symbol
from tests.adapters.http.fakes import BNBUSDT, BOOK, ETHBTC, READY, FakeDesk
from tests.adapters.http.pushing import SETTINGS, PushServer
from tests.adapters.http.talking import PATIENCE_SECONDS
from tests.adapters.http.test_event_push import in_a_loop
from tests.adapters.http.test_event_push_races import Connection


QUICK = replace(SETTINGS, linger_seconds=60, state_pace=StatePace(seconds=0.001))
GAP = SymbolStatus(symbol=BNBUSDT, book_state=BookState.GAP, detail="4 missed")


@in_a_loop
async def test_a_client_is_told_how_things_are_when_it_comes() -> None:
    async with PushServer(settings=QUICK) as server:
        server.commit(3)
        client = await server.listen(query="topics=symbols,halt,service&symbol=BNBUSDT")

        states = await client.read_states("symbol", "halt", "service")

    assert states["symbol"] == {
        "symbol": "BNBUSDT",
        "can_trade": True,
        "state": "SYNCED",
        "pause": None,
        "detail": "",
        "waiting_orders": 3,
        "lag_seconds": 0.042,
        "reconciliation": None,
    }
    assert states["halt"]["halted"] is False
    assert states["service"] == {
        "status": "ok",
        "market": "simulated",
        "venue": "paper",
        "real_money": False,
        "intake": {"ok": True, "problem": None},
        "orders_on_hold": None,
        "commit_seconds": 0.002,
        "position": "0-3",
        "time": "2026-01-02T03:05:35.678901Z",
    }


@in_a_loop
async def test_a_client_is_told_what_has_changed_and_nothing_else() -> None:
    async with PushServer(settings=QUICK) as server:
        client = await server.listen(query="topics=symbols,halt")
        for _ in range(3):
            await client.read()

        server.desk.set_halt(is_on=True, reason="look")
        halt = await client.read()
        server.desk.ready = replace(READY, symbols=(GAP, *READY.symbols[1:]))
        symbol = await client.read()

    assert (halt.id, halt.kind, halt.data["reason"]) == (None, "halt", "look")
    assert (symbol.kind, symbol.data["symbol"]) == ("symbol", "BNBUSDT")
    assert (symbol.data["state"], symbol.data["detail"]) == ("GAP", "4 missed")


@in_a_loop
async def test_a_lag_is_told_again_when_it_has_passed_a_second() -> None:
    async with PushServer(settings=QUICK) as server:
        client = await server.listen(query="topics=symbols&symbol=BNBUSDT")
        lags = [(await client.read()).data["lag_seconds"]]
        for lag_ns in (900_000_000, 1_100_000_000, 1_800_000_000, 2_000_000_000):
            server.desk.ready = replace(
                READY, symbols=(replace(READY.symbols[0], lag_ns=lag_ns),)
            )
            if lag_ns // 10**9 != int(lags[-1]):
                lags.append((await client.read()).data["lag_seconds"])

    assert lags == [0.042, 1.1, 2.0]


@in_a_loop
async def test_what_nobody_can_say_is_told_until_somebody_can() -> None:
    async with PushServer(settings=QUICK) as server:
        client = await server.listen(query="topics=service,halt")
        await client.read_states("service", "halt")

        server.desk.error = DeskTimeoutError("no answer")
        told = [await client.read(), await client.read()]
        server.desk.error = None
        states = await client.read_states("service", "halt")

    assert {one.kind for one in told} == {"unanswered"}
    assert {one.data["topic"] for one in told} == {"service", "halt"}
    assert told[0].data["detail"] == "no answer"
    assert states["halt"]["halted"] is False


class MuteDesk(FakeDesk):
    """Answers when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Future[HaltSet]] = []

    def halt(self) -> Future[HaltSet]:  # type: ignore[override] # never refuses
        self.asked.append(Future())
        return self.asked[-1]


@in_a_loop
async def test_a_desk_that_does_not_answer_is_not_asked_again_and_said_so() -> None:
    desk = MuteDesk()
    settings = replace(QUICK, state_pace=StatePace(seconds=0, answer_seconds_max=0.01))
    async with PushServer(desk=desk, settings=settings) as server:
        client = await server.listen(query="topics=halt")
        mute = await client.read()
        assert (mute.kind, mute.data["topic"]) == ("unanswered", "halt")
        (asked,) = desk.asked

        asked.set_result(desk.switch)

        assert (await client.read()).kind == "halt"


@in_a_loop
async def test_nobody_is_asked_when_no_client_wants_to_know() -> None:
    async with PushServer(settings=QUICK) as server:
        client = await server.listen(query="topics=halt")
        await client.read_kind("halt")
        client.close()
        await server.handlers[0]
        await asyncio.gather(*server.push._board._tasks.values())
        server.desk.set_halt(is_on=True, reason="meanwhile")

        back = await server.listen(query="topics=halt")

        assert (await back.read_kind("halt")).data["reason"] == "meanwhile"


async def turn() -> None:
    """Let everybody else run once."""
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned


FIXED = StateName("fixed")


class Counter:
    """Implements ``StateReader``: how often it was asked."""

    def __init__(self) -> None:
        self.reads = 0

    def group_of(self, name: StateName) -> str:
        return name.symbol

    async def read(self, group: str, names: frozenset[StateName]) -> States:
        assert not group
        self.reads += 1
        return {
            name: State(b"event: fixed\ndata: %d\n\n" % self.reads, self)
            if name == FIXED
            else State(b"event: n\ndata: %d\n\n" % self.reads, self.reads)
            for name in names
        }

    def stop(self) -> None:
        pass


@in_a_loop
async def test_a_client_that_does_not_read_is_sent_the_latest_when_it_does() -> None:
    counter = Counter()
    board = StateBoard(counter, StatePace(seconds=0, seconds_max=0))
    connection, quick = Connection(), Connection()
    for one in (connection, quick):
        listener = PushListener(
            one, BEGINNING, EVERYTHING, ListenerLimits(), lambda *_: None
        )
        board.join(listener, frozenset({StateName("number"), FIXED}))

    async def read_times(reads: int) -> None:
        while counter.reads < reads:
            quick.read_all()
            await turn()

    await read_times(5)
    assert connection.unread
    first = connection.received
    connection.read_all()
    await read_times(7)  # what was read before has been told then
    board.stop()

    assert first.count(b"event: n\n") == 1
    assert first.count(b"event: fixed\n") == 1
    rest = connection.received.removeprefix(first)
    assert rest.startswith(b"event: n\ndata: ")
    assert rest.count(b"event: ") == 1
    assert quick.received.count(b"event: n\n") >= 4
    assert quick.received.count(b"event: fixed\n") == 1


@in_a_loop
async def test_a_book_is_read_once_for_all_who_want_it_and_told_when_it_changes() -> (
    None
):
    async with PushServer(settings=QUICK) as server:
        deep = await server.listen(query="topics=book:BNBUSDT&levels=100")
        first = await deep.read()
        narrow = await server.listen(query="topics=book:BNBUSDT&levels=5")
        same = await narrow.read()

    assert (first.id, first.kind) == (None, "book")
    assert first.data == same.data
    assert first.data["bids"] == [["270.1", "1.5"], ["270", "2"]]
    assert first.data["update_id"] == 77
    assert set(server.desk.limits) == {100}


@in_a_loop
async def test_each_is_sent_as_many_levels_as_it_wants() -> None:
    level = (Decimal(270), Decimal(1))
    desk = DeepDesk(replace(BOOK, bids=(level,) * 30, asks=(level,) * 3))
    async with PushServer(desk=desk, settings=QUICK) as server:
        deep = await server.listen(query="topics=book:BNBUSDT")
        narrow = await server.listen(query="topics=book:BNBUSDT&levels=5")
        books = [(await one.read()).data for one in (deep, narrow)]

    assert [len(book["bids"]) for book in books] == [20, 5]
    assert [len(book["asks"]) for book in books] == [3, 3]


@in_a_loop
async def test_a_book_that_nobody_shows_is_said_and_holds_up_no_other() -> None:
    desk = DeepDesk(BOOK)
    settings = replace(QUICK, state_pace=StatePace(seconds=0, answer_seconds_max=0.01))
    async with PushServer(desk=desk, settings=settings) as server:
        desk.stuck.clear()
        mute = await server.listen(query="topics=book:ETHBTC")
        told = await mute.read()
        other = await server.listen(query="topics=book:BNBUSDT")
        assert (await other.read()).kind == "book"
        assert (told.kind, told.data["topic"]) == ("unanswered", "book:ETHBTC")

        desk.stuck.set()

        assert (await mute.read()).kind == "book"


class DeepDesk(FakeDesk):
    """Has a book of its own; does not answer about ETHBTC while it is stuck."""

    def __init__(self, book: BookView) -> None:
        super().__init__()
        self.shown = book
        self.stuck = threading.Event()
        self.stuck.set()

    def book(self, symbol: Symbol, limit: int) -> BookView:
        if symbol == ETHBTC:
            assert self.stuck.wait(PATIENCE_SECONDS)
        book = replace(self.shown, symbol=symbol)
        return replace(book, bids=book.bids[:limit], asks=book.asks[:limit])
