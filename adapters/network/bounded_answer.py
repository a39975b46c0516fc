"""HTTP answers that must be complete within a time limit.

A socket's timeout is for each wait for bytes: an answer that trickles in byte by byte
would be waited for without end. Here each wait gets what is left of the whole time.
"""

import io
import time
from http.client import HTTPResponse
from typing import Any


class _BoundedReads(io.RawIOBase):
    """Reads from a socket until a deadline; after that every read times out."""

    def __init__(self, sock: Any, raw: io.RawIOBase, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._patience: float | None = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        # over TLS this covers a whole record, however its bytes come in
        self._sock.settimeout(min(left, self._patience or left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class WholeAnswer(HTTPResponse):
    """An answer with a time limit on status line, headers and body together."""

    seconds_max: float

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        """Start the time limit."""
        super().__init__(sock, *args, **kwargs)
        deadline = time.monotonic() + self.seconds_max
        raw: Any = self.fp.detach()
        self.fp = io.BufferedReader(_BoundedReads(sock, raw, deadline))


def whole_within(seconds: float) -> type[WholeAnswer]:
    """Return the answer class of a connection with this time limit."""

    class Bounded(WholeAnswer):
        seconds_max = seconds

    return Bounded
