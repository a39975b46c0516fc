"""The latest events, each encoded once for all listeners."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from domain.orders.committed import Position
from domain.values import OrderId, Symbol


_END: Final = b"}\n\n"
"""Of a frame: of its data, of its last line, and of itself."""


class Frame(NamedTuple):
    """An encoded event, and what tells who is to be sent it."""

    position: Position
    occurred_at: datetime
    symbol: Symbol
    order_id: OrderId
    text: bytes
    """The frame without order and fill; its data is one JSON object."""

    order: bytes
    """The order after the event, as JSON."""

    fill: bytes
    """The fill that the event has booked, as JSON; empty if it has booked none."""

    @property
    def size(self) -> int:
        """Return how many bytes are kept of it."""
        return len(self.text) + len(self.order) + len(self.fill)

    def text_with(self, *, order: bool, fill: bool) -> bytes:
        """Return the frame, whose data has order or fill as further members."""
        parts = []
        if order:
            parts.append(b',"order":' + self.order)
        if fill and self.fill:
            parts.append(b',"fill":' + self.fill)
        if not parts:
            return self.text
        return b"".join((self.text[: -len(_END)], *parts, _END))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole frames that follow on each other."""

    frames: tuple[Frame, ...]
    position: Position
    """Where a listener is that has them: at the last one, or beyond it, because an
    unreadable event is left out."""


def first_chunk(frames: Iterable[Frame], end: Position, bytes_max: int) -> Chunk:
    """Take as many of the first frames as fit, at least one.

    Args:
        frames: by ascending position.
        end: where a listener is that has all of them.
        bytes_max: of the chunk, unless the first frame alone is longer.
    """
    taken: list[Frame] = []
    length = 0
    for frame in frames:
        length += frame.size
        if taken and length > bytes_max:
            return Chunk(frames=tuple(taken), position=taken[-1].position)
        taken.append(frame)
    return Chunk(frames=tuple(taken), position=end)


def split(whole: Chunk, bytes_max: int) -> Iterator[Chunk]:
    """Cut a chunk into smaller ones; at least one, which may be empty."""
    taken = 0
    while True:
        rest = islice(whole.frames, taken, None)
        chunk = first_chunk(rest, whole.position, bytes_max)
        yield chunk
        taken += len(chunk.frames)
        if taken == len(whole.frames):
            return


class RecentFrames:
    """The latest frames without a gap, as many as fit.

    Whoever has seen an event in here, or the one before the first, goes on from here
    and not from the disk.
    """

    def __init__(self, follows: Position, bytes_max: int) -> None:
        """Begin empty.

        Args:
            follows: what will be appended follows on this position.
            bytes_max: of all frames together; the oldest are forgotten.
        """
        self.end = follows
        """Where a listener is that has seen everything in here."""

        self._follows = follows
        self._bytes_max = bytes_max
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    def append(self, chunk: Chunk) -> None:
        """Add what follows on the end."""
        self._frames.extend(chunk.frames)
        self._bytes += sum(frame.size for frame in chunk.frames)
        self.end = chunk.position
        while self._bytes > self._bytes_max:
            oldest = self._frames.popleft()
            self._bytes -= oldest.size
            self._follows = oldest.position

    def covers(self, position: Position) -> bool:
        """Whether everything after the position up to the end is here."""
        return self._follows <= position <= self.end

    def after(self, position: Position, bytes_max: int) -> Chunk:
        """Return the first frames after a position that is covered."""
        index = bisect_right(self._frames, position, key=lambda frame: frame.position)
        rest = islice(self._frames, index, None)
        return first_chunk(rest, self.end, bytes_max)
