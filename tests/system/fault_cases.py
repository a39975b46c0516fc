"""The fault switches of the simulated exchange, and what each may do to a symbol."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class FaultCase:
    """A fault, and how the service has to live through it."""

    name: str
    fault: str
    parameters: dict[str, object] = field(default_factory=dict)
    concerns_all: bool = False
    """Whether the switch takes no symbol."""

    lasts_seconds: float = 0.0
    """How long it goes on after it has begun."""

    lost_within_seconds: float = 5.0
    """Until the book must not be used any more, where that is to be."""

    back_within_seconds: float = 8.0
    """From there until the symbol can trade again."""

    def switch(self, symbol: str) -> dict[str, object]:
        """What the control endpoint is told."""
        scope = {} if self.concerns_all else {"symbol": symbol}
        return {"fault": self.fault, **self.parameters, **scope}


HARMLESS: Final = (
    FaultCase("duplicate", "duplicate", {"count": 3}),
    FaultCase("no JSON", "garbage", {"kind": "not_json"}),
    FaultCase("truncated", "garbage", {"kind": "truncated"}),
    FaultCase("unknown event", "garbage", {"kind": "unknown_event"}),
    FaultCase("late", "delay", {"seconds": 0.4, "for_seconds": 1}, lasts_seconds=1.5),
    FaultCase("burst", "silence", {"seconds": 1, "after": "burst"}, lasts_seconds=1),
    FaultCase(
        "shutdown",
        "server_shutdown",
        {"after_seconds": 1},
        concerns_all=True,
        lasts_seconds=1.5,
    ),
)
"""The symbol never stops being tradable."""

HARMFUL: Final = (
    FaultCase("gap", "gap"),
    FaultCase("long gap", "gap", {"count": 5}),
    FaultCase("reorder", "reorder"),
    FaultCase("lost in silence", "silence", {"seconds": 2, "after": "gap"}),
    FaultCase("cut", "cut", concerns_all=True),
    FaultCase("abrupt shutdown", "server_shutdown", concerns_all=True),
)
"""The book is no longer to be trusted, until it was loaded anew."""

SNAPSHOT_TROUBLES: Final = (
    FaultCase("old snapshot", "stale_snapshot"),
    FaultCase("no snapshot", "http_error", {"path": "depth"}),
    FaultCase(
        "late snapshot", "delay", {"target": "rest", "seconds": 1, "for_seconds": 3}
    ),
)
"""What makes it harder to load the book anew."""

LONG_SILENCES: Final = (
    FaultCase(
        "silent stream",
        "silence",
        {"seconds": 40, "after": "gap"},
        lost_within_seconds=30,
        back_within_seconds=40,
    ),
    FaultCase(
        "frozen server",
        "silence",
        {"seconds": 25, "after": "gap", "answer_pings": False},
        concerns_all=True,
        lost_within_seconds=15,
        back_within_seconds=45,
    ),
)
"""As harmful, but noticed only by the silence."""

LONG_TROUBLES: Final = (
    FaultCase(
        "too many requests",
        "http_error",
        {"path": "depth", "status": 429, "retry_after": 5},
        back_within_seconds=20,
    ),
    FaultCase(
        "banned",
        "http_error",
        {"path": "depth", "status": 418, "retry_after": 5},
        back_within_seconds=20,
    ),
)

BY_NAME: Final = {case.name: case for case in HARMLESS + HARMFUL}
GAP: Final = BY_NAME["gap"]
