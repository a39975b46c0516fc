"""Recognises a lack of resources by the many names that errors give it.

Imports only what the interpreter has loaded anyway: if there is no memory to load the
program, there is none for other imports either.
"""

import errno
import sys
from types import TracebackType
from typing import Final


_NO_MEMORY: Final = (errno.ENOMEM, errno.EAGAIN)
_NO_FILES: Final = (errno.EMFILE, errno.ENFILE)
_NOT_MAPPED: Final = ("failed to map", "cannot allocate memory")
"""In the linker's messages about a compiled library that does not fit in memory."""
_LOST: Final = ("error return without exception set", "without setting an exception")
"""In what stands for a MemoryError that got lost within compiled code."""

_LEFT_BYTES: Final = 16 * 1024 * 1024
"""With less than this left, what fails while the program is loaded fails for want of
memory: parsers and compilers then blame the program."""


def lack_of(error: BaseException) -> str | None:
    """Return what is lacking; None when the error is about something else."""
    if isinstance(error, MemoryError) or any(words in str(error) for words in _LOST):
        return "memory"
    if isinstance(error, RuntimeError):
        return "threads or memory" if "start new thread" in str(error) else None
    if is_lack_of_files(error):
        return "open files"
    if isinstance(error, ImportError):
        said = str(error).lower()
        return "memory" if any(words in said for words in _NOT_MAPPED) else None
    is_lack = isinstance(error, OSError) and error.errno in _NO_MEMORY
    return "memory or processes" if is_lack else None


def is_lack_of_files(error: BaseException) -> bool:
    """Whether the process, or the machine, has no file descriptor left."""
    return isinstance(error, OSError) and error.errno in _NO_FILES


def words_of_lack(lack: str, error: BaseException) -> str:
    """Return one line that says what a start lacks."""
    cause = f"{type(error).__name__}: {error}".rstrip(": ")
    return f"not enough {lack} to start ({cause}); see the limits of the process"


def _is_memory_used_up() -> bool:
    try:
        bytes(_LEFT_BYTES)
    except MemoryError:
        return True
    return False


def say_lack_in_one_line(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Replace ``sys.excepthook`` while the program is loaded."""
    lack = lack_of(error) or ("memory" if _is_memory_used_up() else None)
    if lack is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(f"error: {words_of_lack(lack, error)}\n")
