"""Checks what is recorded of the book: with orders, children, fills and ends."""

from collections.abc import Sequence
from decimal import Decimal

from domain.market.price_path import PricePoint
from domain.market.touch import Touch
from domain.orders.child_order import ChildOrder, Fill, Slice
from domain.orders.records import NewOrder, OrderChange, Record
from domain.values import ZERO, ChildId, Side, Symbol
from tests.simulation.disk import Disk
from tests.simulation.venue import SimVenue
from tests.simulation.violations import Violations


class Evidence:
    """Compares what is on disk about the book with what the venue really stated."""

    def __init__(
        self, venues: dict[Symbol, SimVenue], disk: Disk, violations: Violations
    ) -> None:
        self._venues = venues
        self._disk = disk
        self._check = violations.check
        disk.on_prices = self.check_path
        self._filled: dict[tuple[ChildId, Decimal], Decimal] = {}
        self.points = 0
        self._seen: set[tuple[ChildId, int]] = set()

    def check(self, written: Sequence[Record]) -> None:
        """Check records that are on disk now; they may be written twice."""
        for record in written:
            symbol = record.order.symbol
            self._check_touch(symbol, record.touch)
            if isinstance(record, NewOrder):
                continue
            is_end = record.order.status.is_final
            self._check(
                is_end or record.touch is None, "a touch before the end", record
            )
            if record.intent is not None:
                self._check_child(record.intent)
            for fill in record.fills:
                self._check_fill(record, fill)

    def check_path(self, points: Sequence[PricePoint]) -> None:
        """Check points of price paths that are on disk now."""
        for point in points:
            book = self._venues[point.symbol].books.get(point.update_id)
            bids, asks = book or ({}, {})
            there = (max(bids, default=None), min(asks, default=None))
            is_true = there == (point.bid, point.ask)
            self._check(is_true, "a point that is not of the book", point, there)
            self.points += 1

    def _check_touch(self, symbol: Symbol, touch: Touch | None) -> None:
        if touch is None:
            return
        book = self._venues[symbol].books.get(touch.update_id)
        self._check(book is not None, "a touch of no book", touch)
        if book is not None:
            bids, asks = book
            bid, ask = max(bids, default=None), min(asks, default=None)
            there = (bid, bid and bids[bid], ask, ask and asks[ask])
            said = (touch.bid, touch.bid_quantity, touch.ask, touch.ask_quantity)
            self._check(said == there, "not the touch of that book", touch, there)

    def _check_child(self, child: ChildOrder) -> None:
        self._check(child.touch is not None, "a child without the touch", child)
        self._check_touch(child.symbol, child.touch)
        for part in child.slices:
            self._check_level(child.symbol, child.side, part)

    def _check_level(self, symbol: Symbol, side: Side, part: Slice) -> None:
        there = self._venues[symbol].stated(side, part.price, part.update_id)
        self._check(part.stated == there, "the venue stated another level", part, there)
        before = part.taken_before
        self._check(before is not None, "a slice that does not say what went", part)
        if before is not None and there is not None:
            fits = before >= 0 and before + part.quantity <= there
            self._check(fits, "more taken than was stated", part)

    def _check_fill(self, change: OrderChange, fill: Fill) -> None:
        """Check that a fill says which statement it took, if any was offered there."""
        key = (fill.child_id, fill.number)
        child = self._disk.intents.get(fill.child_id)
        if child is None or key in self._seen:
            return
        self._seen.add(key)
        level = (fill.child_id, fill.price)
        before = self._filled.get(level, ZERO)
        self._filled[level] = before + fill.quantity
        part = next((one for one in child.slices if one.price == fill.price), None)
        told = (fill.update_id, fill.stated, fill.taken_before)
        taken = None if part is None else (part.taken_before or ZERO) + before
        if part is not None:
            true = (part.update_id, part.stated, taken)
            self._check(told == true, "a fill without its level", fill, child)
        elif fill.update_id is not None:
            self._check_moved(child, fill)
        self._check_step(change, fill)

    def _check_moved(self, child: ChildOrder, fill: Fill) -> None:
        """Check a fill at a price that was not offered: the book had moved."""
        venue, update_id = self._venues[child.symbol], fill.update_id or 0
        there = venue.stated(child.side, fill.price, update_id)
        self._check(fill.stated == there, "the venue stated another", fill, there)

    def _check_step(self, change: OrderChange, fill: Fill) -> None:
        steps = [
            event.detail.update_id
            for event in change.events
            if event.detail.child_id == fill.child_id
            and (event.detail.price, event.detail.quantity)
            == (fill.price, fill.quantity)
        ]
        self._check(fill.update_id in steps, "its step says otherwise", fill, steps)
