"""Handles the signals that end us, from the process's first moment.

The first process of a container ignores a signal that it does not handle: one that
comes while the program is being loaded would be lost, and the service would start and
trade. Elsewhere it would end us with a traceback. So this imports only what the
interpreter has loaded anyway.
"""

import os
import signal
from types import FrameType
from typing import Final


STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_CODE_BASE: Final = 128
"""A process ended by a signal reports this plus the signal's number."""


class EarlySignals:
    """Ends the process at once: nothing has been started yet."""

    def __init__(self) -> None:
        self._before: list[tuple[signal.Signals, signal._HANDLER]] = []
        self.is_wish = False
        """Whether a signal is a normal request to stop, with exit code 0."""

    def take(self, *, is_wish: bool) -> None:
        """Handle the signals from now on; call it from the main thread."""
        self.is_wish = is_wish
        for number in STOP_SIGNALS:
            if not is_left_alone(number):
                self._before.append((number, signal.signal(number, self._end)))

    def give_back(self) -> None:
        """Restore the handlers from before ``take``."""
        while self._before:
            signal.signal(*self._before.pop())

    def _end(self, number: int, _frame: FrameType | None) -> None:
        os._exit(0 if self.is_wish else EXIT_CODE_BASE + number)


def is_left_alone(number: signal.Signals) -> bool:
    """Whether our parent process wants a signal ignored, as ``nohup`` does."""
    is_hangup = number is signal.SIGHUP
    return is_hangup and signal.getsignal(number) is signal.SIG_IGN


EARLY: Final = EarlySignals()
"""The instance of this process."""
