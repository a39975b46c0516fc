"""What keeps a second service off a database: an early and friendly refusal."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A database that no other service is let in to; ``Tenure`` is what decides."""

    give_back: Callable[[], object]
    """Called once; ``keep`` does nothing any more then."""

    keep: Callable[[], object] = _nothing
    """To be called every second or so by whoever holds the tenure: has somebody look
    whether the claim still stands, and make it anew if not. It waits for nothing."""
