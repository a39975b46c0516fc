"""Every error reply on record, one by one, and what must follow from it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.binance.trading.error_reactions import BY_CODE
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from domain.orders.child_order import ChildStatus, FollowUp
from domain.venue.answers import PauseReason
from tests.adapters.binance.trading.builders import child, order_body
from tests.adapters.binance.trading.loopback import Said, TradingServer, error, said
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


class Expected(NamedTuple):
    status: ChildStatus | None
    """None: unknown."""

    follow_up: FollowUp = FollowUp.GO_ON
    pause: PauseReason | None = None
    seconds: float | None = None


UNKNOWN = Expected(None)
WAIT = Expected(ChildStatus.REJECTED, FollowUp.WAIT)
RULES = Expected(ChildStatus.REJECTED, FollowUp.WAIT_FOR_RULES)
END = Expected(ChildStatus.REJECTED, FollowUp.END)
KEYS = Expected(ChildStatus.REJECTED, FollowUp.GO_ON, PauseReason.KEYS_REJECTED, None)
SKEWED = Expected(
    ChildStatus.NEVER_SENT, FollowUp.GO_ON, PauseReason.CLOCK_SKEWED, None
)
CLOSED = Expected(
    ChildStatus.REJECTED, FollowUp.GO_ON, PauseReason.SYMBOL_NOT_TRADING, 60
)
NO_SYMBOL = Expected(
    ChildStatus.REJECTED, FollowUp.END, PauseReason.SYMBOL_NOT_TRADING, None
)
NO_TRADING = Expected(
    ChildStatus.NEVER_SENT, FollowUp.GO_ON, PauseReason.VENUE_UNAVAILABLE, 30
)
BLOCKED = Expected(None, FollowUp.GO_ON, PauseReason.VENUE_BLOCKED, 60)


def limited(seconds: float) -> Expected:
    return Expected(
        ChildStatus.NEVER_SENT, FollowUp.GO_ON, PauseReason.RATE_LIMITED, seconds
    )


EXPECTED = {
    "insufficient_balance": WAIT,
    "timestamp_ahead_of_server": SKEWED,
    "timestamp_outside_recv_window": SKEWED,
    "filter_lot_size": RULES,
    "filter_min_notional": RULES,
    "filter_notional": RULES,
    "filter_price": RULES,
    "filter_percent_price": WAIT,
    "filter_percent_price_by_side": WAIT,
    "filter_market_lot_size": END,
    "filter_max_num_orders": WAIT,
    "order_does_not_exist": UNKNOWN,
    "unknown_order_on_cancel": UNKNOWN,
    "would_match_immediately": END,
    "stop_price_would_trigger": END,
    "duplicate_client_order_id": UNKNOWN,
    "market_closed": CLOSED,
    "rest_trading_not_enabled": NO_TRADING,
    "account_action_disabled": KEYS,
    "not_permitted_for_account": NO_SYMBOL,
    "invalid_key_or_ip": KEYS,
    "bad_api_key_format": KEYS,
    "invalid_signature": KEYS,
    "invalid_symbol": NO_SYMBOL,
    "too_much_precision": END,
    "mandatory_parameter_missing": END,
    "unread_parameters": END,
    "request_weight_exceeded": limited(34),
    "request_weight_exceeded_2019_wording": limited(40.05),
    "ip_banned": limited(120),
    "order_rate_limit": limited(7),
    "unknown_error": UNKNOWN,
    "internal_disconnected": UNKNOWN,
    "backend_timeout": UNKNOWN,
    "gateway_timeout_empty_body": UNKNOWN,
    "server_busy": UNKNOWN,
    "waf_block_html": BLOCKED,
}


def recorded(shared: Path) -> dict[str, dict[str, Any]]:
    path = shared / "order_responses" / "errors.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    return {one["case"]: one for line in lines if line for one in [json.loads(line)]}


def test_no_recorded_error_is_left_out(shared_market_data: Path) -> None:
    assert set(recorded(shared_market_data)) == set(EXPECTED)


@pytest.mark.parametrize("case", EXPECTED)
def test_recorded_error_has_the_reaction_it_must_have(
    shared_market_data: Path, server: TradingServer, venue: BinanceVenue, case: str
) -> None:
    one = recorded(shared_market_data)[case]
    reply = Said(
        status=one["http_status"],
        body=one["body"],
        headers=one.get("headers", {}),
        content_type=one.get("content_type", "application/json;charset=UTF-8"),
    )
    server.answers = lambda asked: reply if asked.method == "POST" else None

    assert reaction(venue) == EXPECTED[case]
    assert server.calls() == ["POST order"] * (2 if EXPECTED[case] == SKEWED else 1)


def reaction(venue: BinanceVenue) -> Expected:
    answer = venue.place(child(), ALLOWED)
    assert not answer.is_absent
    result, pause = answer.result, answer.pause
    assert result.reason if result else answer.detail
    assert result is None or result.fills == ()
    duration = pause.duration if pause else None
    return Expected(
        result.status if result else None,
        result.follow_up if result else FollowUp.GO_ON,
        pause.reason if pause else None,
        duration / timedelta(seconds=1) if duration is not None else None,
    )


NOT_RECORDED = {
    (-1002, 400, "You are not authorized to execute this request."): KEYS,
    (-1006, 400, "An unexpected response was received."): UNKNOWN,
    (-1007, 400, "Timeout waiting for response from backend server."): UNKNOWN,
    (-1008, 400, "Server is currently overloaded with other requests."): UNKNOWN,
    (-1010, 400, "Account has insufficient balance for requested action."): WAIT,
    (-1010, 400, "Something else."): WAIT,
    (-1013, 400, "Filter failure: MAX_POSITION"): WAIT,
    (-2010, 400, "Filter failure: MAX_POSITION"): WAIT,
    (-1013, 400, "Filter failure: EXCHANGE_MAX_NUM_ORDERS"): WAIT,
    (-1013, 400, "Filter failure: OF_NEXT_YEAR"): END,
    (-1013, 400, "Market is closed."): CLOSED,
    (-1014, 400, "Unsupported order combination."): END,
    (-1034, 400, "Too many connections."): limited(40.05),
    (-1100, 400, "Illegal characters found in a parameter."): END,
    (-1112, 400, "No orders on book for symbol."): WAIT,
    (-1220, 400, "The symbol's status does not match."): CLOSED,
    (-2016, 400, "No trading window could be found."): CLOSED,
    (-2010, 400, "This account may not place or cancel orders."): KEYS,
    (-2010, 400, "This symbol is restricted for this account."): NO_SYMBOL,
    (-2010, 400, "Order book liquidity is less than LOT_SIZE filter."): WAIT,
    (-2010, 400, "Price * QTY is zero or less."): END,
    (-2010, 400, "Words that nobody has heard yet."): WAIT,
    (-9999, 400, "A code that nobody has heard of yet."): WAIT,
    (-9999, 409, "A code that nobody has heard of yet."): WAIT,
    (-2010, 500, "Account has insufficient balance for requested action."): UNKNOWN,
    (-9999, 302, "Moved."): UNKNOWN,
    (-1015, 429, "Too many new orders; current limit is 50 orders per 10 SECOND."): (
        limited(10.05)
    ),
}


@pytest.mark.parametrize(("code", "status", "text"), NOT_RECORDED)
def test_error_that_is_not_on_record_has_its_reaction_too(
    server: TradingServer, venue: BinanceVenue, code: int, status: int, text: str
) -> None:
    server.answers = lambda asked: (
        error(code, text, status) if asked.method == "POST" else None
    )

    assert reaction(venue) == NOT_RECORDED[code, status, text]


WITHOUT_A_CODE = {
    (400, "<html>Bad Request</html>"): UNKNOWN,
    (401, ""): UNKNOWN,
    (404, "<html>"): Expected(None, FollowUp.GO_ON, PauseReason.VENUE_UNAVAILABLE, 30),
    (408, ""): UNKNOWN,
    (429, "<html>"): limited(40.05),
    (418, "<html>"): limited(120),
    (403, '{"code":-2015,"msg":"Invalid API-key"}'): BLOCKED,
    (500, "[]"): UNKNOWN,
    (503, "\x00\xff"): UNKNOWN,
    (502, "<html>"): UNKNOWN,
    (307, ""): UNKNOWN,
    (204, ""): UNKNOWN,
    (400, '{"code":"-2010","msg":5}'): UNKNOWN,
}


@pytest.mark.parametrize(("status", "body"), WITHOUT_A_CODE)
def test_error_without_the_venues_word_never_claims_a_rejection(
    server: TradingServer, venue: BinanceVenue, status: int, body: str
) -> None:
    reply = Said(
        status=status,
        body=body,
        content_type="text/html",
        headers={"Location": f"{server.url}/api/v3/order"},
    )
    server.answers = lambda asked: reply if asked.method == "POST" else None

    assert reaction(venue) == WITHOUT_A_CODE[status, body]
    assert server.calls() == ["POST order"]


def test_ban_without_a_header_lasts_until_the_moment_in_its_text(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits, clock: HandClock
) -> None:
    text = (
        f"Way too much request weight used; IP banned until {server.now_ms + 90_000}."
    )
    server.answers = lambda asked: (
        error(-1003, text, 418) if asked.method == "POST" else None
    )

    assert reaction(venue) == limited(90)
    clock.advance(89)
    assert limits.pause_seconds() == 1


def test_duplicate_order_is_found_by_its_id_afterwards(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: (
        error(-2010, "Duplicate order sent.") if asked.method == "POST" else None
    )

    answer = venue.place(child(), ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)
    assert "Duplicate" in answer.detail


def test_codes_without_a_row_are_those_that_say_nothing_about_an_order() -> None:
    documented = {
        *range(-1008, -999),
        *(-1010, -1013, -1014, -1015, -1016, -1020, -1021, -1022, -1034),
        *range(-1119, -1099),
        *(-1121, -1122, -1127, -1128, -1130, -1135, -1145, -1151, -1220),
        *(-2010, -2011, -2013, -2014, -2015, -2016, -2026),
    }

    assert documented - BY_CODE.keys() == {-2010, -1010, -1004, -1005}


@pytest.mark.parametrize(
    "answer",
    [
        error(-2010, "odd\0words"),
        said(order_body(child(), executed="0", expiryReason="odd\0words")),
    ],
)
def test_words_of_the_venue_can_be_kept_by_any_database(
    server: TradingServer, venue: BinanceVenue, answer: Said
) -> None:
    """PostgreSQL refuses a NUL, and with it the whole record."""
    server.answers = lambda asked: answer if asked.method == "POST" else None

    result = venue.place(child(), ALLOWED).result

    assert result is not None
    assert "words" in result.reason
    assert "\0" not in result.reason
