"""Resources of the operating system: limits at the start, and no core files."""

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
"""Open files that the service needs with a few clients. Without this check, SQLite and
others would report a lack of them as something else."""

_ACTOR_LOG: Final = logging.getLogger("pykka")
"""Logs how an actor ended, with a traceback."""

_PR_SET_DUMPABLE: Final = 4


class OutOfResourcesError(UnavailableError):
    """There is not enough memory, or there are not enough threads, to start."""


@contextlib.contextmanager
def exhaustion_in_one_line() -> Iterator[threading.Event]:
    """Report in one line what a start lacks, whatever a library calls it.

    Set the event when everything is started: what runs out later is not a failed start.

    Raises:
        OutOfResourcesError: instead of what Python raises when memory, threads or
            processes run out.
    """
    started = threading.Event()
    hiding = _Hiding(started)
    _ACTOR_LOG.addFilter(hiding)
    try:
        yield started
    except (
        MemoryError,
        SystemError,
        RuntimeError,
        OSError,
        ConfigurationError,
        StartFailedError,
    ) as error:
        # A configuration error caused by a lack of resources is reported as the lack.
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
    """Hides the traceback of an actor that could not start for lack of resources.

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
        OutOfResourcesError: the limit is too low.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit < FILES_MIN:
        message = f"not enough open files to start (the limit is {limit}, it takes "
        message += f"{FILES_MIN}); see the limits of the process"
        raise OutOfResourcesError(message)


def forbid_core_files() -> None:
    """Forbid core dumps, because our memory holds keys.

    The limit stops the kernel from writing a file. Not being dumpable also stops it
    from handing the core to a collector, and other processes of the same user from
    reading our memory; root still can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
