"""The operator's switch: while it is on, no child order leaves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """How the switch stands. Only on disk does it outlive the process."""

    is_on: bool = False
    reason: str = ""
    """The operator's words; empty when there were none."""

    since: datetime | None = None
    """Aware UTC; None when it was never thrown."""


NEVER_HALTED = Halt()


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltSet:
    """The switch stands so, in this process."""

    halt: Halt
    is_on_disk: bool = True
    """Whether it stands so after an end of the process, too."""

    children_in_flight: int
    """Sent, and not answered yet or of unknown outcome: at most so many may still be
    executed. While the switch is on, no other leaves."""
