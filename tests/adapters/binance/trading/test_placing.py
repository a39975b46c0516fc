"""Sending a child order, and reading what the venue says at once."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.binance.trading.venue import BinanceVenue
from domain.orders.child_order import ChildStatus, FollowUp, VenueFill
from tests.adapters.binance.trading.builders import (
    child,
    fill_body,
    order_body,
    trade_body,
)
from tests.adapters.binance.trading.loopback import (
    KEY,
    SECRET,
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


def test_child_is_sent_as_a_signed_limit_ioc_order_under_its_own_id(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child("2.50", "270.100")
    server.answers = lambda asked: (
        said(order_body(one, fills=[fill_body("2.5")]))
        if asked.method == "POST"
        else None
    )

    venue.place(one, ALLOWED)

    asked = server.last("POST order")
    assert asked.is_signed_with(SECRET)
    assert asked.headers["X-MBX-APIKEY"] == KEY
    assert {
        name: text for name, text in asked.fields.items() if name != "signature"
    } == {
        "symbol": "BNBUSDT",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": "IOC",
        "quantity": "2.5",
        "price": "270.1",
        "newClientOrderId": one.child_id,
        "newOrderRespType": "FULL",
        "recvWindow": "5000",
        "timestamp": str(server.now_ms),
    }


def test_answer_tells_when_the_request_began_to_leave(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    venue.probe()
    clock.advance(7)
    left_ns = clock.monotonic_ns()
    server.answers = lambda _asked: clock.advance(1)

    assert venue.place(child(), ALLOWED).written_ns == left_ns


def test_small_amounts_are_sent_in_plain_digits(
    server: TradingServer, venue: BinanceVenue
) -> None:
    venue.place(child("1E+2", "1E-8"), ALLOWED)

    fields = server.last("POST order").fields
    assert (fields["quantity"], fields["price"]) == ("100", "0.00000001")


def test_filled_child_is_done_with_a_fill_for_each_trade(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child("2")
    fills = [fill_body("1.5", 56), fill_body("0.5", 57, commissionAsset="USDT")]
    server.answers = lambda asked: (
        said(order_body(one, fills=fills)) if asked.method == "POST" else None
    )

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    assert answer.result.reason == ""
    assert [fill.quantity for fill in answer.result.fills] == [
        Decimal("1.5"),
        Decimal("0.5"),
    ]
    assert answer.result.fills[1] == VenueFill(
        price=Decimal("271.1"),
        quantity=Decimal("0.5"),
        fee=Decimal("0.001"),
        fee_asset="USDT",
        trade_id=57,
        executed_at=datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC),
    )
    assert server.calls() == ["POST order"]


@pytest.mark.parametrize(
    ("more", "reason", "follow_up"),
    [
        ({}, "EXPIRED", FollowUp.GO_ON),
        (
            {"expiryReason": "UNFILLED_IOC_QUANTITY_EXPIRED"},
            "EXPIRED, UNFILLED_IOC_QUANTITY_EXPIRED",
            FollowUp.GO_ON,
        ),
        (
            {"expiryReason": "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"},
            "EXPIRED, EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
            FollowUp.WAIT,
        ),
        ({"status": "EXPIRED_IN_MATCH"}, "EXPIRED_IN_MATCH", FollowUp.WAIT),
    ],
)
def test_child_that_expired_is_done_with_what_was_filled_and_why(
    server: TradingServer,
    venue: BinanceVenue,
    more: dict[str, str],
    reason: str,
    follow_up: FollowUp,
) -> None:
    one = child("2")
    body = order_body(one, "0.75", fills=[fill_body("0.75")], **more)
    server.answers = lambda asked: said(body) if asked.method == "POST" else None

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    assert [fill.quantity for fill in answer.result.fills] == [Decimal("0.75")]
    assert (answer.result.reason, answer.result.follow_up) == (reason, follow_up)


def test_trade_that_is_listed_twice_is_one_fill(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child("2")
    body = order_body(one, "1", fills=[fill_body("1", 56), fill_body("1", 56)])
    server.answers = lambda asked: said(body) if asked.method == "POST" else None

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert len(answer.result.fills) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"status": "NEW", "executedQty": "0"},
        {"status": "PARTIALLY_FILLED", "executedQty": "1"},
        {"fills": None},
        {"fills": [fill_body("1.5")]},
    ],
)
def test_answer_that_is_not_the_end_of_it_is_followed_by_questions(
    server: TradingServer, venue: BinanceVenue, more: dict[str, Any]
) -> None:
    one = child("2")

    def answers(asked: Asked) -> Said | None:
        if asked.call == "POST order":
            return said(order_body(one, **more))
        if asked.call == "GET order":
            return said(order_body(one))
        if asked.call == "GET myTrades":
            return said([trade_body(one, "0.5", 57), trade_body(one, "1.5", 56)])
        return None

    server.answers = answers

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert [fill.trade_id for fill in answer.result.fills] == [56, 57]
    assert server.calls() == ["POST order", "GET order", "GET myTrades"]


def test_acknowledged_child_that_the_cache_does_not_know_yet_is_not_absent(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child()
    ack = {
        name: order_body(one)[name]
        for name in ("symbol", "orderId", "clientOrderId", "transactTime")
    }
    server.answers = lambda asked: (
        said(ack)
        if asked.method == "POST"
        else error(-2013, "Order does not exist.")
        if asked.call == "GET order"
        else None
    )

    answer = venue.place(one, ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)
    assert server.calls() == ["POST order", "GET order"]


@pytest.mark.parametrize(
    "more",
    [
        {"executedQty": "2.1", "fills": [fill_body("2.1")]},
        {"origQty": "3"},
        {"symbol": "BTCUSDT"},
        {"side": "BUY"},
        {"clientOrderId": "another"},
        {"executedQty": "-1"},
        {"executedQty": "NaN"},
        {"executedQty": None},
        {"fills": [fill_body("2", price="0")]},
        {"fills": [fill_body("2", tradeId=None)]},
        {"transactTime": "yesterday", "fills": [fill_body("2")]},
        {"transactTime": 0, "fills": [fill_body("2")]},
    ],
)
def test_answer_that_makes_no_sense_leaves_the_outcome_unknown(
    server: TradingServer, venue: BinanceVenue, more: dict[str, Any]
) -> None:
    one = child("2")
    server.answers = lambda asked: (
        said(order_body(one, **more)) if asked.method == "POST" else None
    )

    answer = venue.place(one, ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)
    assert answer.detail


@pytest.mark.parametrize(
    ("more", "is_contradiction"),
    [
        ({"executedQty": "2.1", "fills": [fill_body("2.1")]}, True),
        ({"origQty": "3"}, True),
        ({"symbol": "BTCUSDT"}, True),
        ({"side": "BUY"}, True),
        ({"executedQty": "-1"}, True),
        ({"executedQty": "1e17"}, True),
        ({"fills": [fill_body("2", price="0")]}, True),
        ({"clientOrderId": "another"}, False),
        ({"status": "NEW", "executedQty": "0"}, False),
        ({"executedQty": None}, False),
    ],
)
def test_what_cannot_be_true_of_the_child_is_told_from_what_is_not_known_yet(
    server: TradingServer,
    venue: BinanceVenue,
    more: dict[str, Any],
    *,
    is_contradiction: bool,
) -> None:
    """Asked for instead of answered, it is the same."""
    one = child("2")
    body = order_body(one, **more)
    server.answers = lambda asked: said(body) if asked.call != "GET time" else None

    placed = venue.place(one, ALLOWED)
    looked_up = venue.look_up(one, since=one.intended_at, thoroughly=False)

    assert placed.is_contradiction is is_contradiction
    assert looked_up.is_contradiction is is_contradiction


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "null", '{"code":1', "1e999", "[" * 5000, '"\\ud800"']
)
def test_success_with_a_strange_body_leaves_the_outcome_unknown(
    server: TradingServer, venue: BinanceVenue, body: str
) -> None:
    server.answers = lambda asked: Said(body=body) if asked.method == "POST" else None

    answer = venue.place(child(), ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)


def test_executions_are_believed_whatever_the_sum_in_quote_says(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child("2")
    body = order_body(one, cummulativeQuoteQty="99999", fills=[fill_body("2")])
    server.answers = lambda asked: said(body) if asked.method == "POST" else None

    answer = venue.place(one, ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
