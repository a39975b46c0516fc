"""Giving what is in a log that has lost its name a name again.

Only the process that has it open can still read it, and the end of that process would
be the end of it.
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
"""Device and number; None when there is no such file."""

DESCRIPTORS: Final = ("/proc/self/fd", "/dev/fd")
"""Where systems list the files that a process has open."""

_BLOCK: Final = 1 << 20

logger = logging.getLogger(__name__)


def inode_of(path: str | Path) -> Inode:
    """Tell which file a name leads to."""
    try:
        found = os.stat(path)  # noqa: PTH116 - at each commit; pathlib takes thrice as long
    except OSError:
        return None
    return found.st_dev, found.st_ino


def save_again(lost: Inode, name: Path) -> Inode:
    """Copy a file that we have open to the name it had; a crash leaves all or nothing.

    Another file that has the name by now is kept beside it.

    Args:
        lost: the file; nobody writes to it meanwhile.
        name: that it had.

    Returns:
        The copy, which is on the disk then.

    Raises:
        OSError: there is no room for it, say; the name leads to what it led to before.
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


def _open_again(wanted: Inode) -> int:
    """Get a descriptor of our own of a file that something in this process has open."""
    for number in _numbers():
        if _inode_behind(number) != wanted:
            continue
        with contextlib.suppress(OSError):
            ours = os.dup(number)
            if _inode_behind(ours) == wanted:
                return ours
            # The number has become another file's meanwhile. It is not closed: that
            # would drop whatever locks SQLite holds on that one.
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
    """Keep what somebody else has put there: who knows what is in it."""
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
