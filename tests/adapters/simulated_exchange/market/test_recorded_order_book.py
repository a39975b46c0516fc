from decimal import Decimal
from pathlib import Path

import pytest

from adapters.simulated_exchange.market.amounts import SCALE, to_scaled
from adapters.simulated_exchange.market.level_queue import Resting, spare_nobody
from adapters.simulated_exchange.market.order_book import Execution
from adapters.simulated_exchange.market.recorded_book import RecordedBook
from adapters.simulated_exchange.market.recorded_events import (
    DepthEvent,
    TickerEvent,
    TradeEvent,
)
from adapters.simulated_exchange.market.recorded_order_book import RecordedOrderBook
from tests.adapters.simulated_exchange.clients import stream
from tests.adapters.simulated_exchange.trading.traders import Trader, running


RECORDINGS = Path(__file__).parents[5] / "shared" / "market-data"


class Replay:
    """A recorded book of bids 9.9 (2) and 9.8 (5), asks 10 (3) and 10.1 (4)."""

    def __init__(self) -> None:
        bids, asks = [("9.9", "2"), ("9.8", "5")], [("10", "3"), ("10.1", "4")]
        self.recorded = RecordedBook(1, bids, asks)
        self.book = RecordedOrderBook(self.recorded, 1000)
        self.fills: list[tuple[str, str]] = []
        self.book.on_fill = self._note

    def _note(self, execution: Execution, _is_buy: bool) -> None:  # noqa: FBT001 - see order_book.Filled
        self.fills.append((text(execution.price), text(execution.quantity)))

    def depth(
        self,
        bids: list[tuple[str, str]] | None = None,
        asks: list[tuple[str, str]] | None = None,
    ) -> None:
        last = self.recorded.last_update_id + 1
        event = DepthEvent(s="S", U=last, u=last, b=bids or [], a=asks or [])
        self.recorded.apply_depth(event)
        self.book.follow(event)

    def trade(self, price: str, quantity: str, *, buyer_is_maker: bool) -> None:
        event = TradeEvent(s="S", t=1, p=price, q=quantity, T=1, m=buyer_is_maker)
        self.book.follow(event)

    def sell(self, quantity: str, limit: str | None = None) -> list[tuple[str, str]]:
        taken = self.book.take(
            None if limit is None else to_scaled(limit),
            to_scaled(quantity),
            is_buy=False,
            spare=spare_nobody,
        )
        return [(text(one.price), text(one.quantity)) for one in taken.executions]

    def rest(self, price: str, quantity: str, *, is_buy: bool = False) -> Resting:
        order = Resting(
            owner=self,
            is_buy=is_buy,
            price=to_scaled(price),
            quantity=to_scaled(quantity),
        )
        return self.book.rest(order)


def text(scaled: int) -> str:
    return f"{(Decimal(scaled) / SCALE).normalize():f}"


def test_what_was_taken_is_missing_until_the_level_is_stated_again() -> None:
    replay = Replay()

    first = replay.sell("1.5")
    second = replay.sell("1")
    replay.depth(bids=[("9.9", "2")])
    third = replay.sell("1")

    assert first == [("9.9", "1.5")]
    assert second == [("9.9", "0.5"), ("9.8", "0.5")]
    assert third == [("9.9", "1")]


def test_a_limit_keeps_to_its_price() -> None:
    assert Replay().sell("9", "9.9") == [("9.9", "2")]


def test_a_resting_order_is_filled_when_the_recorded_book_comes_to_it() -> None:
    replay = Replay()
    replay.rest("10", "1")

    replay.depth(bids=[("10", "0.4")], asks=[("10", "0")])
    before = list(replay.fills)
    replay.depth(bids=[("10", "5")])

    assert before == [("10", "0.4")]
    assert replay.fills == [("10", "0.4"), ("10", "0.6")]
    assert next(replay.book.levels(is_buy=False)) == (to_scaled("10"), to_scaled("4.4"))


def test_recorded_trades_fill_whom_they_pass_and_those_at_their_price_in_turn() -> None:
    replay = Replay()
    replay.rest("10", "1")
    replay.rest("9.95", "1")

    replay.trade("10", "3.5", buyer_is_maker=False)
    behind = list(replay.fills)
    replay.trade("10", "1", buyer_is_maker=False)

    assert behind == [("9.95", "1")]
    assert replay.fills == [("9.95", "1"), ("10", "0.5")]


def test_trades_of_the_other_side_fill_nobody() -> None:
    replay = Replay()
    replay.rest("9.95", "1")

    replay.trade("9.95", "1", buyer_is_maker=True)

    assert replay.fills == []


def test_a_halted_symbol_fills_nobody_who_rests() -> None:
    replay = Replay()
    replay.rest("9.95", "1")

    replay.book.halt(halted=True)
    replay.trade("10", "1", buyer_is_maker=False)

    assert replay.fills == []


def test_clients_meet_each_other_in_a_recording_too() -> None:
    replay = Replay()
    replay.rest("9.95", "1", is_buy=True)
    gone = replay.rest("9.97", "1", is_buy=True)
    replay.book.leave(gone)

    sold = replay.sell("2")

    assert sold == [("9.95", "1"), ("9.9", "1")]
    assert replay.fills == [("9.95", "1")]


def test_a_symbol_known_by_its_touch_only_is_traded_at_the_touch() -> None:
    recorded = RecordedBook(0, [], [])
    book = RecordedOrderBook(recorded, 1)
    event = TickerEvent(s="S", u=1, b="9.9", B="2", a="10", A="3")
    recorded.apply_ticker(event)
    book.follow(event)

    taken = book.take(None, to_scaled("5"), is_buy=True, spare=spare_nobody)

    assert sum(one.quantity for one in taken.executions) == to_scaled("3")
    assert book.best(is_buy=True) == 0
    assert book.best(is_buy=False) == to_scaled("9.9")


@pytest.mark.skipif(not RECORDINGS.exists(), reason="needs ../shared/market-data")
def test_a_recording_is_traded_under_the_rules_of_a_saved_exchange_info() -> None:
    with (
        running(
            symbols=("BTCUSDT",),
            recording=RECORDINGS / "sessions/btcusdt-20240808",
            exchange_info=RECORDINGS / "exchange_info/spot-20240908-subset.json",
            start_delay_seconds=Decimal(0),
        ) as exchange,
        stream(exchange, "/ws/btcusdt@bookTicker") as tape,
    ):
        bid = tape.next()["b"]
        trader = Trader(exchange)
        sold = trader.placed(timeInForce="IOC", price="61000", quantity="0.5")
        bought = trader.placed(side="BUY", type="MARKET", timeInForce=None, price=None)
        refused = trader.refused(quantity="0.00005")
        resting = trader.placed(price="62000")
        info = trader.pool.request(
            "GET", f"{exchange.url}/api/v3/exchangeInfo?symbol=BTCUSDT"
        ).json()["symbols"][0]

    assert (sold["status"], bought["status"], resting["status"]) == (
        "FILLED",
        "FILLED",
        "NEW",
    )
    assert abs(Decimal(sold["fills"][0]["price"]) - Decimal(bid)) < 100
    assert refused[2] == "Filter failure: NOTIONAL"
    assert info["orderTypes"] == ["LIMIT", "LIMIT_MAKER", "MARKET"]
