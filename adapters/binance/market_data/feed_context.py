"""What all connections of one feed share."""

import random
import threading
from dataclasses import dataclass

from adapters.binance.market_data.settings import FeedSettings
from adapters.binance.venue_limits import VenueLimits
from adapters.market_data.event_clock import EventClock
from adapters.market_data.recipient_routes import Routes
from adapters.network.pacing import SlidingWindow
from domain.ports.observing import Meter
from domain.ports.runtime import Clock, RunWokenActors


class ConnectPace:
    """Connection attempts of this process: the venue allows 300 in 5 minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._window = SlidingWindow(limit=250, span_seconds=300)

    def claim(self) -> float:
        """Claim an attempt; return 0, or the seconds after which to ask again."""
        with self._lock:
            now_ns = self._clock.monotonic_ns()
            wait = self._window.wait_seconds(now_ns)
            if not wait:
                self._window.note(now_ns)
            return wait


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """Given to every connection and group."""

    stream_url: str
    settings: FeedSettings
    routes: Routes
    clock: Clock
    meter: Meter
    rng: random.Random
    connect_pace: ConnectPace
    event_clock: EventClock
    limits: VenueLimits
    """Shared by all connections to the venue."""

    run_woken_actors: RunWokenActors
    """Entered around messages to recipients."""
