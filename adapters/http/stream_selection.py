"""What a client of the push stream wants to be sent."""

from typing import Final, NamedTuple

from adapters.http.recent_frames import Chunk, Frame
from domain.orders.committed import Position
from domain.values import OrderId, Symbol


class Excerpt(NamedTuple):
    """The frames of a chunk that one client is sent."""

    text: bytes
    frame_count: int
    last: Position | None
    """The id of the last frame; None if there is none."""


class Selection(NamedTuple):
    """Which committed events a client is sent, and what each has beside it."""

    is_any: bool = True
    """Whether there are any at all."""

    with_order: bool = False
    """Whether each has the order as it is after it."""

    with_fill: bool = False
    """Whether each that books a fill has it. Without orders, there are no others."""

    symbol: Symbol | None = None
    """Only those of orders of this symbol."""

    order_id: OrderId | None = None
    """Only those of this order."""

    def has(self, frame: Frame) -> bool:
        """Whether an event is among them."""
        return (
            self.is_any
            and (self.with_order or not self.with_fill or bool(frame.fill))
            and (self.symbol is None or frame.symbol == self.symbol)
            and (self.order_id is None or frame.order_id == self.order_id)
        )

    def of(self, chunk: Chunk) -> Excerpt:
        """Take what is selected out of a chunk."""
        frames = [frame for frame in chunk.frames if self.has(frame)]
        order, fill = self.with_order, self.with_fill
        parts = [frame.text_with(order=order, fill=fill) for frame in frames]
        last = frames[-1].position if frames else None
        return Excerpt(text=b"".join(parts), frame_count=len(parts), last=last)


EVERYTHING: Final = Selection()
"""Every event, without its order."""
