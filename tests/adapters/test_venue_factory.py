"""Settings choose the venue; nothing else does."""

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.configuration.settings import ServeSettings, read_serve_settings
from adapters.metrics.meter import PrometheusMeter
from adapters.venue_factory import open_venue, secrets_of_account
from domain.errors import ConfigurationError
from domain.ports.venue_connection import VenueConnection
from domain.values import Symbol
from tests.adapters.added_market import added_market


PROGRAM = Path(__file__).resolve().parents[2] / "run.py"
BTC = Symbol("BTCUSDT")
KEY, SECRET = "key-of-nobody", "secret-of-nobody"
ELSEWHERE = {
    "rest_url": "http://127.0.0.1:1",
    "stream_url": "ws://127.0.0.1:1",
    "ws_api_url": "ws://127.0.0.1:1/ws-api/v3",
}


def settings_of(**options: str) -> ServeSettings:
    return read_serve_settings({"symbols": BTC, **options}, {})


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_SECRET", "PRIVATE_KEY"):
        monkeypatch.delenv(f"TRADE_EXECUTOR_{name}", raising=False)
        monkeypatch.delenv(f"TRADE_EXECUTOR_{name}_FILE", raising=False)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADE_EXECUTOR_API_KEY", KEY)
    monkeypatch.setenv("TRADE_EXECUTOR_API_SECRET", SECRET)


def opened(stack: ExitStack, **options: str) -> VenueConnection:
    return open_venue(
        settings_of(**options),
        PROGRAM,
        stack,
        clock=SystemClock(),
        meter=PrometheusMeter(),
        run_woken_actors=nullcontext,
    )


@pytest.mark.parametrize(
    ("market", "address", "market_address"),
    [
        ("binance", "https://api.binance.com", "wss://stream.binance.com:9443"),
        (
            "testnet",
            "https://testnet.binance.vision",
            "wss://stream.testnet.binance.vision",
        ),
    ],
)
def test_market_decides_where_the_venue_is(
    stack: ExitStack, market: str, address: str, market_address: str
) -> None:
    connection = opened(stack, market=market, trading="paper")

    assert (connection.address, connection.market_address) == (address, market_address)


def test_host_that_the_operator_names_takes_its_place(stack: ExitStack) -> None:
    connection = opened(stack, market="binance", **ELSEWHERE)

    assert connection.address == ELSEWHERE["rest_url"]
    assert connection.market_address == ELSEWHERE["stream_url"]
    assert connection.records_since is None


@pytest.mark.usefixtures("keys")
def test_paper_trading_has_no_account_even_with_keys(stack: ExitStack) -> None:
    assert opened(stack, market="binance", **ELSEWHERE).venue is None


@pytest.mark.usefixtures("keys")
def test_live_trading_has_one(stack: ExitStack) -> None:
    connection = opened(stack, market="binance", trading="live", **ELSEWHERE)

    assert connection.venue is not None
    assert connection.concurrent_calls > 45


def test_live_trading_needs_keys(stack: ExitStack) -> None:
    with pytest.raises(ConfigurationError, match="--trading live needs keys"):
        opened(stack, market="binance", trading="live", **ELSEWHERE)


def test_simulated_exchange_lives_as_long_as_its_connection() -> None:
    before = SystemClock().now()
    with ExitStack() as stack:
        connection = opened(stack, market="simulated")
        assert connection.records_since is not None
        assert connection.records_since >= before
        assert connection.venue is not None
        assert connection.venue.probe() is None  # it knows the account
        assert connection.best_bid(BTC) is not None

    assert connection.best_bid(BTC) is None


def test_simulated_exchange_on_paper_has_no_account(stack: ExitStack) -> None:
    assert opened(stack, market="simulated", trading="paper").venue is None


@pytest.mark.usefixtures("keys")
def test_secrets_are_those_of_the_keys_whether_they_are_used_or_not() -> None:
    live = settings_of(market="binance", trading="live")

    assert set(secrets_of_account(live)) == {KEY, SECRET}
    assert set(secrets_of_account(settings_of())) == {KEY, SECRET}


def test_missing_keys_are_said_when_the_secrets_are_asked_for() -> None:
    live = settings_of(market="binance", trading="live")

    assert secrets_of_account(settings_of()) == ()
    with pytest.raises(ConfigurationError, match="--trading live needs keys"):
        secrets_of_account(live)


@pytest.mark.usefixtures("keys")
def test_keys_of_another_venue_are_not_read_as_binances() -> None:
    with pytest.raises(AssertionError):
        secrets_of_account(replace(settings_of(), market=added_market()))
