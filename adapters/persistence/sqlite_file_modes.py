"""Who may read a database file, and those that SQLite and we keep beside it."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final


PRIVATE: Final = 0o600

_BESIDE: Final = ("-wal", "-shm", "-journal", "-lock")


def create_private(path: Path) -> None:
    """Make the file if there is none, for its owner alone.

    SQLite would make it for everybody whom the umask leaves in, and its log the same.
    What goes wrong here goes wrong there again, and is told then.
    """
    with suppress(OSError):
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        os.close(os.open(path.resolve(), flags, PRIVATE))


def close_files_beside(path: Path) -> None:
    """Take from the files beside it what the database itself does not allow.

    They may be of a time when it was open to others: what is left of a crash keeps its
    mode. Behind a symbolic link they lie beside the file itself.
    """
    with suppress(OSError):
        real = path.resolve()
        allowed = stat.S_IMODE(real.stat().st_mode)
        for suffix in _BESIDE:
            _restrict(real.with_name(real.name + suffix), allowed)


def _restrict(path: Path, allowed: int) -> None:
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~allowed:
            path.chmod(mode & allowed)
