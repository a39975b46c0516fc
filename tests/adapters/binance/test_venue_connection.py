"""Market data, rules, limits and account as one connection, on an exchange."""

import queue
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

import pytest

from adapters.binance.endpoints import Endpoints
from adapters.binance.market_data.settings import StreamKind
from adapters.binance.trading.keys import Credentials
from adapters.binance.venue_connection import BinanceConnection, ConnectionSettings
from adapters.clock import SystemClock
from adapters.simulated_exchange.settings import SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange
from domain.errors import VenueUnavailableError
from domain.market.updates import DepthUpdate, FeedConnected, TopOfBook
from domain.values import Symbol
from domain.venue.answers import (
    PauseReason,
    UserStreamConnected,
    UserStreamMessage,
)
from domain.venue.symbol_rules import DELISTED
from tests.adapters.witnesses import WAIT_SECONDS, Counts, Inbox


BTC = Symbol("BTCUSDT")
FORGOTTEN = Symbol("LUNAUSDT")
KEYS = Credentials(api_key="key-of-nobody", api_secret="secret-of-nobody")  # noqa: S106 - of a test


class Connect(Protocol):
    def __call__(
        self,
        *,
        credentials: Credentials | None = KEYS,
        stream: StreamKind = StreamKind.DEPTH,
    ) -> BinanceConnection: ...


@pytest.fixture(scope="module")
def exchange() -> Iterator[ThreadedExchange]:
    settings = SimulatorSettings(
        symbols=(BTC,),
        speed=Decimal(10),
        api_key=KEYS.api_key,
        api_secret=KEYS.api_secret,
    )
    with ThreadedExchange(settings) as running:
        yield running


@pytest.fixture
def connect(exchange: ThreadedExchange) -> Iterator[Connect]:
    opened: list[BinanceConnection] = []

    def make(
        *,
        credentials: Credentials | None = KEYS,
        stream: StreamKind = StreamKind.DEPTH,
    ) -> BinanceConnection:
        connection = BinanceConnection(
            ConnectionSettings(
                endpoints=Endpoints.of_host(exchange.url),
                credentials=credentials,
                stream=stream,
                receive_window=timedelta(seconds=5),
            ),
            clock=SystemClock(),
            meter=Counts(),
            run_woken_actors=nullcontext,
        )
        opened.append(connection)
        return connection

    yield make
    for connection in opened:
        connection.close()
    assert threads() == []


def threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("binance-")]


class Listener:
    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[UserStreamMessage] = queue.SimpleQueue()

    def tell(self, message: UserStreamMessage) -> bool:
        self.heard.put(message)
        return True


def test_addresses_are_where_requests_go_and_where_prices_come_from(
    exchange: ThreadedExchange, connect: Connect
) -> None:
    connection = connect()

    assert connection.address == exchange.url
    assert connection.market_address == exchange.stream_url


@pytest.mark.parametrize(
    ("stream", "kind"),
    [(StreamKind.DEPTH, DepthUpdate), (StreamKind.BOOK_TICKER, TopOfBook)],
)
def test_feed_brings_the_stream_that_was_chosen(
    stream: StreamKind, kind: type[DepthUpdate | TopOfBook], connect: Connect
) -> None:
    inbox = Inbox()

    connect(stream=stream).feed.subscribe(BTC, inbox)

    inbox.next_of(FeedConnected)
    assert isinstance(inbox.next(), kind)


def test_symbol_that_the_venue_has_forgotten_is_delisted(connect: Connect) -> None:
    connection = connect()

    rules = connection.rules((BTC, FORGOTTEN), was_listed=lambda _symbol: True)

    assert rules[FORGOTTEN].status == DELISTED
    assert rules[BTC].quote_asset == "USDT"
    assert list(connection.known_rules((BTC, FORGOTTEN))) == [BTC]


def test_best_bid_is_a_price_with_its_quantity(connect: Connect) -> None:
    best_bid = connect().best_bid(BTC)

    assert best_bid is not None
    assert min(best_bid) > 0


def test_no_best_bid_of_a_symbol_that_the_venue_refuses(connect: Connect) -> None:
    assert connect().best_bid(FORGOTTEN) is None


def test_a_ban_from_before_holds_for_market_data_and_orders_alike(
    connect: Connect,
) -> None:
    connection = connect()

    connection.remember_ban(SystemClock().now() + timedelta(minutes=5), keep)

    with pytest.raises(VenueUnavailableError, match="wants no requests"):
        connection.known_rules((BTC,))
    assert connection.venue is not None
    pause = connection.venue.probe()
    assert pause is not None
    assert pause.reason is PauseReason.RATE_LIMITED


def keep(_until: datetime) -> None:
    raise AssertionError("there was no new ban")


def test_account_events_are_told_while_they_are_wanted(connect: Connect) -> None:
    connection, listener = connect(), Listener()

    with connection.account_events(listener):
        first = listener.heard.get(timeout=WAIT_SECONDS)
        assert isinstance(first, UserStreamConnected)
        assert "binance-keep-warm" in threads()

    assert "binance-keep-warm" not in threads()


def test_without_keys_there_is_no_venue_and_nothing_to_hear(connect: Connect) -> None:
    connection, listener = connect(credentials=None), Listener()

    assert connection.venue is None
    with connection.account_events(listener):
        assert "binance-keep-warm" not in threads()
    assert listener.heard.empty()


def test_closed_connection_sends_nothing_more(connect: Connect) -> None:
    connection, inbox = connect(), Inbox()
    connection.feed.subscribe(BTC, inbox)
    inbox.next_of(FeedConnected)

    connection.close()

    assert threads() == []
    assert connection.venue is not None
    assert connection.venue.probe() is not None
