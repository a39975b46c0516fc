"""Fetches snapshots on a few threads, in the order requested."""

import threading
from typing import Final

from adapters.binance.market_data.settings import SnapshotSettings
from adapters.binance.rest import (
    BinanceRest,
    VenueRefusedError,
    depth_for,
    depth_weight,
)
from adapters.market_data.recipient_routes import Routes
from adapters.network.pacing import SECOND_NS
from domain.errors import MalformedMessageError
from domain.market.updates import DepthSnapshot, SnapshotFailed
from domain.ports.observing import Meter
from domain.ports.runtime import Clock
from domain.values import Symbol


DEPTH_THRIFTY: Final = 100
"""Levels a side at the lowest request weight."""

_WAIT_MAX_SECONDS: Final = 0.25
"""How long a worker waits for its turn before it checks again."""


class SnapshotPool:
    """Workers that wait until the weight allows a request, and send its answer."""

    def __init__(
        self,
        *,
        rest: BinanceRest,
        routes: Routes,
        settings: SnapshotSettings,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._rest = rest
        self._routes = routes
        self._settings = settings
        self._clock = clock
        self._meter = meter
        self._condition = threading.Condition()
        self._waiting: dict[Symbol, None] = {}  # a dict is an ordered set
        self._is_closed = False
        self._threads = [
            threading.Thread(
                target=self._work, name=f"binance-snapshots-{number}", daemon=True
            )
            for number in range(settings.workers)
        ]

    def start(self) -> None:
        """Start the workers."""
        for thread in self._threads:
            thread.start()

    def request(self, symbol: Symbol) -> None:
        """Queue the symbol's snapshot, unless it is queued already."""
        with self._condition:
            self._waiting[symbol] = None
            self._condition.notify()

    def close(self) -> list[threading.Thread]:
        """Drop the queue; return the threads, which are ending."""
        with self._condition:
            self._is_closed = True
            self._waiting.clear()
            self._condition.notify_all()
        return [thread for thread in self._threads if thread.is_alive()]

    def _work(self) -> None:
        while (turn := self._next_turn()) is not None:
            symbol, limit = turn
            self._routes.tell(self._fetch(symbol, limit))

    def _next_turn(self) -> tuple[Symbol, int] | None:
        """Wait for a symbol whose turn it is; None when closed.

        Returns:
            the symbol and the number of levels to ask for; 0: refuse at once.
        """
        with self._condition:
            while not self._is_closed:
                if not self._waiting:
                    self._condition.wait()
                    continue
                limit = self._limit()
                if self._rest.gate.pause_seconds() > self._settings.pause_max_seconds:
                    return self._take(), 0
                wait_seconds = self._rest.gate.claim(depth_weight(limit))
                if not wait_seconds:
                    return self._take(), limit
                self._condition.wait(min(wait_seconds, _WAIT_MAX_SECONDS))
        return None

    def _take(self) -> Symbol:
        symbol = next(iter(self._waiting))
        del self._waiting[symbol]
        return symbol

    def _limit(self) -> int:
        if self._settings.depth is not None:
            return self._settings.depth
        if self._rest.gate.is_scarce():
            return DEPTH_THRIFTY  # a shallow book now beats a deep one next minute
        return depth_for(len(self._routes), self._settings.weight_per_minute)

    def _fetch(self, symbol: Symbol, limit: int) -> DepthSnapshot | SnapshotFailed:
        if not limit:
            return SnapshotFailed(
                symbol=symbol,
                cause="the venue wants no requests for a while",
                retry_after_seconds=self._rest.gate.pause_seconds(),
            )
        self._meter.count("feed_snapshots")
        started_ns = self._clock.monotonic_ns()
        try:
            snapshot = self._rest.depth(symbol, limit)
        except (VenueRefusedError, MalformedMessageError) as error:
            self._meter.count("feed_snapshots_failed")
            wish = getattr(error, "retry_after_seconds", 0.0)
            return SnapshotFailed(
                symbol=symbol, cause=str(error), retry_after_seconds=wish
            )
        seconds = (self._clock.monotonic_ns() - started_ns) / SECOND_NS
        self._meter.observe_seconds("feed_snapshot_seconds", seconds)
        return snapshot
