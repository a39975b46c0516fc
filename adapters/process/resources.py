"""What the operating system gives us, and what it must not give away of us."""

import contextlib
import ctypes
import logging
import resource
import sys
import threading
from collections.abc import Iterator
from typing import Final

from adapters.process.missing_resources import lack_of, words_of_lack
from adapters.process.signals import StartFailedError
from domain.errors import ConfigurationError, UnavailableError


FILES_MIN: Final = 64
"""Open files that the service takes with a few clients. SQLite and others that lack
one say something else."""

_ACTOR_LOG: Final = logging.getLogger("pykka")
"""It writes how an actor ended, with a traceback."""

_PR_SET_DUMPABLE: Final = 4


class OutOfResourcesError(UnavailableError):
    """There is not enough memory, or there are not enough threads, to start."""


@contextlib.contextmanager
def exhaustion_in_one_line() -> Iterator[threading.Event]:
    """Say in one line what a start lacks, whatever the library calls it.

    Set the event when all is started: what runs out later is no failed start.

    Raises:
        OutOfResourcesError: in place of what Python raises when memory, threads or
            processes run out.
    """
    started = threading.Event()
    hiding = _Hiding(started)
    _ACTOR_LOG.addFilter(hiding)
    try:
        yield started
    except (
        MemoryError,
        RuntimeError,
        OSError,
        ConfigurationError,
        StartFailedError,
    ) as error:
        # What could not be used for want of something is not configured wrongly.
        is_judged = isinstance(error, ConfigurationError | StartFailedError)
        judged = (error.__cause__ or error.__context__) if is_judged else None
        cause = judged or error
        lack = lack_of(cause)
        if lack is None or started.is_set():
            raise
        raise OutOfResourcesError(words_of_lack(lack, cause)) from error
    finally:
        _ACTOR_LOG.removeFilter(hiding)


class _Hiding(logging.Filter):
    """Keeps back the traceback of an actor that could not start for want of something.

    It would come before the one line, and say less.
    """

    def __init__(self, started: threading.Event) -> None:
        super().__init__()
        self._started = started

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is None or self._started.is_set() or lack_of(error) is None


def require_open_files() -> None:
    """Refuse to start on a limit that is far too low.

    Raises:
        OutOfResourcesError: it is.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit < FILES_MIN:
        message = f"not enough open files to start (the limit is {limit}, it takes "
        message += f"{FILES_MIN}); see the limits of the process"
        raise OutOfResourcesError(message)


def forbid_core_files() -> None:
    """Leave no image of our memory behind when we crash: there are keys in it.

    The limit keeps the kernel from writing a file. Not being dumpable also keeps it
    from handing the image to a collector, and other processes of the same user from
    reading our memory; root still can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
