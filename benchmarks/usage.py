"""What a process uses."""

import contextlib
import os
import threading
import time
from pathlib import Path


def usage() -> dict[str, float]:
    """Return resident bytes, number of threads and CPU seconds of this process.

    And for how long its threads could have run, had others left them a processor.
    """
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return {
        "resident_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "threads": threading.active_count(),
        "cpu_seconds": time.process_time(),
        "cpu_wait_seconds": _cpu_wait_seconds(),
    }


def _cpu_wait_seconds() -> float:
    waited_ns = 0
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended; or no such figures here
            waited_ns += int((thread / "schedstat").read_text("ascii").split()[1])
    return waited_ns / 1e9
