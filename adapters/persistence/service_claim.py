"""The claim on a database: refuses a second service early, and says why."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Keeps other services off a database; what decides in the end is ``Tenure``."""

    give_back: Callable[[], object]
    """Called once; after that, ``keep`` does nothing."""

    keep: Callable[[], object] = _nothing
    """Called about every second by the holder of the tenure: starts a check that the
    claim still stands, which renews it if not. Does not wait for the check."""
