"""What can happen to SQLite's log, and what is left when the process is killed."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path


ENDS = ("", "-wal", "-shm")

Damage = Callable[[Path], None]


def delete_log(file: Path) -> None:
    beside(file, "-wal").unlink()


def delete_both(file: Path) -> None:
    delete_log(file)
    beside(file, "-shm").unlink()


def replace_log(file: Path) -> None:
    delete_log(file)
    beside(file, "-wal").touch()


def beside(file: Path, end: str) -> Path:
    return file.with_name(f"{file.name}{end}")


DAMAGES = (delete_log, delete_both, replace_log)


def after_a_kill(file: Path) -> list[int]:
    """Return the orders that the files have, and not the process."""
    there = Path(tempfile.mkdtemp(dir=file.parent))
    for end in ENDS[:2]:  # a successor makes the index anew
        if beside(file, end).exists():
            shutil.copy(beside(file, end), there)
    with closing(sqlite3.connect(there / file.name)) as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = found.execute("SELECT sequence FROM orders ORDER BY sequence")
        return [sequence for (sequence,) in rows]
