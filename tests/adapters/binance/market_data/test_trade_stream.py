"""Public trades over real sockets: read, lost and connected again."""

import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from adapters.binance.market_data.trade_stream import TradeStream, read_trade
from domain.errors import MalformedMessageError
from domain.market.public_trades import PublicTrade, PublicTrades
from domain.values import Symbol
from tests.adapters.binance.conftest import MakeFeed
from tests.adapters.binance.loopback_venue import LoopbackVenue
from tests.adapters.witnesses import WAIT_SECONDS, Counts
from tests.system.waiting import eventually


BNB, BTC = Symbol("BNBUSDT"), Symbol("BTCUSDT")


def frame(trade_id: int, symbol: Symbol = BNB, **changes: Any) -> str:
    """An aggregate trade as of the venue's documentation."""
    data = {
        "e": "aggTrade",
        "E": 1_672_515_782_136,
        "s": symbol,
        "a": trade_id,
        "p": "270.50",
        "q": "1.5",
        "f": 100,
        "l": 105,
        "T": 1_672_515_782_999,
        "m": True,
        "M": True,
    }
    stream = f"{symbol.lower()}@aggTrade"
    return json.dumps({"stream": stream, "data": data | changes})


class Trades:
    """A recipient that keeps the trades that it is told of."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[PublicTrade] = queue.SimpleQueue()

    def tell(self, message: PublicTrades) -> bool:
        for trade in message.trades:
            self._queue.put(trade)
        return True

    def next_ids(self, count: int) -> list[int]:
        return [self._queue.get(timeout=WAIT_SECONDS).trade_id for _ in range(count)]

    def next(self) -> PublicTrade:
        return self._queue.get(timeout=WAIT_SECONDS)


@pytest.fixture
def told(venue: LoopbackVenue, make_feed: MakeFeed) -> Iterator[Trades]:
    told = Trades()
    with ExitStack() as stack:
        for stream in TradeStream.of_all([BNB, BTC], make_feed().context, told):
            stack.callback(stream.close)
            stream.start()
        yield told
    del venue


def test_trades_are_told_as_they_come(venue: LoopbackVenue, told: Trades) -> None:
    connection = venue.connection()
    assert connection.subscribed == {"bnbusdt@aggTrade", "btcusdt@aggTrade"}

    connection.send(frame(7))
    connection.send_as_one(frame(8), frame(1, BTC), frame(9))

    assert told.next() == PublicTrade(
        symbol=BNB,
        trade_id=7,
        price=Decimal("270.5"),
        quantity=Decimal("1.5"),
        second=1_672_515_782,
    )
    assert told.next_ids(3) == [8, 1, 9]


def test_a_lost_connection_is_made_anew(venue: LoopbackVenue, told: Trades) -> None:
    venue.connection().send(frame(1))
    assert told.next_ids(1) == [1]
    venue.connection().close()

    venue.connection(1).send(frame(5))

    assert told.next_ids(1) == [5]


def test_a_server_that_announces_its_end_is_left(
    venue: LoopbackVenue, told: Trades
) -> None:
    venue.connection().send('{"e":"serverShutdown","E":1770123456789}')
    venue.connection(1).send(frame(5))

    assert told.next_ids(1) == [5]


def test_a_venue_that_refuses_is_asked_again(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    venue.refuses_connections = True
    told = Trades()
    (stream,) = TradeStream.of_all([BNB], make_feed().context, told)
    stream.start()
    eventually(lambda: venue.attempts > 1, within_seconds=5, what="two attempts")
    venue.refuses_connections = False

    venue.connection().send(frame(5))

    assert told.next_ids(1) == [5]
    stream.close()


def test_an_unreadable_trade_takes_no_other_along(
    venue: LoopbackVenue, told: Trades, counts: Counts
) -> None:
    venue.connection().send(frame(1), "{", frame(2, p="x"), frame(3))

    assert told.next_ids(2) == [1, 3]
    assert counts.counts["feed_frames_unreadable"] == 2


def test_many_symbols_need_several_connections(
    venue: LoopbackVenue, make_feed: MakeFeed
) -> None:
    symbols = [Symbol(f"S{number}USDT") for number in range(5)]
    context = make_feed(symbols_per_connection=2).context

    assert len(TradeStream.of_all(symbols, context, Trades())) == 3
    assert venue.attempts == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"p": "0"},
        {"p": "-1"},
        {"p": "NaN"},
        {"p": 270.5},
        {"q": "0"},
        {"q": "1e20"},
        {"a": -1},
        {"T": -1},
        {"a": None},
        {"e": "trade"},
    ],
)
def test_what_is_no_trade_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessageError):
        read_trade(frame(1, **changes).encode())
