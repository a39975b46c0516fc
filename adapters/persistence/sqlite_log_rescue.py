"""Saves a log that has lost its name under that name again.

Only the process that has it open can still read it; when that process ends, it is lost.
"""

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.persistence.sqlite_file_modes import PRIVATE


Inode = tuple[int, int] | None
"""Device and inode number; None when there is no such file."""

DESCRIPTORS: Final = ("/proc/self/fd", "/dev/fd")
"""Where systems list the files that a process has open."""

_BLOCK: Final = 1 << 20

logger = logging.getLogger(__name__)


def inode_of(path: str | Path) -> Inode:
    """Return the file that a name leads to."""
    try:
        found = os.stat(path)  # noqa: PTH116 - at each commit; pathlib takes thrice as long
    except OSError:
        return None
    return found.st_dev, found.st_ino


def save_again(lost: Inode, name: Path) -> Inode:
    """Copy a file that we have open to its old name, atomically.

    If another file has that name by now, it is kept beside the copy.

    Args:
        lost: the file; nothing writes to it meanwhile.
        name: its old name.

    Returns:
        The copy, which is safely on disk.

    Raises:
        OSError: no room for it, for example; the name is then unchanged.
    """
    copy = name.with_name(f"{name.name}-copy")
    source = _open_again(lost)
    try:
        _copy(source, copy)
        _keep_found(name)
        copy.replace(name)
    except OSError:
        with contextlib.suppress(OSError):
            copy.unlink()
        raise
    finally:
        os.close(source)  # SQLite holds no locks on its log that this would drop
    _sync_folder(name.parent)
    return inode_of(name)


def remove_log(name: Path) -> None:
    """Remove a log that is in its file, and its index.

    Raises:
        OSError: one of them is still there.
    """
    name.unlink(missing_ok=True)
    index = name.with_name(f"{name.name.removesuffix('-wal')}-shm")
    index.unlink(missing_ok=True)


def _open_again(wanted: Inode) -> int:
    """Get a new descriptor of a file that this process has open already."""
    for number in _numbers():
        if _inode_behind(number) != wanted:
            continue
        with contextlib.suppress(OSError):
            ours = os.dup(number)
            if _inode_behind(ours) == wanted:
                return ours
            # The number now belongs to another file. It is not closed, because that
            # would drop any locks that SQLite holds on that file.
    msg = "this system does not say by which descriptor we have it open"
    raise OSError(msg)


def _numbers() -> Iterator[int]:
    for folder in DESCRIPTORS:
        with contextlib.suppress(OSError):
            yield from [int(one.name) for one in Path(folder).iterdir()]
            return


def _inode_behind(number: int) -> Inode:
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _copy(source: int, copy: Path) -> None:
    flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC
    with open(os.open(copy, flags, PRIVATE), "wb") as target:  # noqa: PTH123 - a mode
        os.fchmod(target.fileno(), stat.S_IMODE(os.fstat(source).st_mode))
        position = 0
        while block := os.pread(source, _BLOCK, position):
            target.write(block)
            position += len(block)
        target.flush()
        os.fsync(target.fileno())


def _keep_found(name: Path) -> None:
    """Keep a file that somebody else put there: its content may matter."""
    with contextlib.suppress(FileNotFoundError):
        if name.stat().st_size:
            aside = name.with_name(f"{name.name}-found")
            name.replace(aside)
            logger.warning("Another log was there and is kept path=%s", aside)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
