"""Base URLs: the venue's own and overridden ones."""

import pytest

from adapters.binance.endpoints import PRODUCTION, TESTNET
from adapters.binance.market_data.settings import FeedSettings, StreamKind
from domain.errors import ConfigurationError


def test_urls_that_are_not_given_stay_the_venues() -> None:
    assert PRODUCTION.overridden() == PRODUCTION
    assert TESTNET.overridden(rest_url="", stream_url=None) == TESTNET


@pytest.mark.parametrize("ending", ["", "/", "/stream", "/stream/", "/ws"])
def test_stream_url_may_end_in_its_path(ending: str) -> None:
    endpoints = PRODUCTION.overridden(stream_url=f"ws://127.0.0.1:9000{ending}")

    assert endpoints.stream_url == "ws://127.0.0.1:9000"
    assert endpoints.rest_url == PRODUCTION.rest_url


def test_slash_at_the_end_of_the_rest_url_is_dropped() -> None:
    endpoints = PRODUCTION.overridden(rest_url="http://127.0.0.1:9000/")

    assert endpoints.rest_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:9000",
        "ws://127.0.0.1:9000",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://host/?x=1",
        "ftp://host",
    ],
)
def test_rest_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="REST URL"):
        PRODUCTION.overridden(rest_url=url)


def test_stream_url_needs_a_websocket_scheme() -> None:
    with pytest.raises(ConfigurationError, match="stream URL"):
        PRODUCTION.overridden(stream_url="http://127.0.0.1:9000")


def test_settings_beyond_the_venues_streams_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="1 to 512"):
        FeedSettings(streams=frozenset(StreamKind), symbols_per_connection=513)
    with pytest.raises(ConfigurationError, match="streams"):
        FeedSettings(streams=frozenset())
