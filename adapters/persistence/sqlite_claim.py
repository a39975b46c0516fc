"""Keeps a second service off a database file, with an early and clear refusal.

The tenure protects a database from a second service anyway; but two services that use
two names of one file have two write-ahead logs, and do not see each other's writes.
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
"""Far beyond the bytes that SQLite locks, and beyond the end of any file."""

_FOLDER: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC

_LOCK: Final = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, _OUR_BYTE, 1, 0)
"""``struct flock`` of a write lock on that byte."""


def claim_file(path: Path, shown: str) -> Callable[[], object]:
    """Lock a database file, under any of its names, until the process ends.

    Call it before SQLite opens the file, and give it back after SQLite has closed it:
    closing any handle of a file drops the locks that SQLite holds on it.

    Args:
        path: of the file, which is created if it is missing.
        shown: the database as the operator named it.

    Returns:
        A function that gives the claim back.

    Raises:
        ConfigurationError: another process has it, or the file cannot be used safely.
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
    """Whether we have the lock now, or the system does not support such locks."""
    try:
        lock()
    except OSError as error:
        return error.errno not in _HELD
    return True


def _lock_open_file(handle: int) -> None:
    """Lock for the open file description, not for the process as SQLite does.

    A process lock would be released as soon as SQLite closes a handle of its own.
    """
    command = getattr(fcntl, "F_OFD_SETLK", None)
    if command is not None:  # Linux
        fcntl.fcntl(handle, command, _LOCK)


def _other_name(itself: int, folder: int) -> str:
    """Say what other name the file has, and what to do; empty if it has none.

    A symbolic link does not count: SQLite follows it to the file itself.
    """
    if os.fstat(itself).st_nlink > 1:
        return "the file has another name as well (a hard link), remove one"
    if _mount_of(itself) != _mount_of(folder):
        return "the file is mounted by itself, mount its folder instead"
    return ""


def _mount_of(handle: int) -> str:
    """Return the mount by which a file was reached; empty if the system does not say.

    The device does not tell: a bind mount has the same one.
    """
    try:
        about = Path(f"/proc/self/fdinfo/{handle}").read_text()
    except OSError:
        return ""  # not Linux
    lines = (line.partition(":") for line in about.splitlines())
    return next((value.strip() for name, _, value in lines if name == "mnt_id"), "")


def _taken(shown: str) -> str:
    return f"--database {shown}: another running service has it"
