"""Keeping a second service off a database file: an early and friendly refusal.

What a second one would break without it is held by the tenure; but two services on two
names of a file have two write-ahead logs, and see nothing of each other.
"""

import errno
import fcntl
import os
import struct
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from domain.errors import ConfigurationError


_HELD: Final = (errno.EAGAIN, errno.EACCES)
_OUR_BYTE: Final = 1 << 62
"""Far behind the bytes that SQLite locks, and behind the end of any file."""

_FOLDER: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC

_LOCK: Final = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, _OUR_BYTE, 1, 0)
"""``struct flock``: one byte, for writing."""


def claim_file(path: Path, shown: str) -> Callable[[], object]:
    """Lock a database file, under whatever name, until the process ends.

    Call it before SQLite opens the file, and give it back after SQLite has closed it:
    closing any handle of a file drops the locks that SQLite holds on it.

    Args:
        path: of the file; it is made if it is missing.
        shown: the database as the operator named it.

    Returns:
        What gives the claim back.

    Raises:
        ConfigurationError: another process has it, or it cannot be had safely.
    """
    path = path.resolve()
    beside = path.with_name(f"{path.name}-lock")
    with ExitStack() as opened:
        handle = _open(beside, shown, opened)
        if not _is_locked(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)):
            raise ConfigurationError(_taken(shown))
        itself = _open(path, shown, opened)
        if not _is_locked(lambda: _lock_open_file(itself)):
            raise ConfigurationError(_taken(shown))
        folder = os.open(path.parent, _FOLDER)
        opened.callback(os.close, folder)
        if other := _other_name(itself, folder):
            msg = (
                f"--database {shown}: {other}; SQLite keeps a log beside each name: "
                "what was written under one is missing under the other"
            )
            raise ConfigurationError(msg)
        return opened.pop_all().close


def _open(path: Path, shown: str, opened: ExitStack) -> int:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        msg = f"--database {shown}: cannot open {path}: {error.strerror}"
        raise ConfigurationError(msg) from error
    opened.callback(os.close, handle)
    return handle


def _is_locked(lock: Callable[[], object]) -> bool:
    """Whether we have the lock now, or the system knows no such locks."""
    try:
        lock()
    except OSError as error:
        return error.errno not in _HELD
    return True


def _lock_open_file(handle: int) -> None:
    """Lock by the open file, not by the process as SQLite does.

    A lock of the process would be gone as soon as SQLite closes a handle of its own.
    """
    command = getattr(fcntl, "F_OFD_SETLK", None)
    if command is not None:  # Linux
        fcntl.fcntl(handle, command, _LOCK)


def _other_name(itself: int, folder: int) -> str:
    """Say why the file has another name as well, and what to do; empty: it has none.

    A symbolic link is none: SQLite goes by where it leads to.
    """
    if os.fstat(itself).st_nlink > 1:
        return "the file has another name as well (a hard link), remove one"
    if _mount_of(itself) != _mount_of(folder):
        return "the file is mounted by itself, mount its folder instead"
    return ""


def _mount_of(handle: int) -> str:
    """Tell by which mount a file was reached; empty where the system does not say.

    Its device says nothing of that: a bind mount has the same.
    """
    try:
        about = Path(f"/proc/self/fdinfo/{handle}").read_text()
    except OSError:
        return ""  # not Linux
    lines = (line.partition(":") for line in about.splitlines())
    return next((value.strip() for name, _, value in lines if name == "mnt_id"), "")


def _taken(shown: str) -> str:
    return f"--database {shown}: another running service has it"
