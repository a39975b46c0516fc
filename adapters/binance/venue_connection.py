"""Binance spot as one connection: market data, rules, limits and account together."""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from adapters.binance.endpoints import Endpoints
from adapters.binance.market_data.feed import BinanceFeed
from adapters.binance.market_data.settings import (
    FeedSettings,
    MarketDataSettings,
    StreamKind,
)
from adapters.binance.market_data.trade_stream import TradeStream
from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from adapters.network.warm_keeper import WarmKeeper
from domain.errors import MalformedMessageError, VenueUnavailableError
from domain.market.public_trades import PublicTrades
from domain.market.updates import Level
from domain.ports.market_feed import MarketFeed
from domain.ports.observing import Meter
from domain.ports.runtime import Clock, Recipient, RunWokenActors
from domain.ports.venue import Venue
from domain.ports.venue_connection import VenueConnection
from domain.values import Symbol
from domain.venue.answers import UserStreamMessage
from domain.venue.limit_use import LimitUse
from domain.venue.symbol_rules import SymbolRules


CONCURRENT_CALLS: Final = 48
"""Calls about orders under way at once; each may wait as long as its timeout.

More than the 45 orders that the venue's usual limits let us send in ten seconds: so no
child waits for another's answer, even if the venue is far away or hangs. Idle ones cost
no time."""

_LEVELS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where the venue is, who trades there, and what is read."""

    endpoints: Endpoints
    credentials: Credentials | None
    """None: no orders are sent."""

    stream: StreamKind
    """The stream that prices are taken from."""

    receive_window: timedelta
    """How old an order may be when the venue sees it: above 0 and at most 60 s."""

    records_since: datetime | None = None
    """When the server was started, if it is our own."""


class BinanceConnection(VenueConnection):
    """All access to Binance, or to a server that speaks its protocol."""

    def __init__(
        self,
        settings: ConnectionSettings,
        *,
        clock: Clock,
        meter: Meter,
        run_woken_actors: RunWokenActors,
    ) -> None:
        """Connect to nothing yet.

        Args:
            settings: addresses, account and streams.
            clock: for limits and pauses.
            meter: counts frames.
            run_woken_actors: entered around messages that came together.
        """
        self._endpoints = settings.endpoints
        self._records_since = settings.records_since
        streams = FeedSettings(streams=frozenset({settings.stream}))
        self._feed = BinanceFeed(
            endpoints=settings.endpoints,
            clock=clock,
            meter=meter,
            rng=random.Random(),  # noqa: S311 - spreads reconnects, hides nothing
            settings=MarketDataSettings(feed=streams),
            run_woken_actors=run_woken_actors,
        )
        self._venue = _account_venue(settings, clock, self._feed.limits)

    @property
    def address(self) -> str:
        """Base URL of the REST calls."""
        return self._endpoints.rest_url

    @property
    def market_address(self) -> str:
        """Base URL of the market's streams."""
        return self._endpoints.stream_url

    @property
    def feed(self) -> MarketFeed:
        """The combined streams, with snapshots."""
        return self._feed

    @property
    def venue(self) -> Venue | None:
        """The signed calls; None without keys."""
        return self._venue

    @property
    def concurrent_calls(self) -> int:
        """As many as there are connections."""
        return CONCURRENT_CALLS

    @property
    def records_since(self) -> datetime | None:
        """When our own server was started; None: it is not ours."""
        return self._records_since

    def rules(
        self, symbols: Collection[Symbol], *, was_listed: Callable[[Symbol], bool]
    ) -> dict[Symbol, SymbolRules]:
        """Fetch the rules for orders on these symbols."""
        return self._feed.rest.exchange_rules(symbols, was_listed=was_listed)

    def known_rules(self, symbols: Collection[Symbol]) -> dict[Symbol, SymbolRules]:
        """Fetch the rules of those symbols that the venue knows."""
        return self._feed.rest.known_rules(symbols)

    def best_bid(self, symbol: Symbol) -> Level | None:
        """Fetch the current best bid; None when there is none, or no answer."""
        try:
            snapshot = self._feed.rest.depth(symbol, _LEVELS)
        except (VenueUnavailableError, MalformedMessageError):
            return None
        if not snapshot.bids:
            return None
        price, quantity = snapshot.bids[0]
        return Decimal(price), Decimal(quantity)

    def remember_ban(
        self, until: datetime | None, keep: Callable[[datetime], object]
    ) -> None:
        """Continue a ban that an earlier process met, and record new ones."""
        self._feed.limits.remember(until, keep)

    def limits_used(self) -> Sequence[LimitUse]:
        """Return what we and others behind our address have used, as far as known."""
        return self._feed.limits.used()

    @contextmanager
    def account_events(self, recipient: Recipient[UserStreamMessage]) -> Iterator[None]:
        """Send the account's events to ``recipient`` while the context is entered."""
        with ExitStack() as stack:
            if self._venue is not None:
                stream = self._venue.user_stream(
                    url=self._endpoints.ws_api_url,
                    recipient=recipient,
                    rng=random.Random(),  # noqa: S311 - spreads reconnects
                )
                keeper = WarmKeeper(
                    self._venue.keep_warm, thread_name="binance-keep-warm"
                )
                for one in (stream, keeper):
                    stack.callback(one.close)
                    one.start()
            yield

    @contextmanager
    def public_trades(
        self, symbols: Collection[Symbol], recipient: Recipient[PublicTrades]
    ) -> Iterator[None]:
        """Send all trades of these symbols while the context is entered."""
        streams = TradeStream.of_all(symbols, self._feed.context, recipient)
        with ExitStack() as stack:
            for stream in streams:
                stack.callback(stream.close)
                stream.start()
            yield

    def close(self) -> None:
        """End all connections; afterwards nothing is delivered or sent."""
        try:
            if self._venue is not None:
                self._venue.close()
        finally:
            self._feed.close()


def _account_venue(
    settings: ConnectionSettings, clock: Clock, limits: VenueLimits
) -> BinanceVenue | None:
    if settings.credentials is None:
        return None
    return BinanceVenue(
        rest_url=settings.endpoints.rest_url,
        credentials=settings.credentials,
        clock=clock,
        limits=limits,
        settings=TradingSettings(
            receive_window=settings.receive_window, connections=CONCURRENT_CALLS
        ),
    )
