"""Exchange rules over real HTTP."""

import json
from collections.abc import Iterator

import pytest

from adapters.binance.market_data.settings import SnapshotSettings
from adapters.binance.rest import BinanceRest
from domain.errors import ConfigurationError, VenueUnavailableError
from domain.values import Symbol
from domain.venue.answers import PauseReason
from domain.venue.symbol_rules import DELISTED, SymbolRules
from tests.adapters.binance.loopback_venue import LoopbackVenue, Reply
from tests.adapters.witnesses import HandClock


BNB = Symbol("BNBUSDT")
NONE = Symbol("NONEUSDT")
LISTED = json.dumps({"symbols": [{"symbol": "BNBUSDT", "filters": []}]})


@pytest.fixture
def rest(venue: LoopbackVenue) -> Iterator[BinanceRest]:
    rest = BinanceRest(
        rest_url=venue.rest_url, settings=SnapshotSettings(), clock=HandClock()
    )
    yield rest
    rest.close()


def test_rules_are_asked_for_the_wanted_symbols(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    venue.reply = lambda _call, _fields: (200, {}, LISTED)

    rules = rest.exchange_rules([BNB])

    assert rules[BNB].symbol == BNB
    assert venue.calls == [("exchangeInfo", {"symbols": '["BNBUSDT"]'})]


def test_unknown_symbols_are_named_although_the_venue_does_not(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    def reply(_call: str, fields: dict[str, str]) -> Reply:
        if fields:
            return 400, {}, '{"code":-1121,"msg":"Invalid symbol."}'
        return 200, {}, LISTED

    venue.reply = reply

    with pytest.raises(ConfigurationError, match="NONEUSDT") as caught:
        rest.exchange_rules([BNB, NONE])
    assert "BNBUSDT" not in str(caught.value)


def test_a_symbol_that_was_listed_once_is_delisted_and_the_others_are_as_ever(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    def reply(_call: str, fields: dict[str, str]) -> Reply:
        if fields:
            return 400, {}, '{"code":-1121,"msg":"Invalid symbol."}'
        return 200, {}, LISTED

    venue.reply = reply

    rules = rest.exchange_rules([NONE, BNB], was_listed=lambda symbol: symbol == NONE)

    assert list(rules) == [NONE, BNB]
    assert rules[NONE] == SymbolRules(symbol=NONE, status=DELISTED)
    assert rules[BNB] == rest.exchange_rules([BNB])[BNB]


def test_many_symbols_are_picked_from_the_whole_list(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    symbols = [Symbol(f"S{number}USDT") for number in range(150)]
    body = json.dumps({"symbols": [{"symbol": symbol} for symbol in [*symbols, BNB]]})
    venue.reply = lambda _call, _fields: (200, {}, body)

    rules = rest.exchange_rules(symbols)

    assert list(rules) == symbols
    assert venue.calls == [("exchangeInfo", {})]


@pytest.mark.parametrize(
    "reply",
    [
        (503, {}, ""),
        (429, {"Retry-After": "3"}, '{"code":-1003,"msg":"Too much"}'),
        (403, {}, "<html>"),
        (200, {}, "<html>"),
    ],
)
def test_venue_that_gives_no_rules_is_unavailable(
    venue: LoopbackVenue, rest: BinanceRest, reply: Reply
) -> None:
    venue.reply = lambda _call, _fields: reply

    with pytest.raises(VenueUnavailableError, match=venue.rest_url):
        rest.exchange_rules([BNB])


def test_venue_that_is_not_there_is_unavailable() -> None:
    rest = BinanceRest(
        rest_url="http://127.0.0.1:1", settings=SnapshotSettings(), clock=HandClock()
    )

    with pytest.raises(VenueUnavailableError, match="does not answer"):
        rest.exchange_rules([BNB])
    rest.close()


def test_nothing_is_asked_while_the_venue_wants_quiet(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    rest.gate.pause(60)

    with pytest.raises(VenueUnavailableError, match="no requests"):
        rest.exchange_rules([BNB])
    assert venue.calls == []


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "7", 7), (429, "soon", 60), (418, "999999999", 259_200), (403, "", 60)],
)
def test_wish_for_a_pause_is_read_or_replaced(
    venue: LoopbackVenue, rest: BinanceRest, status: int, header: str, seconds: int
) -> None:
    venue.reply = lambda _call, _fields: (status, {"Retry-After": header}, "")

    with pytest.raises(VenueUnavailableError):
        rest.exchange_rules([BNB])

    assert rest.gate.pause_seconds() == seconds


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, PauseReason.VENUE_BLOCKED),
        (418, PauseReason.RATE_LIMITED),
        (429, PauseReason.RATE_LIMITED),
        (451, PauseReason.VENUE_BLOCKED),
    ],
)
def test_a_refusal_of_market_data_that_wants_silence_says_why(
    venue: LoopbackVenue, rest: BinanceRest, status: int, reason: PauseReason
) -> None:
    venue.reply = lambda _call, _fields: (status, {}, "")

    with pytest.raises(VenueUnavailableError):
        rest.exchange_rules([BNB])

    pause = rest.gate.standing_pause()
    assert pause is not None
    assert pause.reason is reason


def test_ban_without_a_header_lasts_until_the_moment_in_its_text(
    venue: LoopbackVenue, rest: BinanceRest
) -> None:
    until_ms = round(rest.gate.venue_now().timestamp() + 900) * 1000
    body = f'{{"code":-1003,"msg":"Too much; IP banned until {until_ms}."}}'
    venue.reply = lambda _call, _fields: (418, {}, body)

    with pytest.raises(VenueUnavailableError):
        rest.exchange_rules([BNB])

    assert rest.gate.pause_seconds() == 900


def test_strange_weight_headers_are_ignored(rest: BinanceRest) -> None:
    rest.gate.learn({}, 0)
    rest.gate.learn({"X-MBX-USED-WEIGHT-1M": "many"}, 0)

    assert rest.gate.claim(4800) == 0
