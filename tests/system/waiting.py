"""Waiting for what will be so before a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar


T = TypeVar("T")

PAUSE_SECONDS = 0.02
PATIENCE = 4
"""Bounds are stated for a quiet machine; a busy one may be this much slower."""


def eventually(
    look: Callable[[], T],
    *,
    within_seconds: float,
    what: str,
    every: float = PAUSE_SECONDS,
) -> T:
    """Look again and again; return the first thing found that is true.

    Raises:
        AssertionError: nothing was in time; tells what was waited for.
    """
    pause = threading.Event()
    deadline = time.monotonic() + within_seconds * PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_seconds} s: {what}; {found!r}")
        pause.wait(every)
    return found
