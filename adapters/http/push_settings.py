"""What the push stream is made from, and its sizes and times."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from adapters.http.event_follower import Pace
from adapters.http.push_listener import ListenerLimits
from adapters.http.state_board import StatePace
from domain.ports.events import CommittedEvents, EventSource
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries


NewExecutor = Callable[[int, str], Executor]
"""Makes an executor with at most so many threads, of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """Sizes and times."""

    listeners_max: int = 256
    page_events: int = 200
    """Read from the disk at a time for a client that comes with an older position."""

    look_seconds: float = 1.0
    """Between looks at who needs a heartbeat, or has to go."""

    linger_seconds: float = 5.0
    """How long the events are followed for a client that may come, or come back."""

    limits: ListenerLimits = field(default_factory=ListenerLimits)
    pace: Pace = field(default_factory=Pace)
    state_pace: StatePace = field(default_factory=StatePace)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSources:
    """Where it all comes from."""

    events: EventSource
    """Where committed events are heard of."""

    disk: CommittedEvents
    """The same on disk."""

    orders: OrderQueries
    desk: OrderDesk
