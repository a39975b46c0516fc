"""A worker that is many clients of the push stream, in one loop over plain sockets."""

import asyncio
import re
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from benchmarks.samples import summary
from benchmarks.worker import answer


_BEGIN_SECONDS: Final = 30.0
_EVENT_END: Final = b"\n\n"
_EVENT: Final = re.compile(
    rb'id: ([0-9]+)-([0-9]+)\nevent: order\n.*?"occurred_at":"([^"]+)"'
)

Position = tuple[int, int]


class _Received(NamedTuple):
    """The order events of some bytes."""

    positions: list[Position]
    occurred_ns: list[int]


@lru_cache(maxsize=8)
def _read(text: bytes) -> _Received:
    """Read whole events; all clients are sent the same bytes, so once is enough."""
    found = _EVENT.findall(text)
    return _Received(
        positions=[(int(one[0]), int(one[1])) for one in found],
        occurred_ns=[_nanoseconds(one[2]) for one in found],
    )


def _nanoseconds(moment: bytes) -> int:
    return int(datetime.fromisoformat(moment.decode()).timestamp() * 1e6) * 1000


class _Crowd:
    """What all clients have received."""

    def __init__(self) -> None:
        self.sequence: list[Position] = []
        """The positions in the order in which they first came to anybody."""

        self.latencies: list[float] = []
        """Seconds from the time that an event states to its receipt by a client."""

        self.missed = 0
        self.doubled = 0
        self.closed = 0
        self.events = 0

    def place(self, position: Position) -> int:
        """Return where in the sequence a client begins that is at a position."""
        index = len(self.sequence)
        while index and self.sequence[index - 1] > position:
            index -= 1
        return index


class _Listener(asyncio.Protocol):
    """One client."""

    def __init__(
        self, crowd: _Crowd, request: bytes, has_begun: threading.Semaphore
    ) -> None:
        self._crowd = crowd
        self._request = request
        self._has_begun = has_begun
        self._rest = b""
        self._index: int | None = None  # in the crowd's sequence; of the next event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now_ns = time.time_ns()
        whole, end, self._rest = (self._rest + data).rpartition(_EVENT_END)
        if self._index is None and end:
            self._begin(whole)
        if self._index is not None:
            self._take(self._index, _read(whole), now_ns)

    def connection_lost(self, _error: Exception | None) -> None:
        self._crowd.closed += 1

    def _begin(self, text: bytes) -> None:
        """Read the first event, which says where the stream begins."""
        assert text.startswith(b"HTTP/1.1 200 "), text
        found = re.search(rb"id: ([0-9]+)-([0-9]+)\nevent: position\n", text)
        assert found is not None, text
        self._index = self._crowd.place((int(found[1]), int(found[2])))
        self._has_begun.release()

    def _take(self, index: int, received: _Received, now_ns: int) -> None:
        crowd, positions = self._crowd, received.positions
        crowd.events += len(positions)
        crowd.latencies += [(now_ns - one) / 1e9 for one in received.occurred_ns]
        expected = crowd.sequence[index : index + len(positions)]
        if expected == positions[: len(expected)]:
            crowd.sequence += positions[len(expected) :]
            self._index = index + len(positions)
        else:
            self._compare(index, positions)

    def _compare(self, index: int, positions: Sequence[Position]) -> None:
        """Count what is missing, and what came again."""
        sequence = self._crowd.sequence
        for one in positions:
            if index and one <= sequence[index - 1]:
                self._crowd.doubled += 1
                continue
            while index < len(sequence) and sequence[index] < one:
                self._crowd.missed += 1
                index += 1
            if index == len(sequence):
                sequence.append(one)
            index += 1
        self._index = index


class _Listeners:
    """Runs the clients in a thread of their own."""

    def __init__(self) -> None:
        self._crowd = _Crowd()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._transports: list[asyncio.BaseTransport] = []

    def start(self, *, url: str, listeners: int, after: str = "") -> dict[str, int]:
        """Connect so many clients, and wait until each knows where it begins."""
        self._crowd = _Crowd()
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        more = f"Last-Event-ID: {after}\r\n" if after else ""
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{more}\r\n"
        has_begun = threading.Semaphore(0)
        client = partial(_Listener, self._crowd, head.encode(), has_begun)
        for _ in range(listeners):
            connecting = self._loop.create_connection(
                client, parts.hostname, parts.port
            )
            future = asyncio.run_coroutine_threadsafe(connecting, self._loop)
            self._transports.append(future.result(_BEGIN_SECONDS)[0])
        for _ in range(listeners):
            if not has_begun.acquire(timeout=_BEGIN_SECONDS):
                raise TimeoutError(f"{self._crowd.closed} were refused")
        return {"listeners": listeners}

    def take(self) -> dict[str, object]:
        """Return what was received since the last time."""
        return asyncio.run_coroutine_threadsafe(self._take(), self._loop).result()

    async def _take(self) -> dict[str, object]:
        crowd = self._crowd
        found = {
            "events": crowd.events,
            "distinct": len(crowd.sequence),
            "missed": crowd.missed,
            "doubled": crowd.doubled,
            "closed": crowd.closed,
            "last": "-".join(map(str, crowd.sequence[-1])) if crowd.sequence else "",
            "latency_seconds": summary(crowd.latencies),
        }
        crowd.latencies = []
        crowd.events = 0
        return found

    def stop(self) -> dict[str, object]:
        """Hang up, and return what was received since the last time."""
        found = self.take()
        for transport in self._transports:
            self._loop.call_soon_threadsafe(transport.close)
        self._transports.clear()
        return found


if __name__ == "__main__":
    answer(_Listeners())
