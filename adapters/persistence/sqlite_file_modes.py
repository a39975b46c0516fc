"""File modes of a database, and of the files that SQLite and we keep beside it."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final


PRIVATE: Final = 0o600

_BESIDE: Final = ("-wal", "-shm", "-journal", "-lock")


def create_private(path: Path) -> None:
    """Create the file if it is missing, readable only by its owner.

    SQLite would create it, and its log, with whatever the umask allows. An error here
    is not raised: SQLite meets it again, and reports it.
    """
    with suppress(OSError):
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        os.close(os.open(path.resolve(), flags, PRIVATE))


def close_files_beside(path: Path) -> None:
    """Restrict the files beside the database to the permissions that it has itself.

    Files left by a crash keep the mode of a time when it was open to others. Behind a
    symbolic link they lie beside the file itself.
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
