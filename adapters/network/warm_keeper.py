"""Keeps a few connections to the venue alive, so that an order finds one open."""

import threading
from collections.abc import Callable
from typing import Final


_ROUND_SECONDS: Final = 1.0
"""Pause between rounds; short enough that no connection becomes too old in between."""

_TROUBLE_SECONDS: Final = 5.0
"""Pause until the next round when the venue is out of reach, or bans us."""

_CLOSE_SECONDS_MAX: Final = 1.0


class WarmKeeper:
    """The thread that keeps connections alive."""

    def __init__(self, keep_warm: Callable[[], bool], *, thread_name: str) -> None:
        """Start nothing yet.

        Args:
            keep_warm: pings idle connections, and returns whether all are alive; may
                block.
            thread_name: of the thread.
        """
        self._keep_warm = keep_warm
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=thread_name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; does not wait long if the venue does not answer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS_MAX)

    def _run(self) -> None:
        while True:
            is_well = self._keep_warm()
            if self._stopping.wait(_ROUND_SECONDS if is_well else _TROUBLE_SECONDS):
                return
