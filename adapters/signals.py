"""Signals of the operating system: stop in order, stop at once, show the threads."""

import faulthandler
import os
import queue
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Final, Self


STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
EXIT_CODE_BASE: Final = 128
"""A process ended by a signal reports this plus the signal's number."""


class GracefulSignals:
    """Waits for the wish to stop; a second wish ends the process at once.

    SIGINT and SIGTERM are wishes to stop. SIGUSR1 writes where every thread stands to
    stderr. Use it as a context in the main thread; at its end the signals do what
    they did before.
    """

    def __init__(self, exit_now: Callable[[int], object] = os._exit) -> None:
        # A handler runs between any two steps of the main thread, also inside the
        # lock of a threading.Event. SimpleQueue.put may be called even then.
        self._wishes: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._exit_now = exit_now
        self._first: int | None = None
        self._before: list[tuple[signal.Signals, signal._HANDLER]] = []

    def __enter__(self) -> Self:
        """Take the signals over."""
        for number in STOP_SIGNALS:
            self._before.append((number, signal.signal(number, self._receive)))
        if sys.__stderr__ is not None:
            faulthandler.register(signal.SIGUSR1, file=sys.__stderr__, all_threads=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        faulthandler.unregister(signal.SIGUSR1)
        while self._before:
            number, handler = self._before.pop()
            signal.signal(number, handler)

    @property
    def stopping(self) -> bool:
        """Whether somebody wished the process to stop."""
        return self._first is not None

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """Wait for the wish to stop, or for ``request_stop``.

        Returns:
            The signal's number, 0 for ``request_stop``, None when time is up.
        """
        try:
            return self._wishes.get(timeout=timeout_seconds)
        except queue.Empty:
            return None

    def request_stop(self) -> None:
        """End the wait from inside the process; safe from any thread."""
        self._wishes.put(0)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._first is not None:
            self._exit_now(EXIT_CODE_BASE + number)
        self._first = number
        self._wishes.put(number)
