"""What a store in memory keeps of one order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.market.touch import Touch
from domain.orders.child_order import ChildOrder, ChildResult, ChildStatus, Fill
from domain.orders.order import Order, OrderEvent
from domain.orders.records import NewOrder, OrderChange
from domain.orders.stored_orders import BookedFill, OpenOrder, StoredChild
from domain.values import AT_ONCE, ChildId, Symbol


@dataclass(slots=True)
class MemoryRow:
    """An order, and all that was kept of it."""

    order: Order
    record: NewOrder
    events: dict[int, OrderEvent] = field(default_factory=dict)
    untold: tuple[OrderEvent, ...] = ()
    end: Touch | None = None
    fills: dict[tuple[str, int], Fill] = field(default_factory=dict)
    unresolved: ChildOrder | None = None
    children: dict[ChildId, ChildOrder] = field(default_factory=dict)
    settled: dict[ChildId, ChildResult] = field(default_factory=dict)

    def keep(self, change: OrderChange) -> None:
        """Take a change over."""
        self.order, self.end = change.order, change.touch
        for event in change.events:
            self.events[event.number] = event
        for fill in change.fills:
            self.fills[fill.child_id, fill.number] = fill
        if change.result is not None:
            self.settled[change.result.child_id] = change.result
            self.unresolved = None
        if change.intent is not None:
            self.unresolved = change.intent
            self.children[change.intent.child_id] = change.intent


def is_there(row: MemoryRow, change: OrderChange) -> bool:
    """Whether exactly this change was kept, in every detail."""
    intent = change.intent
    return (
        all(row.events.get(event.number) == event for event in change.events)
        and (intent is None or row.children.get(intent.child_id) == intent)
        and all(fill in row.fills.values() for fill in change.fills)
    )


def status_of(row: MemoryRow, child_id: ChildId) -> ChildStatus:
    """Return what is known of a child that was intended."""
    result = row.settled.get(child_id)
    return ChildStatus.INTENDED if result is None else result.status


def stored_children(row: MemoryRow) -> Iterator[StoredChild]:
    """Yield the order's children and their outcomes, oldest first."""
    for child_id, child in row.children.items():
        result = row.settled.get(child_id)
        yield StoredChild(
            child=child,
            status=status_of(row, child_id),
            reason="" if result is None else result.reason,
        )


def newest_fills(rows: Iterable[MemoryRow]) -> Iterator[BookedFill]:
    """Yield the fills of all orders, those executed last first."""
    fills = [(fill, row.order) for row in rows for fill in row.fills.values()]
    fills.sort(key=lambda both: both[0].executed_at, reverse=True)
    for fill, order in fills:
        yield BookedFill(fill=fill, symbol=order.symbol, side=order.side)


def child_of_trade(
    rows: Iterable[MemoryRow], symbol: Symbol, trade_id: int
) -> ChildId | None:
    """Return the child whose fill a trade is booked as; None when it is not."""
    for row in rows:
        for fill in row.fills.values():
            if (row.order.symbol, fill.trade_id) == (symbol, trade_id):
                return fill.child_id
    return None


def contradiction_of_children(row: MemoryRow, change: OrderChange) -> str:
    """Say why a database would refuse a child of the change; empty: it would not."""
    unresolved, result, intent = row.unresolved, change.result, change.intent
    if result is not None:
        if unresolved is None or unresolved.child_id != result.child_id:
            return "only a child in flight is settled"
        unresolved = None
    if intent is not None and unresolved is not None:
        return "a child is in flight"
    if intent is not None and intent.child_id in row.children:
        return f"child {intent.child_id} was intended before"
    return ""


def open_order_of(row: MemoryRow) -> OpenOrder:
    """Return the order as an executor picks it up."""
    never_sent = 0
    if row.order.time_in_force in AT_ONCE:
        ends = [result.status for result in row.settled.values()]
        never_sent = ends.count(ChildStatus.NEVER_SENT)
    return OpenOrder(order=row.order, unresolved=row.unresolved, never_sent=never_sent)
