"""The venue's adapter, watched: how long it takes alone, how many calls at once."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from actors.gateway.permits import ChildPermit, Permits
from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import DEFAULT_LIMITS, VenueLimits
from adapters.clock import SystemClock
from benchmarks.market import SYMBOL, TRIGGER_PRICE
from domain.orders.child_order import ChildOrder
from domain.values import ChildId, OrderId, Side, Symbol
from domain.venue.answers import VenueAnswer


KEY: Final = "benchmark"
SECRET: Final = "no-secret"  # noqa: S105 - of a venue on loopback


class CallWatch:
    """Counts the orders that are at the venue at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        self.calls = 0
        self.busy_seconds = 0.0

    def watch(self) -> None:
        """Have every placement of this process counted from now on."""
        place = BinanceVenue.place

        def watched(
            venue: BinanceVenue, child: ChildOrder, permit: ChildPermit
        ) -> VenueAnswer:
            self._begin()
            started = time.perf_counter()
            try:
                return place(venue, child, permit)
            finally:
                self._end(time.perf_counter() - started)

        BinanceVenue.place = watched  # type: ignore[assignment, method-assign]  # to count

    def take(self) -> dict[str, float]:
        """Return the figures since last asked."""
        with self._lock:
            found = {
                "calls": self.calls,
                "most_at_once": self.most,
                "busy_seconds": self.busy_seconds,
            }
            self.calls, self.most, self.busy_seconds = 0, self._now, 0.0
            return found

    def _begin(self) -> None:
        with self._lock:
            self.calls += 1
            self._now += 1
            self.most = max(self.most, self._now)

    def _end(self, seconds: float) -> None:
        with self._lock:
            self._now -= 1
            self.busy_seconds += seconds


_NEVER_NS: Final = 2**63


def seconds_alone(url: str, count: int, apart_seconds: float) -> list[float]:
    """Time from a call of the adapter to the wire, with nothing else to do."""
    clock, pause = SystemClock(), threading.Event()
    credentials = Credentials(api_key=KEY, api_secret=SECRET)
    limits = VenueLimits(clock=clock)
    limits.set_limits([replace(one, limit=1_000_000) for one in DEFAULT_LIMITS])
    venue = BinanceVenue(
        rest_url=url, credentials=credentials, clock=clock, limits=limits
    )
    samples = []
    permits = Permits()
    for number in range(count + 1):
        child = _child(number)
        permit = ChildPermit(clock=clock, until_ns=_NEVER_NS, expires_at=None)
        permits.admit(permit)
        started_ns = clock.monotonic_ns()
        answer = venue.place(child, permit)
        samples.append((answer.written_ns - started_ns) / 1e9)
        pause.wait(apart_seconds)
    venue.close()
    return samples[1:]  # the first one connects, and asks for the time


def _child(number: int) -> ChildOrder:
    order_id = OrderId(f"01BENCH{number:019d}")
    return ChildOrder(
        child_id=ChildId(f"{order_id}-1"),
        order_id=order_id,
        symbol=Symbol(SYMBOL),
        side=Side.SELL,
        price=TRIGGER_PRICE,
        quantity=Decimal("0.01"),
        slices=(),
        intended_at=datetime.now(UTC),  # noqa: TID251 - no part of the service
    )
