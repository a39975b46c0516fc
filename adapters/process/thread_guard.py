"""The guard of all threads: an exception that ends any of them ends the process."""

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from adapters.process.logs import WRITER


END_SECONDS: Final = 20.0
"""How long the graceful stop may take after that; normally it takes at most 5."""

EXIT_CODE: Final = 1

logger = logging.getLogger(__name__)


class ThreadGuard:
    """Ends the process, with exit code 1, when an exception ends a thread.

    That thread's work is no longer done: orders would wait for ever. Actors report
    panics here, too (``PoolDispatcher.panic``). The stop is graceful; if it does not
    finish, the process ends all the same.
    """

    def __init__(
        self,
        request_stop: Callable[[], object],
        exit_now: Callable[[int], object] = os._exit,
    ) -> None:
        """Watch nothing yet.

        Args:
            request_stop: requests a graceful stop; called from any thread.
            exit_now: ends the process at once.
        """
        self._request_stop = request_stop
        self._exit_now = exit_now
        self._before = threading.excepthook
        self.has_failed = False
        """Whether a thread ended by an exception."""

        self.failure: BaseException | None = None
        """The first such exception."""

    def __enter__(self) -> Self:
        """Watch all threads of the process."""
        self._before = threading.excepthook
        threading.excepthook = self._thread_ended
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching."""
        threading.excepthook = self._before

    def _thread_ended(self, end: threading.ExceptHookArgs) -> None:
        is_first, self.has_failed = not self.has_failed, True
        self.failure = self.failure or end.exc_value
        try:
            if is_first:
                _exit_later()
            self._log(end)
            self._request_stop()
            if end.thread is not None and end.thread.name == WRITER:
                _say(end)  # the log writer itself has ended
        except BaseException:  # noqa: BLE001 - no memory for that, for example
            self._exit_now(EXIT_CODE)

    def _log(self, end: threading.ExceptHookArgs) -> None:
        name = end.thread.name if end.thread else "unknown"
        error = end.exc_value or end.exc_type()
        text = "Thread ended by an exception, the process ends thread=%s"
        logger.critical(text, name, exc_info=(end.exc_type, error, end.exc_traceback))


def _say(end: threading.ExceptHookArgs) -> None:
    """Write to stderr directly, without the message, which may hold a secret."""
    if sys.__stderr__ is not None:
        error = end.exc_type.__name__
        line = f"CRITICAL log writer ended, the process ends error={error}\n"
        os.write(sys.__stderr__.fileno(), line.encode())


def _exit_later() -> None:
    """End the process with code 1 after a while, whatever it is doing then.

    The interpreter's own watchdog needs neither memory nor the GIL.
    """
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(
            END_SECONDS, exit=True, file=sys.__stderr__.fileno()
        )
