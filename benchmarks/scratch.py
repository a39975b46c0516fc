"""A folder for databases, on the disk that the project is on.

Not in the system's folder for temporary files, which may be in memory: a commit there
costs nothing.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.worker import PROJECT


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Make the folder, and remove it with all that is in it."""
    parent = PROJECT / "benchmarks"
    with tempfile.TemporaryDirectory(prefix=".scratch-", dir=parent) as name:
        yield Path(name)
