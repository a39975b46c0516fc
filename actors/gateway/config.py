"""The venue that the actors are given, and how they use it."""

from dataclasses import dataclass, field
from datetime import datetime

from actors.gateway.permits import Permits
from domain.ports.venue import Venue
from domain.risk.halt import Halt
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.venue.unknown_outcome import ResolutionTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """The venue, and how it is used."""

    venue: Venue
    workers: int = 0
    """Actors that wait for its answers; 0: it never blocks, the gateway calls it."""

    times: ResolutionTimes = field(default_factory=ResolutionTimes)
    limits: RiskLimits = NO_LIMITS
    """The operator's."""

    permits: Permits = field(default_factory=Permits)
    """Of all children of the process; they outlive a gateway."""

    unsaved_halts: list[Halt] = field(default_factory=list)
    """Settings of the halt switch that are not on disk yet; they outlive a gateway."""

    sends_from_ns: int = 0
    """Monotonic: until then the service whose database we took over may still send
    children that it had recorded, and nothing leaves here."""

    records_since: datetime | None = None
    """When the venue, a simulated exchange, was started: it has no earlier records."""
