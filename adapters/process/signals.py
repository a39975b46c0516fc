"""Signals of the operating system: graceful stop, immediate stop, thread dump."""

import contextlib
import faulthandler
import logging
import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Final, Self

from adapters.process.early_signals import (
    EARLY,
    EXIT_CODE_BASE,
    STOP_SIGNALS,
    is_left_alone,
)
from domain.errors import UnavailableError


STOP_AT_START_SECONDS: Final = 5.0
"""How long a start that is to be abandoned may take to reach its next ``check``."""

COUNT_SECONDS: Final = 1.0
"""How long the stop waits to know how many orders are open. Many calls may wait for a
database that has fallen silent, and the count would be behind all of them."""

_END_OF_READING: Final = 0


logger = logging.getLogger(__name__)


class StartFailedError(UnavailableError):
    """Something that was started already has failed, which ended the start."""


class StoppedWhileStartingError(Exception):
    """A stop was requested before everything was started."""


class GracefulSignals:
    """Waits for a request to stop; a second one ends the process at once.

    SIGINT, SIGTERM and SIGHUP request a stop. SIGUSR1 writes the stack of every thread
    to stderr. Use it once, as a context in the main thread; its end restores the
    previous handlers.
    """

    def __init__(
        self,
        exit_now: Callable[[int], object] = os._exit,
        patience_seconds: float = STOP_AT_START_SECONDS,
    ) -> None:
        """Handle no signal yet.

        Args:
            exit_now: ends the process with a code.
            patience_seconds: how long a start may take to end after a request to stop.
        """
        # Python runs a handler only when the main thread executes its next bytecode,
        # which it does not while it waits in C: a signal just before that is unseen
        # until something wakes the thread. So the interpreter writes the number to a
        # pipe, at the signal itself, and a thread of ours reads it there.
        self._exit_now = exit_now
        self._patience = patience_seconds
        self._is_starting = False
        self.outcome: Callable[[], int] = lambda: 0
        """Returns the exit code of a start that is ended at once; set by the code that
        knows what has failed."""

        self._stop = threading.Event()
        self._first = 0
        self._before: list[tuple[signal.Signals, signal._HANDLER]] = []
        self._reader = threading.Thread(target=self._read, name="signals", daemon=True)
        self._pipe = (-1, -1)
        self._wakeup_before = -1

    def __enter__(self) -> Self:
        """Take the signals over."""
        self._pipe = os.pipe()
        os.set_blocking(self._pipe[1], False)
        self._wakeup_before = signal.set_wakeup_fd(self._pipe[1])
        for number in STOP_SIGNALS:
            if not is_left_alone(number):
                self._before.append((number, signal.signal(number, _leave_to_reader)))
        EARLY.is_wish = False  # after this context, the exit code is not ours to decide
        if sys.__stderr__ is not None:
            faulthandler.register(signal.SIGUSR1, file=sys.__stderr__, all_threads=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        faulthandler.unregister(signal.SIGUSR1)
        self._give_back()

    def _give_back(self) -> None:
        while self._before:
            number, handler = self._before.pop()
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        with contextlib.suppress(BlockingIOError):
            # If the pipe is full, the reader is busy, and ends with the process.
            os.write(self._pipe[1], bytes([_END_OF_READING]))
            self._reader.join()
            for end in self._pipe:
                os.close(end)

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Mark the start, during which a request to stop must not wait for its end.

        The next ``check`` ends the start. If there is none in time, the process ends at
        once, with the code of ``outcome``: until ``trading``, nothing has been started
        that a kill could harm.
        """
        self._is_starting = True
        try:
            self.check()
            yield
        finally:
            self._is_starting = False

    def trading(self) -> None:
        """Note that the service trades from now on, and needs a graceful stop.

        Raises:
            StoppedWhileStartingError: a stop was requested before.
        """
        self.check()
        self._is_starting = False

    def check(self) -> None:
        """Go on only if no stop was requested.

        Raises:
            StoppedWhileStartingError: a stop was requested.
        """
        if self.stopping:
            raise StoppedWhileStartingError

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._stop.is_set()

    @property
    def number(self) -> int:
        """The signal that came first; 0 when none came."""
        return self._first

    def say_stopped(self, count_open: Callable[[], int]) -> None:
        """Log that trading has ended, by which signal, and how many orders stay open.

        Args:
            count_open: returns how many orders are open on disk.
        """
        counted: queue.SimpleQueue[int | str] = queue.SimpleQueue()

        def count() -> None:
            with contextlib.suppress(UnavailableError):
                counted.put(count_open())
                return
            counted.put("unknown")

        threading.Thread(target=count, name="count-open", daemon=True).start()
        try:
            orders = counted.get(timeout=COUNT_SECONDS)
        except queue.Empty:
            orders = "unknown"
        name = signal.Signals(self._first).name if self._first else "none"
        logger.info("Trading ended signal=%s open_orders=%s", name, orders)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for a signal to stop, or for ``request_stop``.

        Returns:
            Whether one came in time.
        """
        return self._stop.wait(timeout_seconds)

    def request_stop(self) -> None:
        """End the wait from inside the process; safe from any thread."""
        self._stop.set()

    def _read(self) -> None:
        while (number := self._next_number()) != _END_OF_READING:
            if number not in STOP_SIGNALS:
                continue
            if self._first:
                self._exit_now(EXIT_CODE_BASE + number)
            else:
                self._first = number
                self._stop.set()

    def _next_number(self) -> int:
        while self._first and self._is_starting:
            readable, _, _ = select.select([self._pipe[0]], [], [], self._patience)
            if readable:
                break
            if self._is_starting:
                self._exit_now(self.outcome())
                break
        return os.read(self._pipe[0], 1)[0]


def _leave_to_reader(_number: int, _frame: FrameType | None) -> None:
    """Replace the handler that would raise KeyboardInterrupt or end us."""
