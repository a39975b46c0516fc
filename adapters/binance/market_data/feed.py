"""Binance's market data as a feed: many symbols on few connections."""

import logging
import random
import threading
import time
from contextlib import nullcontext
from typing import Final

from adapters.binance.endpoints import Endpoints
from adapters.binance.market_data.feed_context import ConnectPace, FeedContext
from adapters.binance.market_data.settings import MarketDataSettings
from adapters.binance.market_data.snapshots import SnapshotPool
from adapters.binance.market_data.symbol_group import SymbolGroup
from adapters.binance.rest import BinanceRest
from adapters.binance.venue_limits import VenueLimits
from adapters.market_data.event_clock import EventClock
from adapters.market_data.recipient_routes import Routes
from domain.market.updates import FeedMessage
from domain.ports.market_feed import MarketFeed
from domain.ports.observing import Meter
from domain.ports.runtime import Clock, Recipient, RunWokenActors
from domain.values import Symbol


logger = logging.getLogger(__name__)

DEFAULTS: Final = MarketDataSettings()
CLOSE_SECONDS_MAX: Final = 2.0


class BinanceFeed(MarketFeed):
    """The market data port on Binance's combined streams.

    Connections are threads of their own, named ``binance-feed-<group>-<attempt>``, and
    tell recipients from there. A recipient's ``tell`` must only take the message: it
    may not call the feed back before it returns.
    """

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        clock: Clock,
        meter: Meter,
        rng: random.Random,
        settings: MarketDataSettings = DEFAULTS,
        run_woken_actors: RunWokenActors = nullcontext,
    ) -> None:
        """Connect to nothing yet.

        Args:
            endpoints: where the venue is.
            clock: for ages, bans and the venue's minute.
            meter: gets ``feed_*`` counters and ``feed_snapshot_seconds``.
            rng: spreads reconnection attempts.
            settings: time limits and rates.
            run_woken_actors: entered around all that came on a connection at once.
        """
        how = settings.snapshots
        self._routes, self._lock = Routes(), threading.Lock()
        self._rest = BinanceRest(rest_url=endpoints.rest_url, settings=how, clock=clock)
        self.context: Final = FeedContext(
            stream_url=endpoints.stream_url,
            settings=settings.feed,
            routes=self._routes,
            clock=clock,
            meter=meter,
            rng=rng,
            connect_pace=ConnectPace(clock),
            event_clock=_event_clock(self._rest, clock),
            limits=self._rest.gate,
            run_woken_actors=run_woken_actors,
        )
        self._snapshots = SnapshotPool(
            rest=self._rest, routes=self._routes, settings=how, clock=clock, meter=meter
        )
        self._group_of: dict[Symbol, SymbolGroup] = {}
        self._snapshots.start()

    @property
    def rest(self) -> BinanceRest:
        """The public calls of the same venue, within the same limits."""
        return self._rest

    @property
    def limits(self) -> VenueLimits:
        """The limits shared by all connections to the same venue."""
        return self._rest.gate

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        """Send everything about the symbol to ``recipient`` from now on."""
        if not self._routes.attach(symbol, recipient):
            return
        with self._lock:
            groups = self._groups()
            for group in groups:
                if group.add(symbol):
                    break
            else:
                group = SymbolGroup(number=len(groups) + 1, context=self.context)
                group.add(symbol)
            self._group_of[symbol] = group

    def request_snapshot(self, symbol: Symbol) -> None:
        """Request a ``DepthSnapshot`` or a ``SnapshotFailed`` for the recipient."""
        self._snapshots.request(symbol)

    def renew(self, symbol: Symbol, cause: str) -> None:
        """Replace the connection that carries the symbol.

        Does nothing while that connection is very new or missing: many symbols of one
        broken connection may ask for the same.
        """
        group = self._group_of.get(symbol)
        if group is not None:
            logger.info("Feed renewal asked for symbol=%s cause=%s", symbol, cause)
            group.renew(cause)

    def as_of_ns(self, symbol: Symbol) -> int:
        """Return as of when the symbol's stream is known; 0: not at all."""
        group = self._group_of.get(symbol)
        return 0 if group is None else group.as_of_ns()

    def close(self) -> None:
        """End all connections; nothing is sent afterwards. Waits 2 s at most.

        A snapshot request that the venue leaves unanswered ends by its own timeout, on
        a daemon thread, and its outcome is dropped.
        """
        self._routes.close()
        with self._lock:
            groups = self._groups()
        ending = [connection for group in groups for connection in group.close()]
        threads = self._snapshots.close() + self.context.event_clock.close()
        self._rest.close()
        deadline = time.monotonic() + CLOSE_SECONDS_MAX
        for connection in ending:
            connection.join(max(0.0, deadline - time.monotonic()))
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _groups(self) -> list[SymbolGroup]:
        return list(dict.fromkeys(self._group_of.values()))


def _event_clock(rest: BinanceRest, clock: Clock) -> EventClock:
    return EventClock(
        ask_ms=rest.server_time_if_allowed_ms,
        clock=clock,
        thread_name="binance-event-clock",
    )
