"""What the operating system gives us, and what it must not give away of us."""

import contextlib
import ctypes
import errno
import resource
import sys
import threading
from collections.abc import Iterator
from typing import Final

from domain.errors import UnavailableError


_PR_SET_DUMPABLE: Final = 4
_NO_MEMORY: Final = (errno.ENOMEM, errno.EAGAIN)


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
    try:
        yield started
    except (MemoryError, RuntimeError, OSError) as error:
        lack = _lack(error)
        if lack is None or started.is_set():
            raise
        cause = f"{type(error).__name__}: {error}".rstrip(": ")
        message = f"not enough {lack} to start ({cause}); see the limits of the process"
        raise OutOfResourcesError(message) from error


def _lack(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RuntimeError):
        return "threads or memory" if "start new thread" in str(error) else None
    if is_lack_of_files(error):
        return "open files"
    is_lack = isinstance(error, OSError) and error.errno in _NO_MEMORY
    return "memory or processes" if is_lack else None


def is_lack_of_files(error: BaseException) -> bool:
    """Whether the process, or the machine, has no file descriptor left."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def forbid_core_files() -> None:
    """Leave no image of our memory behind when we crash: there are keys in it.

    The limit keeps the kernel from writing a file. Not being dumpable also keeps it
    from handing the image to a collector, and other processes of the same user from
    reading our memory; root still can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
