"""HTTP 451, from a restricted location: code 0, and words that a person needs."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from domain.venue.answers import PauseReason
from tests.adapters.binance.trading.builders import child
from tests.adapters.binance.trading.loopback import Said, TradingServer, error
from tests.fakes import ALLOWED


TEXT = "Service unavailable from a restricted location according to the terms of use."
RESTRICTED = error(0, TEXT, 451)


def test_a_restricted_location_pauses_trading_with_the_venues_words(
    server: TradingServer,
    venue: BinanceVenue,
    limits: VenueLimits,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    server.answers = lambda asked: RESTRICTED if asked.method == "POST" else None

    answer = venue.place(child(), ALLOWED)

    assert answer.result is None  # it may have been passed on before it was refused
    assert answer.pause is not None
    assert answer.pause.reason is PauseReason.VENUE_BLOCKED
    assert TEXT in answer.pause.detail
    assert limits.pause_seconds() == 60
    assert TEXT in caplog.text


def test_who_asks_during_that_pause_hears_the_words_again(
    server: TradingServer, venue: BinanceVenue
) -> None:
    server.answers = lambda asked: RESTRICTED if asked.method == "POST" else None
    venue.place(child(), ALLOWED)

    answer = venue.place(child(number=2), ALLOWED)

    assert server.calls() == ["POST order"]
    assert answer.pause is not None
    assert TEXT in answer.pause.detail


def test_a_block_lasts_as_long_as_its_header_says(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits
) -> None:
    blocked = Said(status=403, body="<html>no</html>", headers={"Retry-After": "300"})
    server.answers = lambda asked: blocked if asked.method == "POST" else None

    venue.place(child(), ALLOWED)

    assert limits.pause_seconds() == 300


def test_a_limit_that_names_a_date_lasts_until_then(
    server: TradingServer, venue: BinanceVenue, limits: VenueLimits
) -> None:
    # The server's own date, by which that is counted, is the machine's.
    until = datetime.now(UTC) + timedelta(minutes=7)  # noqa: TID251 - see above
    limited = error(
        -1003, "Too much", 429, Retry_After=format_datetime(until, usegmt=True)
    )
    server.answers = lambda asked: limited if asked.method == "POST" else None

    venue.place(child(), ALLOWED)

    assert 300 < limits.pause_seconds() <= 420
