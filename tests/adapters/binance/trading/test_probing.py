"""Whether orders could be sent now, balances, and the breaker in between."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.binance.market_data.settings import SnapshotSettings
from adapters.binance.rest import BinanceRest
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from domain.errors import VenueUnavailableError
from domain.orders.child_order import ChildStatus
from domain.values import Symbol
from domain.venue.answers import Balance, PauseReason
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


def account(**more: Any) -> Said:
    balance = {"asset": "BNB", "free": "1.50", "locked": "0"}
    return said({"canTrade": True, "balances": [balance]} | more)


def test_probe_of_a_venue_that_takes_orders_finds_nothing(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: account() if "account" in asked.call else None

    assert venue.probe() is None
    assert [asked.call for asked in server.asked] == ["GET time", "GET account"]


def test_probe_measures_the_clock_anew(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: account() if "account" in asked.call else None
    venue.probe()
    server.now_ms += 3_600_000

    venue.probe()

    assert server.last("GET account").fields["timestamp"] == str(server.now_ms)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (account(canTrade=False), PauseReason.KEYS_REJECTED),
        (error(-2015, "Invalid API-key, IP", 401), PauseReason.KEYS_REJECTED),
        (error(-2014, "API-key format invalid."), PauseReason.KEYS_REJECTED),
        (error(-1021, "Timestamp ..."), PauseReason.CLOCK_SKEWED),
        (error(-1003, "Too much", 429), PauseReason.RATE_LIMITED),
        (Said(status=403, body="<html>"), PauseReason.VENUE_BLOCKED),
        (Said(status=502), PauseReason.VENUE_UNAVAILABLE),
        (Said(cut=True), PauseReason.VENUE_UNAVAILABLE),
        (Said(body="<html>"), PauseReason.VENUE_UNAVAILABLE),
        (account(balances=7), PauseReason.VENUE_UNAVAILABLE),
        (account(canTrade="yes"), PauseReason.VENUE_UNAVAILABLE),
    ],
)
def test_probe_says_what_holds_trading_back(
    server: TradingServer, venue: BinanceVenue, reply: Said, reason: PauseReason
) -> None:
    server.answers = lambda asked: reply if "account" in asked.call else None

    pause = venue.probe()

    assert pause is not None
    assert pause.reason is reason
    assert venue.account() is None or reason is PauseReason.KEYS_REJECTED


def test_probe_sends_nothing_while_the_venue_wants_quiet(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits
) -> None:
    limits.pause(60)

    pause = venue.probe()

    assert pause is not None
    assert (pause.reason, pause.duration) == (
        PauseReason.RATE_LIMITED,
        timedelta(seconds=60),
    )
    assert server.asked == []


@pytest.mark.parametrize("status", [429, 418, 403])
def test_order_that_is_limited_silences_everybody(
    server: TradingServer,
    venue: BinanceVenue,
    limits: VenueLimits,
    clock: HandClock,
    status: int,
) -> None:
    one = child()
    rest = BinanceRest(
        rest_url=server.url, settings=SnapshotSettings(), clock=clock, limits=limits
    )
    replies = [
        error(-1003, "Too much", status, Retry_After="60"),
        said(order_body(one, fills=[fill_body("2")])),
    ]
    server.answers = lambda asked: replies.pop(0) if asked.method == "POST" else None
    venue.place(one, ALLOWED)

    held = venue.place(one, ALLOWED)
    asked = venue.look_up(one, since=clock.now(), thoroughly=False)

    assert held.result is not None
    assert held.result.status is ChildStatus.NEVER_SENT
    assert held.pause is not None
    assert held.pause.duration == timedelta(seconds=60)
    assert (asked.result, asked.is_absent) == (None, False)
    with pytest.raises(VenueUnavailableError, match="no requests"):
        rest.exchange_rules([Symbol("BNBUSDT")])
    assert server.calls() == ["POST order"]
    clock.advance(60)
    after = venue.place(one, ALLOWED)
    assert after.result is not None
    assert after.result.status is ChildStatus.DONE
    rest.close()


def test_market_data_that_is_limited_silences_orders(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits, clock: HandClock
) -> None:
    server.answers = lambda _asked: error(-1003, "Too much", 429, Retry_After="9")
    rest = BinanceRest(
        rest_url=server.url, settings=SnapshotSettings(), clock=clock, limits=limits
    )
    with pytest.raises(VenueUnavailableError):
        rest.exchange_rules([Symbol("BNBUSDT")])

    answer = venue.place(child(), ALLOWED)

    rest.close()
    assert answer.result is not None
    assert answer.result.status is ChildStatus.NEVER_SENT
    assert server.calls() == ["GET exchangeInfo"]


def test_rules_of_the_exchange_bring_its_limits_with_them(
    server: TradingServer, limits: VenueLimits, clock: HandClock
) -> None:
    strict = {
        "rateLimitType": "ORDERS",
        "interval": "SECOND",
        "intervalNum": 10,
        "limit": 1,
    }
    listed = {"symbols": [{"symbol": "BNBUSDT"}], "rateLimits": [strict]}
    server.answers = lambda _asked: said(listed)
    rest = BinanceRest(
        rest_url=server.url, settings=SnapshotSettings(), clock=clock, limits=limits
    )

    rest.exchange_rules([Symbol("BNBUSDT")])

    rest.close()
    assert limits.claim_order() is None
    assert limits.claim_order() is not None


def test_order_counts_in_replies_are_heeded(
    server: TradingServer, venue: BinanceVenue
) -> None:
    one = child()
    body = order_body(one, fills=[fill_body("2")])
    server.answers = lambda asked: (
        said(body, X_MBX_ORDER_COUNT_10S="45") if asked.method == "POST" else None
    )
    venue.place(one, ALLOWED)

    answer = venue.place(one, ALLOWED)

    assert answer.pause is not None
    assert answer.pause.reason is PauseReason.LIMIT_NEAR
    assert server.calls() == ["POST order"]


def test_balances_are_read(server: TradingServer, venue: BinanceVenue) -> None:
    server.answers = lambda asked: account() if "account" in asked.call else None

    found = venue.account()

    assert found is not None
    assert found.can_trade
    assert found.balances == {"BNB": Balance(free=Decimal("1.5"), locked=Decimal(0))}


def test_documented_account_is_read(
    shared_market_data: Path, server: TradingServer, venue: BinanceVenue
) -> None:
    docs = shared_market_data / "order_responses" / "docs"
    body = json.loads((docs / "rest_account.json").read_text(encoding="utf-8"))
    server.answers = lambda asked: said(body) if "account" in asked.call else None

    found = venue.account()

    assert found is not None
    assert found.balances["BTC"].free == Decimal("4723846.89208129")


def test_question_that_our_own_thrift_holds_back_pauses_no_orders(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits, clock: HandClock
) -> None:
    one = child()
    server.answers = lambda asked: (
        said(order_body(one, fills=[fill_body("2")]))
        if asked.method == "POST"
        else None
    )
    venue.place(one, ALLOWED)
    limits.learn({"X-MBX-USED-WEIGHT-1M": "5500"}, 0)

    asked = venue.look_up(one, since=clock.now(), thoroughly=False)
    placed = venue.place(one, ALLOWED)

    assert (asked.result, asked.is_absent, asked.pause) == (None, False, None)
    assert "limits" in asked.detail
    assert placed.result is not None
    assert placed.result.status is ChildStatus.DONE
    assert server.calls() == ["POST order", "POST order"]
