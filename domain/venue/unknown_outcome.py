"""How an unknown outcome is resolved: when to ask again, when "no such order" counts.

Source: Binance spot, unknown execution status; docs/venues.md has the details.
A request may still enter the venue's engine until its timestamp plus recvWindow; the
venue itself gives up after 10 s; and its records have been seen to lag by more than
20 s. Only after all of that does "no such order" mean that there never was one.
"""

from dataclasses import dataclass
from datetime import timedelta


_DOUBLINGS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionTimes:
    """How long "no such order" proves nothing, and how often the venue is asked."""

    window: timedelta = timedelta(seconds=40)
    """From the last moment at which the request can have been sent: recvWindow (5 s),
    the venue's own limit (10 s), and a margin for records that lag (25 s)."""

    first: timedelta = timedelta(milliseconds=250)
    """Before the first look-up after a call of unknown outcome."""

    longest: timedelta = timedelta(seconds=5)
    """Between look-ups; each wait is twice the one before, up to this."""

    def pause(self, look_ups: int) -> timedelta:
        """Return how long to wait after this many look-ups."""
        doublings: int = 2 ** min(look_ups, _DOUBLINGS_MAX)
        return min(self.first * doublings, self.longest)
