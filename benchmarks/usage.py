"""What a process uses."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
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


def cpu_seconds_by_thread() -> dict[str, float]:
    """Return the CPU seconds of each living thread by its name."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    return {
        names.get(number, str(number)): worked_ns / 1e9
        for number, worked_ns, _ in _schedules()
    }


def _cpu_wait_seconds() -> float:
    return sum(waited_ns for _, _, waited_ns in _schedules()) / 1e9


def _schedules() -> Iterator[tuple[int, int, int]]:
    """Yield each thread's number, and for how long it has run and waited to run."""
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended; or no such figures here
            worked_ns, waited_ns, _ = (thread / "schedstat").read_text("ascii").split()
            yield int(thread.name), int(worked_ns), int(waited_ns)
