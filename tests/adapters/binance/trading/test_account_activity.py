"""Reading what the venue has recorded of the account."""

from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from adapters.binance.trading.trading_replies import time_of
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import Use, VenueLimits
from domain.orders.child_order import VenueFill
from domain.values import Side, Symbol
from domain.venue.answers import VenueActivity, VenueTrade
from tests.adapters.binance.trading.builders import child, order_body, trade_body
from tests.adapters.binance.trading.loopback import (
    KEY,
    Asked,
    Said,
    TradingServer,
    error,
    said,
)


BNBUSDT = Symbol("BNBUSDT")
ONE = child("2")
BUY = child("2", side=Side.BUY, number=2)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAY_MS = 86_400_000


class Records:
    """Answers as the venue does from what is in here."""

    def __init__(self, *trades: Any) -> None:
        self.trades = list(trades)
        self.orders: dict[str, Any] = {"28": order_body(ONE)}
        self.open: list[Any] = []
        self.orders_listed = 1000
        self.instead: dict[str, Said] = {}
        """Other answers to calls."""

    def __call__(self, asked: Asked) -> Said | None:
        if asked.call in self.instead:
            return self.instead[asked.call]
        if asked.call == "GET openOrders":
            return said(self.open)
        if asked.call == "GET allOrders":
            first = int(asked.fields["orderId"])
            most = min(int(asked.fields["limit"]), self.orders_listed)
            later = (one for one in self.orders.values() if one["orderId"] >= first)
            return said(list(islice(later, most)))
        if asked.call == "GET order":
            return said(self.orders[asked.fields["orderId"]])
        if asked.call == "GET myTrades":
            return said(self._page(asked.fields))
        return None

    def _page(self, fields: dict[str, str]) -> list[Any]:
        first = int(fields.get("fromId", 0))
        start, end = (
            int(fields.get("startTime", 0)),
            int(fields.get("endTime", 1 << 60)),
        )
        assert "fromId" not in fields or "startTime" not in fields
        assert end - start <= DAY_MS or "fromId" in fields
        found = [
            one
            for one in self.trades
            if one["id"] >= first and start <= one["time"] <= end
        ]
        return found[: int(fields["limit"])]


def read(venue: BinanceVenue, look_back: timedelta = HOUR) -> VenueActivity:
    activity = venue.activity(BNBUSDT, look_back)
    assert activity is not None
    return activity


def trade(server: TradingServer, trade_id: int = 57, **more: Any) -> Any:
    return trade_body(ONE, "0.5", trade_id) | {"time": server.now_ms - 60_000} | more


def test_trades_come_with_the_child_that_traded(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = Records(trade(server))

    activity = read(venue)

    assert activity == VenueActivity(
        symbol=BNBUSDT,
        since=activity.as_of - HOUR,
        until=activity.as_of,
        as_of=activity.as_of,
        trades=(
            VenueTrade(
                symbol=BNBUSDT,
                side=Side.SELL,
                child_id=ONE.child_id,
                trade=VenueFill(
                    price=Decimal("271.1"),
                    quantity=Decimal("0.5"),
                    fee=Decimal("0.001"),
                    fee_asset="BNB",
                    trade_id=57,
                    executed_at=time_of(server.now_ms - 60_000),
                ),
            ),
        ),
        open_children=(),
    )


def test_times_are_the_venues_own(server: TradingServer, venue: BinanceVenue) -> None:
    server.answers = Records()

    activity = read(venue)

    ahead = activity.as_of - time_of(server.now_ms)
    assert timedelta(0) <= ahead < timedelta(minutes=1)
    start_ms = int(server.last("GET myTrades").fields["startTime"])
    assert activity.since == time_of(start_ms)


def test_trades_of_others_have_no_child(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = Records(trade(server, orderId=5))
    records.orders["5"] = order_body(ONE, orderId=5, clientOrderId="web_1234567")
    server.answers = records

    (found,) = read(venue).trades

    assert found.child_id is None


def test_side_is_told_by_the_trade(server: TradingServer, venue: BinanceVenue) -> None:
    records = Records(trade(server, orderId=5, isBuyer=True))
    records.orders["5"] = order_body(BUY, orderId=5)
    server.answers = records

    (found,) = read(venue).trades

    assert (found.child_id, found.side) == (BUY.child_id, Side.BUY)


def test_an_order_is_asked_for_once(server: TradingServer, venue: BinanceVenue) -> None:
    server.answers = Records(trade(server, 57), trade(server, 58))

    read(venue)
    read(venue)

    assert server.calls().count("GET order") == 1


def test_children_of_ours_that_rest_are_told(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = Records()
    resting = order_body(ONE, "0", status="NEW")
    records.open = [resting, resting | {"orderId": 5, "clientOrderId": "web_1"}]
    server.answers = records

    assert read(venue).open_children == (ONE.child_id,)


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
def test_every_page_is_read(
    server: TradingServer, venue: BinanceVenue, count: int
) -> None:
    server.answers = Records(*(trade(server, number) for number in range(1, count + 1)))

    found = [one.trade.trade_id for one in read(venue).trades]

    assert found == list(range(1, count + 1))


def test_more_than_a_day_is_asked_for_in_spans_of_a_day(
    server: TradingServer, venue: BinanceVenue
) -> None:
    early = trade(server, 1, time=server.now_ms - DAY_MS - DAY_MS // 2)
    server.answers = Records(early, trade(server, 2))

    found = [one.trade.trade_id for one in read(venue, 3 * DAY).trades]

    assert found == [1, 2]
    assert server.calls().count("GET myTrades") == 3  # none, one, from there on


def test_a_trade_at_the_border_of_two_spans_is_told_once(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = Records(trade(server, 1, time=server.now_ms))

    assert len(read(venue, 2 * DAY).trades) == 1


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("GET openOrders", error(-1000, "no", 500)),
        ("GET myTrades", error(-1000, "no", 500)),
        ("GET order", error(-2013, "Order does not exist.")),
        ("GET openOrders", said({"not": "a list"})),
        ("GET myTrades", said([{"not": "a trade"}])),
        ("GET order", said([])),
        ("GET time", error(-1000, "no", 500)),
        ("GET myTrades", said([trade_body(ONE, "1", 9, symbol="BTCUSDT")])),
        ("GET myTrades", Said(cut=True)),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_not_read(
    server: TradingServer, venue: BinanceVenue, call: str, answer: Said
) -> None:
    records = Records(trade(server))
    records.instead[call] = answer
    server.answers = records

    assert venue.activity(BNBUSDT, HOUR) is None


def many(server: TradingServer, orders: range, *, trades: int = 1) -> Records:
    """Return the records of so many orders, each with so many trades."""
    numbers = ((one, trades * one + other) for one in orders for other in range(trades))
    records = Records(*(trade(server, number, orderId=one) for one, number in numbers))
    records.orders = {
        str(one): order_body(child("1", number=one), orderId=one) for one in orders
    }
    return records


def test_many_orders_are_named_by_the_list_of_all(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = many(server, range(1, 1501))

    trades = read(venue).trades

    assert [one.child_id for one in trades] == [
        child("1", number=one).child_id for one in range(1, 1501)
    ]
    assert server.calls().count("GET allOrders") == 2
    assert server.calls().count("GET order") == 0


def test_few_orders_are_named_one_by_one(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = many(server, range(1, 6))

    assert len(read(venue).trades) == 5
    assert server.calls().count("GET order") == 5
    assert server.calls().count("GET allOrders") == 0


def test_orders_far_apart_are_named_one_by_one(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = many(server, range(1, 61))
    for number in range(1, 61):  # and 999 that never traded behind each
        records.orders[str(number)]["orderId"] = 1000 * number
    for one in records.trades:
        one["orderId"] *= 1000
    records.orders = {str(one["orderId"]): one for one in records.orders.values()}
    records.orders_listed = 1
    server.answers = records

    assert len(read(venue).trades) == 60
    assert server.calls().count("GET allOrders") == 1


def test_a_look_further_back_than_the_venue_keeps_orders_says_from_when_it_looked(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = Records()

    activity = read(venue, 100 * DAY)

    assert activity.as_of - activity.since == 90 * DAY


def test_orders_that_the_list_of_all_lacks_yet_are_asked_for(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = many(server, range(1, 9))
    records.instead["GET allOrders"] = said([records.orders["8"]])
    server.answers = records

    assert len(read(venue).trades) == 8
    assert server.calls().count("GET allOrders") == 1
    assert server.calls().count("GET order") == 7


def test_more_than_can_be_read_at_once_is_read_from_its_beginning(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = many(server, range(1, 7), trades=2000)
    for one in records.trades:
        one["time"] = server.now_ms - 600_000 + one["id"]
    server.answers = records

    activity = read(venue)

    assert len(activity.trades) == 10_000
    assert activity.until == activity.trades[-1].trade.executed_at
    assert activity.as_of > activity.until


def test_what_was_read_before_something_failed_is_told(
    server: TradingServer, venue: BinanceVenue
) -> None:
    records = many(server, range(1, 4), trades=600)
    server.answers = lambda asked: (
        error(-1000, "no", 500) if "fromId" in asked.fields else records(asked)
    )

    activity = read(venue)

    assert len(activity.trades) == 1000
    assert activity.until == activity.trades[-1].trade.executed_at < activity.as_of


def test_reading_gives_way_where_the_limits_are_scarce(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits
) -> None:
    server.answers = Records()
    read(venue)
    asked = server.calls()
    used = str(6000 * Use.READ.value // 100)
    limits.learn({"X-MBX-USED-WEIGHT-1M": used}, 0)

    assert venue.activity(BNBUSDT, HOUR) is None
    assert server.calls() == asked


def test_what_goes_wrong_is_told_without_secrets(
    server: TradingServer, venue: BinanceVenue, caplog: pytest.LogCaptureFixture
) -> None:
    records = Records()
    records.instead["GET myTrades"] = error(-1000, f"no, {KEY}", 500)
    server.answers = records

    assert venue.activity(BNBUSDT, HOUR) is None

    assert "Records not read symbol=BNBUSDT" in caplog.text
    assert KEY not in caplog.text
