"""Finding out what became of a child that may have been sent."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.binance.trading.venue import BinanceVenue
from domain.orders.child_order import ChildOrder, ChildStatus, FollowUp
from domain.values import Side
from domain.venue.answers import PauseReason, VenueAnswer
from tests.adapters.binance.trading.builders import child, order_body, trade_body
from tests.adapters.binance.trading.loopback import (
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


ABSENT = error(-2013, "Order does not exist.")
ONE = child("2")


class Script:
    """Says the same to every question of a kind."""

    def __init__(self, **replies: Said) -> None:
        self.replies = replies
        self.by_number: dict[str, Said] = {}

    def __call__(self, asked: Asked) -> Said | None:
        if asked.call == "GET order" and "orderId" in asked.fields:
            return self.by_number[asked.fields["orderId"]]
        return self.replies.get(asked.call.removeprefix("GET "))


def look_up(
    venue: BinanceVenue,
    clock: HandClock,
    one: ChildOrder = ONE,
    *,
    thoroughly: bool = False,
) -> VenueAnswer:
    since = clock.now() - timedelta(seconds=30)
    return venue.look_up(one, since=since, thoroughly=thoroughly)


def is_unknown(answer: VenueAnswer) -> bool:
    return answer.result is None and not answer.is_absent and bool(answer.detail)


def test_ended_child_is_done_once_its_trades_add_up(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    trades = [trade_body(ONE, "0.5", 57), trade_body(ONE, "1.5", 56)]
    server.answers = Script(order=said(order_body(ONE)), myTrades=said(trades))

    answer = look_up(venue, clock)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    assert [(fill.trade_id, fill.quantity) for fill in answer.result.fills] == [
        (56, Decimal("1.5")),
        (57, Decimal("0.5")),
    ]
    assert server.last("GET order").fields["origClientOrderId"] == ONE.child_id
    assert server.last("GET myTrades").fields["orderId"] == "28"


def test_child_that_ended_unfilled_is_done_without_asking_for_trades(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=said(order_body(ONE, "0")))

    answer = look_up(venue, clock)

    assert answer.result is not None
    assert (answer.result.status, answer.result.fills) == (ChildStatus.DONE, ())
    assert answer.result.reason == "EXPIRED"
    assert server.calls() == ["GET order"]


def test_rejected_child_is_rejected(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=said(order_body(ONE, "0", status="REJECTED")))

    answer = look_up(venue, clock)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.REJECTED
    assert answer.result.follow_up is FollowUp.WAIT


@pytest.mark.parametrize(
    "trades",
    [
        [],
        [trade_body(ONE, "1.5", 56)],
        [trade_body(ONE, "1.5", 56), trade_body(ONE, "0.5", 57, orderId=29)],
        [trade_body(ONE, "1", 56), trade_body(ONE, "1", 56)],
        [trade_body(ONE, "2", 56), trade_body(ONE, "1", 57)],
        [trade_body(ONE, "2", 56, isBuyer=True)],
        [trade_body(ONE, "2", 56, symbol="BTCUSDT")],
        [trade_body(ONE, "2", 56, price="-1")],
        {"not": "a list"},
    ],
)
def test_trades_that_do_not_add_up_leave_the_outcome_unknown(
    server: TradingServer, venue: BinanceVenue, clock: HandClock, trades: Any
) -> None:
    server.answers = Script(order=said(order_body(ONE)), myTrades=said(trades))

    assert is_unknown(look_up(venue, clock))


@pytest.mark.parametrize(
    "order",
    [
        said(order_body(ONE, "0", status="NEW")),
        said(order_body(ONE, "1", status="PARTIALLY_FILLED")),
        said(order_body(ONE, "1", status="OF_NEXT_YEAR")),
        said(order_body(ONE, "3")),
        said(order_body(ONE, side="BUY")),
        said(order_body(ONE, clientOrderId="web_7")),
        said({}),
        Said(body="<html>"),
        error(-1000, "unknown", 500),
        Said(status=504),
        Said(cut=True),
        error(-1003, "too much", 429),
        error(-2015, "Invalid API-key", 401),
    ],
)
def test_anything_but_a_clear_end_leaves_the_outcome_unknown(
    server: TradingServer, venue: BinanceVenue, clock: HandClock, order: Said
) -> None:
    server.answers = Script(order=order)

    assert is_unknown(look_up(venue, clock))


def test_what_a_question_teaches_about_all_orders_is_told(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=error(-2015, "Invalid API-key, IP", 401))

    answer = look_up(venue, clock)

    assert answer.pause is not None
    assert answer.pause.reason is PauseReason.KEYS_REJECTED


def test_child_that_the_venue_does_not_know_is_absent(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=ABSENT)

    answer = look_up(venue, clock)

    assert (answer.result, answer.is_absent) == (None, True)
    assert server.calls() == ["GET order"]


def test_archived_child_ended_without_a_fill(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=error(-2026, "Order was canceled or expired ..."))

    answer = look_up(venue, clock)

    assert answer.result is not None
    assert (answer.result.status, answer.result.fills) == (ChildStatus.DONE, ())


def test_child_is_absent_for_certain_when_every_source_is_silent(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=ABSENT, openOrders=said([]), myTrades=said([]))

    answer = look_up(venue, clock, thoroughly=True)

    assert answer.is_absent
    assert server.calls() == ["GET order", "GET openOrders", "GET myTrades"]
    start_ms = int(server.last("GET myTrades").fields["startTime"])
    assert start_ms == server.now_ms - 330_000


@pytest.mark.parametrize("source", ["openOrders", "myTrades"])
@pytest.mark.parametrize(
    "trouble", [Said(status=502), Said(cut=True), Said(body="{}"), said([{}])]
)
def test_child_is_not_absent_when_one_source_has_trouble(
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
    source: str,
    trouble: Said,
) -> None:
    script = Script(order=ABSENT, openOrders=said([]), myTrades=said([]))
    script.replies[source] = trouble
    server.answers = script

    assert is_unknown(look_up(venue, clock, thoroughly=True))


def test_a_clock_that_was_set_back_makes_the_search_longer(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=ABSENT, openOrders=said([]), myTrades=said([]))
    intended = clock.now() + timedelta(hours=1)

    answer = venue.look_up(ONE, since=intended, thoroughly=True)

    assert answer.is_absent
    first = next(one for one in server.asked if one.call == "GET myTrades")
    assert int(first.fields["startTime"]) == server.now_ms - 86_700_000


def test_a_search_ends_a_day_after_the_child_was_to_go(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    server.answers = Script(order=ABSENT, openOrders=said([]), myTrades=said([]))
    intended = clock.now() - timedelta(days=10)

    answer = venue.look_up(ONE, since=intended, thoroughly=True)

    assert answer.is_absent
    assert server.calls().count("GET myTrades") == 1


def test_child_among_the_open_orders_is_not_absent(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    open_one = order_body(ONE, "0", status="NEW")
    server.answers = Script(order=ABSENT, openOrders=said([open_one]))

    assert is_unknown(look_up(venue, clock, thoroughly=True))


def test_child_that_only_its_trades_betray_is_found(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    trades = [
        trade_body(ONE, "5", 54, orderId=26, isBuyer=True),
        trade_body(ONE, "4", 55, orderId=27),
        trade_body(ONE, "2", 56),
    ]
    script = Script(order=ABSENT, openOrders=said([]), myTrades=said(trades))
    foreign = order_body(child("4"), orderId=27, clientOrderId="somebody-else")
    script.by_number = {"27": said(foreign), "28": said(order_body(ONE))}
    server.answers = script

    answer = look_up(venue, clock, thoroughly=True)

    assert answer.result is not None
    assert [fill.trade_id for fill in answer.result.fills] == [56]


def test_orders_of_others_are_asked_about_only_once(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    script = Script(
        order=ABSENT,
        openOrders=said([]),
        myTrades=said([trade_body(ONE, "4", 55, orderId=27)]),
    )
    foreign = order_body(child("4"), orderId=27, clientOrderId="somebody-else")
    script.by_number = {"27": said(foreign)}
    server.answers = script

    answers = [look_up(venue, clock, thoroughly=True) for _ in range(3)]

    assert [answer.is_absent for answer in answers] == [True, True, True]
    assert server.calls().count("GET order") == 3 + 1


def test_order_with_trades_that_cannot_be_asked_about_proves_nothing(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    script = Script(
        order=ABSENT,
        openOrders=said([]),
        myTrades=said([trade_body(ONE, "4", 55, orderId=27)]),
    )
    script.by_number = {"27": ABSENT}
    server.answers = script

    assert is_unknown(look_up(venue, clock, thoroughly=True))


def test_trades_are_read_page_by_page(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    one = child("1001")
    trades = [trade_body(one, "1", number) for number in range(1, 1002)]

    def answers(asked: Asked) -> Said | None:
        if asked.call == "GET order":
            return said(order_body(one))
        start = int(asked.fields.get("fromId", "0"))
        later = [trade for trade in trades if trade["id"] >= start]
        return said(later[:1000]) if asked.call == "GET myTrades" else None

    server.answers = answers

    answer = look_up(venue, clock, one)

    assert answer.result is not None
    assert len(answer.result.fills) == 1001
    assert server.last("GET myTrades").fields["fromId"] == "1001"


RECORDED_CHILD = child("0.01", "7700", symbol="BTCUSDT")


def replies_on_record(shared: Path) -> dict[str, dict[str, Any]]:
    path = shared / "order_responses" / "recorded.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    return {one["case"]: one for line in lines if line for one in [json.loads(line)]}


def as_ours(body: Any, one: ChildOrder) -> Any:
    """A recorded order, under the id that ours would have had."""
    return body | {"clientOrderId": one.child_id}


def test_recorded_orders_and_trades_are_read(
    shared_market_data: Path,
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
) -> None:
    on_record = replies_on_record(shared_market_data)
    order = on_record["query_limit_ioc_sell_price_improvement"]["body"]
    trades = on_record["my_trades_of_that_order"]["body"]
    server.answers = Script(
        order=said(as_ours(order, RECORDED_CHILD)), myTrades=said(trades)
    )

    answer = look_up(venue, clock, RECORDED_CHILD)

    assert answer.result is not None
    (fill,) = answer.result.fills
    assert (fill.price, fill.quantity) == (Decimal("7737.99"), Decimal("0.01"))
    assert (fill.fee, fill.fee_asset) == (Decimal("0.0773799"), "USDT")


def test_recorded_order_that_walked_two_levels_has_two_fills(
    shared_market_data: Path,
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
) -> None:
    trades = replies_on_record(shared_market_data)["my_trades_one_order_two_fills"]
    one = child("0.03", "7700", symbol="BTCUSDT")
    order = order_body(one, orderId=136276302)
    server.answers = Script(order=said(order), myTrades=said(trades["body"]))

    answer = look_up(venue, clock, one)

    assert answer.result is not None
    assert [fill.trade_id for fill in answer.result.fills] == [58346827, 58346828]


def test_recorded_sell_is_filled_and_the_lagging_query_of_it_is_not_believed(
    shared_market_data: Path,
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
) -> None:
    on_record = replies_on_record(shared_market_data)
    one = child("37.79", "1.4", symbol="BATUSDT")
    filled = on_record["market_sell_filled_bnb_fee"]["body"]
    lagging = on_record["market_sell_filled_then_query_lags"]
    script = Script(order=said(lagging["body"], lagging["http_status"]))
    server.answers = lambda asked: (
        said(as_ours(filled, one)) if asked.method == "POST" else script(asked)
    )

    placed, asked = venue.place(one, ALLOWED), look_up(venue, clock, one)

    assert placed.result is not None
    assert [fill.fee_asset for fill in placed.result.fills] == ["BNB"]
    assert asked.is_absent


def test_recorded_query_of_a_filled_order_waits_for_its_trades(
    shared_market_data: Path,
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
) -> None:
    one = child("0.107", "0.01", symbol="ETHBTC")
    order = replies_on_record(shared_market_data)["query_market_sell_filled"]["body"]
    server.answers = Script(order=said(as_ours(order, one)), myTrades=said([]))

    answer = look_up(venue, clock, one)

    assert is_unknown(answer)
    assert answer.detail == "the trades lag behind: 0 of 0.107"


def test_recorded_expired_order_is_done_with_nothing(
    shared_market_data: Path, server: TradingServer, venue: BinanceVenue
) -> None:
    one = child("0.01", "50000", symbol="BTCBUSD", side=Side.BUY)
    body = replies_on_record(shared_market_data)[
        "market_order_expired_unfilled_testnet"
    ]["body"]
    server.answers = lambda asked: (
        said(as_ours(body, one)) if asked.method == "POST" else None
    )

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert (answer.result.status, answer.result.fills) == (ChildStatus.DONE, ())
    assert answer.result.reason == "EXPIRED"


def test_every_recorded_reply_is_driven_by_a_test(shared_market_data: Path) -> None:
    text = Path(__file__).read_text(encoding="utf-8")

    on_record = replies_on_record(shared_market_data)

    assert [case for case in on_record if f'"{case}"' not in text] == []


def test_documented_full_reply_is_read_by_its_fills(
    shared_market_data: Path, server: TradingServer, venue: BinanceVenue
) -> None:
    docs = shared_market_data / "order_responses" / "docs"
    body = json.loads((docs / "rest_order_full.json").read_text(encoding="utf-8"))
    one = child("10", "3900", symbol="BTCUSDT")
    server.answers = lambda asked: (
        said(as_ours(body, one)) if asked.method == "POST" else None
    )

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert [str(fill.quantity) for fill in answer.result.fills] == [
        "1.00000000",
        "5.00000000",
        "2.00000000",
        "1.00000000",
        "1.00000000",
    ]


def test_documented_trades_are_read(
    shared_market_data: Path,
    server: TradingServer,
    venue: BinanceVenue,
    clock: HandClock,
) -> None:
    docs = shared_market_data / "order_responses" / "docs"
    trades = json.loads((docs / "rest_my_trades.json").read_text(encoding="utf-8"))
    one = child("12", "5", symbol="BNBBTC", side=Side.BUY)
    order = order_body(one, orderId=100234)
    server.answers = Script(order=said(order), myTrades=said(trades))

    answer = look_up(venue, clock, one)

    assert answer.result is not None
    assert [fill.fee for fill in answer.result.fills] == [Decimal("10.1")]
