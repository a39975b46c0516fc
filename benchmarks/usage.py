"""What a process uses."""

import os
import threading
import time
from pathlib import Path


def usage() -> dict[str, float]:
    """Return resident bytes, number of threads and CPU seconds of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return {
        "resident_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "threads": threading.active_count(),
        "cpu_seconds": time.process_time(),
    }
