"""A recorded symbol's book, rebuilt up to the present frame."""

from adapters.simulated_exchange.market.amounts import to_scaled, to_text
from adapters.simulated_exchange.market.recorded_events import (
    DepthEvent,
    TickerEvent,
    read_snapshot,
)
from adapters.simulated_exchange.market.source import TextLevels, TouchView, VisibleBook


ZERO = to_text(0)
TextSide = dict[int, tuple[str, str]]
"""Price as an integer of 1e-8 -> (price, quantity) as written."""


class RecordedBook:
    """Levels as the recording wrote them, and the touch that bookTicker told."""

    def __init__(self, last_update_id: int, bids: TextLevels, asks: TextLevels) -> None:
        """Begin with a book at an update id."""
        self.last_update_id = last_update_id
        self._bids: TextSide = {}
        self._asks: TextSide = {}
        _state(self._bids, bids)
        _state(self._asks, asks)
        self._ticker: TickerEvent | None = None
        self._body: bytes | None = None

    @classmethod
    def of_snapshot(cls, symbol: str, body: bytes) -> "RecordedBook":
        """Begin with a recorded snapshot, which is served as it is until overtaken.

        Raises:
            RecordingError: The body is no depth reply.
        """
        snapshot = read_snapshot(symbol, body)
        book = cls(snapshot.last_update_id, snapshot.bids, snapshot.asks)
        book._body = body
        return book

    def apply_depth(self, event: DepthEvent) -> None:
        """Go on to the event's last id; an event that lies behind changes nothing."""
        if event.u <= self.last_update_id:
            return
        _state(self._bids, event.b)
        _state(self._asks, event.a)
        self.last_update_id = event.u
        self._body = None

    def apply_ticker(self, event: TickerEvent) -> None:
        """Note the touch."""
        self._ticker = event

    def view(self, limit: int) -> VisibleBook:
        """Return at most `limit` levels a side, or the one level that is known."""
        longest = max(len(self._bids), len(self._asks))
        ticker = self._ticker
        if not longest and ticker is not None:
            return VisibleBook(
                last_update_id=ticker.u,
                bids=[(ticker.b, ticker.B)],
                asks=[(ticker.a, ticker.A)],
            )
        bids = [self._bids[price] for price in sorted(self._bids, reverse=True)]
        asks = [self._asks[price] for price in sorted(self._asks)]
        return VisibleBook(
            last_update_id=self.last_update_id,
            bids=bids[:limit],
            asks=asks[:limit],
            body=self._body if limit >= longest else None,
        )

    @property
    def knows_touch_only(self) -> bool:
        """Whether nothing but bookTicker has told anything."""
        return not (self._bids or self._asks) and self._ticker is not None

    def prices(self, *, is_bid: bool) -> list[int]:
        """Return the prices of a side in 1e-8, best first."""
        if self.knows_touch_only and self._ticker is not None:
            return [to_scaled(self._ticker.b if is_bid else self._ticker.a)]
        return sorted(self._bids if is_bid else self._asks, reverse=is_bid)

    def quantity(self, price: int, *, is_bid: bool) -> str:
        """Return what was last stated of a price (1e-8); zero when it is not held."""
        ticker = self._ticker
        if self.knows_touch_only and ticker is not None:
            told = (ticker.b, ticker.B) if is_bid else (ticker.a, ticker.A)
            return told[1] if to_scaled(told[0]) == price else ZERO
        return (self._bids if is_bid else self._asks).get(price, (ZERO, ZERO))[1]

    def touch(self) -> TouchView:
        """Return the touch of whichever feed is ahead."""
        ticker = self._ticker
        if ticker is not None and ticker.u >= self.last_update_id:
            return TouchView(
                bid=ticker.b,
                bid_quantity=ticker.B,
                ask=ticker.a,
                ask_quantity=ticker.A,
            )
        none = (ZERO, ZERO)
        bid = self._bids[max(self._bids)] if self._bids else none
        ask = self._asks[min(self._asks)] if self._asks else none
        return TouchView(
            bid=bid[0], bid_quantity=bid[1], ask=ask[0], ask_quantity=ask[1]
        )


def _state(side: TextSide, levels: TextLevels) -> None:
    for price, quantity in levels:
        if quantity.strip("0."):
            side[to_scaled(price)] = (price, quantity)
        else:
            side.pop(to_scaled(price), None)
