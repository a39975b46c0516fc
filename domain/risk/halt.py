"""The operator's switch: while it is on, no child order leaves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """The state of the switch. It outlives the process only if it is on disk."""

    is_on: bool = False
    reason: str = ""
    """The operator's words; empty if there were none."""

    since: datetime | None = None
    """Aware UTC; None if it was never thrown."""


NEVER_HALTED = Halt()


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltSet:
    """The switch is in this state, in this process."""

    halt: Halt
    is_on_disk: bool = True
    """Whether the state outlives the process."""

    children_in_flight: int
    """Sent, and not answered yet or with an unknown outcome: at most this many may
    still be executed. While the switch is on, no other child leaves."""
