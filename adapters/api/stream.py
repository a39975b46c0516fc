"""What the push stream tells besides the steps of orders (``OrderEventAnswer``)."""

from msgspec import Struct

from adapters.api.times import Time


class PositionAnswer(Struct, frozen=True, kw_only=True):
    """Where the stream begins."""

    position: str
    """What is older than this is not told; such as `0-4711`."""


class HeartbeatAnswer(Struct, frozen=True, kw_only=True):
    """There is nothing new."""

    time: Time
    """The service's."""

    last_event_at: Time | None
    """When the last event that was sent to anybody occurred; null: none was sent."""

    age_seconds: float | None
    """How old that is, by the service's clock; 0 if the clock was set back."""
