"""Acknowledged records that are in no file, and what is done about it."""

import logging
import time
from collections.abc import Callable
from typing import Final

from adapters.clock import pause
from domain.errors import StoreUnavailableError


SAVING_SECONDS: Final = 20.0
"""How long ``insist`` tries at most until the records are in a file."""

SAVING_PAUSE_SECONDS: Final = 0.5

logger = logging.getLogger("adapters.persistence.store")


class UnsavedRecords:
    """Whether there are any, and why; says so when that changes."""

    def __init__(self) -> None:
        self._problem = ""

    def note(self, problem: str) -> None:
        """Note why there are any; empty: there are none."""
        before, self._problem = self._problem, problem
        if problem and problem != before:
            logger.critical(
                "Acknowledged orders are in no file any more, and end with this "
                "process: leave it running, and mend this problem=%s",
                problem,
            )
        elif before and not problem:
            logger.warning("Acknowledged orders are in a file again")

    def insist(self, save: Callable[[], None]) -> None:
        """Try to save them, again and again for a while, and note how it went.

        Raises:
            StoreUnavailableError: they are lost.
        """
        if not self._problem:
            return
        text = "Stopping loses acknowledged orders, mend that problem now seconds=%s"
        logger.critical(text, SAVING_SECONDS)
        until = time.monotonic() + SAVING_SECONDS
        while self._problem and time.monotonic() < until:
            pause(SAVING_PAUSE_SECONDS)
            save()
        if self._problem:
            msg = f"acknowledged orders are lost: {self._problem}"
            raise StoreUnavailableError(msg)
