"""What was done to the service, in order: for whoever has to find out what happened."""

import json
import threading
import time
from pathlib import Path


class Journal:
    """A file with one JSON object a line. For any number of threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._began = time.monotonic()
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Since the beginning of the run."""
        return time.monotonic() - self._began

    def note(self, what: str, **facts: object) -> None:
        entry = {"at": round(self.seconds, 3), "what": what, **facts}
        line = json.dumps(entry, default=str)
        with self._lock:
            self._file.write(f"{line}\n")

    def close(self) -> None:
        self._file.close()
