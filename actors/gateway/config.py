"""The venue as the actors are given it, and how they deal with it."""

from dataclasses import dataclass, field
from datetime import datetime

from actors.gateway.permits import Permits
from domain.ports.venue import Venue
from domain.risk.halt import Halt
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.venue.unknown_outcome import ResolutionTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """The venue, and how it is dealt with."""

    venue: Venue
    workers: int = 0
    """Actors that wait for its answers; 0: it never blocks, and is called at once."""

    times: ResolutionTimes = field(default_factory=ResolutionTimes)
    limits: RiskLimits = NO_LIMITS
    """The operator's."""

    permits: Permits = field(default_factory=Permits)
    """Of all children of the process, whichever gateway gives them out."""

    unsaved_halts: list[Halt] = field(default_factory=list)
    """What was wished of the halt switch and no disk has yet; gateways come and go."""

    sends_from_ns: int = 0
    """Monotonic: until then another service may still send what it had recorded before
    we took its database over, and nothing leaves here."""

    records_since: datetime | None = None
    """Before this the venue has no records: it is an exchange that was started then."""
