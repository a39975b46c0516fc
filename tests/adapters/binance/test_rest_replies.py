"""The parsers of REST bodies, against payloads as the venue documents them."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.rest_replies import (
    parse_depth,
    parse_error,
    parse_exchange_info,
    parse_server_time,
    words_of_refusal,
)
from domain.errors import MalformedMessageError
from domain.market.updates import DepthSnapshot
from domain.values import Symbol


BNB = Symbol("BNBUSDT")
DEPTH = (
    b'{"lastUpdateId":1027024,"bids":[["4.00000000","431.00000000"],["3.9","1"]],'
    b'"asks":[["4.00000200","12.00000000"],["4.1","2"]]}'
)


def info(*filters: dict[str, Any], **fields: Any) -> bytes:
    symbol = {
        "symbol": "BNBUSDT",
        "status": "TRADING",
        "baseAsset": "BNB",
        "quoteAsset": "USDT",
        "filters": filters,
    }
    return json.dumps({"timezone": "UTC", "symbols": [symbol | fields]}).encode()


def test_depth_reply_becomes_a_snapshot_best_first() -> None:
    assert parse_depth(BNB, DEPTH) == DepthSnapshot(
        symbol=BNB,
        last_update_id=1027024,
        bids=(("4.00000000", "431.00000000"), ("3.90000000", "1.00000000")),
        asks=(("4.00000200", "12.00000000"), ("4.10000000", "2.00000000")),
    )


def test_depth_reply_out_of_order_is_put_in_order() -> None:
    body = (
        b'{"lastUpdateId":1,"bids":[["1","1"],["2","1"]],"asks":[["9","1"],["8","1"]]}'
    )

    snapshot = parse_depth(BNB, body)

    assert [Decimal(price) for price, _ in snapshot.bids] == [2, 1]
    assert [Decimal(price) for price, _ in snapshot.asks] == [8, 9]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"code":-1121,"msg":"Invalid symbol."}',
        DEPTH.replace(b"1027024", b"-1"),
        DEPTH.replace(b"1027024", b'"x"'),
        DEPTH.replace(b'"3.9"', b'"NaN"'),
        DEPTH.replace(b'"3.9"', b'"-3.9"'),
    ],
)
def test_depth_reply_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parse_depth(BNB, body)


def test_filters_become_the_rules_of_the_symbol() -> None:
    body = info(
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.10",
            "maxPrice": "100000.00",
            "tickSize": "0.10000000",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.00100000",
            "maxQty": "9000.00",
            "stepSize": "1.00",
        },
        {"filterType": "NOTIONAL", "minNotional": "5.0", "maxNotional": "9000000.0"},
    )

    rules = parse_exchange_info(body)[BNB]

    assert (rules.base_asset, rules.quote_asset) == ("BNB", "USDT")
    assert rules.status == "TRADING"
    assert rules.tick_size == Decimal("0.1")
    assert (rules.min_price, rules.max_price) == (Decimal("0.1"), Decimal(100_000))
    assert rules.step_size == 1
    assert (rules.min_quantity, rules.max_quantity) == (Decimal("0.001"), Decimal(9000))
    assert (rules.min_notional, rules.max_notional) == (Decimal(5), Decimal(9_000_000))


@pytest.mark.parametrize(
    "stated",
    [
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "5",
            "bidMultiplierDown": "0.1",
            "askMultiplierUp": "9",
            "askMultiplierDown": "0.2",
            "avgPriceMins": 5,
        },
        {"filterType": "PERCENT_PRICE", "multiplierUp": "5", "multiplierDown": "0.2"},
    ],
)
def test_how_far_a_limit_may_lie_beyond_the_market_is_read(
    stated: dict[str, Any],
) -> None:
    rules = parse_exchange_info(info(stated))[BNB]

    assert (rules.sell_price_down, rules.buy_price_up) == (Decimal("0.2"), Decimal(5))


def test_older_min_notional_filter_is_read() -> None:
    body = info({"filterType": "MIN_NOTIONAL", "minNotional": "10.0"})

    assert parse_exchange_info(body)[BNB].min_notional == 10


def test_stricter_of_two_notional_filters_holds() -> None:
    body = info(
        {"filterType": "MIN_NOTIONAL", "minNotional": "10.0"},
        {"filterType": "NOTIONAL", "minNotional": "5.0", "maxNotional": "100.0"},
    )

    rules = parse_exchange_info(body)[BNB]

    assert (rules.min_notional, rules.max_notional) == (Decimal(10), Decimal(100))


def test_rules_stated_as_zero_are_off() -> None:
    body = info(
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.00000000",
            "maxPrice": "0.00000000",
            "tickSize": "0.00000000",
        }
    )

    rules = parse_exchange_info(body)[BNB]

    assert rules.check(price=Decimal("1.2345"), quantity=Decimal(1)) is None


def test_unknown_filters_fields_and_statuses_are_tolerated() -> None:
    body = info(
        {"filterType": "INVENTED", "minQty": {"odd": [1]}, "maxPrice": None},
        {"noType": 1},
        {"filterType": "LOT_SIZE", "stepSize": "0.1", "novelty": 5},
        status="SLEEPING",
        amendAllowed=False,
    )

    rules = parse_exchange_info(body)[BNB]

    assert rules.status == "SLEEPING"
    assert rules.step_size == Decimal("0.1")


@pytest.mark.parametrize("amount", ["broken", "-1", "NaN", "1E-18", "1E999999", []])
def test_a_symbol_whose_rules_cannot_be_read_is_not_traded_and_the_others_are(
    amount: Any, caplog: pytest.LogCaptureFixture
) -> None:
    odd = info({"filterType": "LOT_SIZE", "stepSize": amount})
    fine = info({"filterType": "LOT_SIZE", "stepSize": "0.1"})
    symbols = [*json.loads(odd)["symbols"], *json.loads(fine)["symbols"]]
    symbols[0]["symbol"] = "ODDUSDT"

    rules = parse_exchange_info(json.dumps({"symbols": symbols}).encode())

    assert rules[Symbol("ODDUSDT")].status == "RULES_UNREADABLE"
    assert rules[BNB].step_size == Decimal("0.1")
    assert "ODDUSDT" in caplog.text


def test_only_wanted_symbols_are_read() -> None:
    body = info({"filterType": "LOT_SIZE", "stepSize": "broken"})

    assert parse_exchange_info(body, wanted={Symbol("BTCUSDT")}) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"symbols":[{}]}',
    ],
)
def test_exchange_info_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parse_exchange_info(body)


def test_error_bodies_are_read_where_they_are_some() -> None:
    assert parse_error(b'{"code":-1121,"msg":"Invalid symbol."}') == (
        -1121,
        "Invalid symbol.",
    )
    assert parse_error(b"<html>blocked</html>") == (0, "")
    assert parse_error(b"") == (0, "")


@given(st.binary())
def test_any_body_is_read_or_refused(body: bytes) -> None:
    parse_error(body)
    for parse in (lambda: parse_depth(BNB, body), lambda: parse_exchange_info(body)):
        try:
            parse()
        except MalformedMessageError:
            continue


@pytest.mark.parametrize("time", [0, -1, 10**15, 10**30])
def test_time_of_no_sense_is_malformed(time: int) -> None:
    with pytest.raises(MalformedMessageError):
        parse_server_time(json.dumps({"serverTime": time}).encode())


RESTRICTED = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "the terms of use."
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"code":-1121,"msg":"Invalid symbol."}', "HTTP 451, -1121: Invalid symbol."),
        (f'{{"code":0,"msg":"{RESTRICTED}"}}', f"HTTP 451: {RESTRICTED}"),
        ('{"code":"-1","msg":"text"}', 'HTTP 451: {"code":"-1","msg":"text"}'),
        ("<h1>Go away</h1>", "HTTP 451: Go away"),
    ],
)
def test_a_refusal_is_told_with_the_code_and_the_words_it_has(
    body: str, words: str
) -> None:
    assert words_of_refusal(451, body.encode()) == words
