"""Orders kept in memory: for replays, which need no disk, and for tests.

Keeps all promises of the real store, except that it does not survive the process.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.replay.memory_prices import MemoryPrices
from adapters.replay.memory_rows import (
    MemoryRow,
    child_of_trade,
    contradiction_of_children,
    is_there,
    newest_fills,
    open_order_of,
    status_of,
    stored_children,
)
from domain.orders.child_order import Fill
from domain.orders.child_settlement import TRADE_ID_MAX
from domain.orders.committed import (
    NOBODY_KNOWS,
    CommittedBatch,
    CommittedEvent,
    EventPage,
    Position,
)
from domain.orders.order import Order, OrderEvent, OrderStep
from domain.orders.records import (
    Contradicted,
    NewOrder,
    OrderChange,
    Record,
    RecordOutcome,
    Stored,
    other_record,
    why_not_next,
)
from domain.orders.stored_orders import (
    BookedFill,
    ChildHistory,
    FillFilter,
    OpenOrder,
    OpenOrderKey,
    OrderFilter,
    OrderPage,
    OrderPast,
    OrderTouches,
    StoredChild,
)
from domain.orders.summary import FillTotals, add_up
from domain.pages import Page, PageWanted
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.halt import NEVER_HALTED, Halt
from domain.values import ChildId, OrderId, Symbol, order_of
from domain.venue.answers import RateLimitBan


class MemoryStore(MemoryPrices):
    """A ``TradeStore`` and ``OrderQueries`` over dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[OrderId, MemoryRow] = {}
        self._by_key: dict[str, OrderId] = {}
        self._by_client_id: dict[str, OrderId] = {}
        self._by_sequence: dict[int, OrderId] = {}
        self._trades: set[tuple[Symbol, datetime, int]] = set()
        self._halt = NEVER_HALTED
        self._told: list[CommittedEvent] = []
        self._committed = NOBODY_KNOWS
        self.bans: dict[str, RateLimitBan] = {}

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Keep all records."""
        begin = len(self._told)
        outcomes = [self._write(record) for record in records]
        self._committed = CommittedBatch(
            events=tuple(self._told[begin:]),
            follows=Position(transaction=0, number=begin),
        )
        return outcomes

    def committed(self) -> CommittedBatch:
        """Return the events that the last write has kept."""
        return self._committed

    def last_position(self) -> Position:
        """Return the end."""
        return Position(transaction=0, number=len(self._told))

    def highest_position(self) -> Position:
        """Return that of the last event; there is one writer, so all are final."""
        return self.last_position()

    def events_after(self, position: Position, limit: int) -> EventPage:
        """Read the events after a position."""
        found = self._told[position.number : position.number + limit]
        events = tuple(
            replace(one, order=self._rows[one.event.order_id].order) for one in found
        )
        return EventPage(
            events=events, position=events[-1].position if events else position
        )

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        """Read open orders of the symbol by ascending sequence."""
        found = [
            open_order_of(row)
            for row in self._rows.values()
            if row.order.symbol == symbol
            and row.order.sequence > after_sequence
            and not row.order.status.is_final
        ]
        return sorted(found, key=lambda one: one.order.sequence)[:limit]

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        """Read one order; None when it is unknown or has ended."""
        row = self._rows.get(order_id)
        if row is None or row.order.status.is_final:
            return None
        return open_order_of(row)

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        """Read the fills of the symbol that were executed in a span, ends included."""
        return [
            fill
            for row in self._rows.values()
            if row.order.symbol == symbol
            for fill in row.fills.values()
            if since <= fill.executed_at <= until
        ]

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        """Read the children of the symbol that have no final answer."""
        return [
            row.unresolved.child_id
            for row in self._rows.values()
            if row.order.symbol == symbol and row.unresolved is not None
        ]

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read a child's history; None when its order is unknown."""
        row = self._rows.get(order_of(child_id))
        if row is None:
            return None
        child = row.children.get(child_id)
        status = status_of(row, child_id)
        events = sorted(row.events.values(), key=lambda event: event.number)
        return ChildHistory(
            order=row.order,
            child=child,
            status=None if child is None else status,
            fills=tuple(
                fill for fill in row.fills.values() if fill.child_id == child_id
            ),
            holds=tuple(
                event.detail.reason or ""
                for event in events
                if event.step is OrderStep.HELD
            ),
            stated=next(
                (
                    event.detail
                    for event in events
                    if event.step is OrderStep.SETTLED_BY_HAND
                    and event.detail.child_id == child_id
                ),
                None,
            ),
        )

    def last_sequence(self) -> int:
        """Return the highest sequence ever given; 0 when there is none."""
        return max((row.order.sequence for row in self._rows.values()), default=0)

    def halt(self) -> Halt:
        """Read the setting of the halt switch."""
        return self._halt

    def save_halt(self, halt: Halt) -> None:
        """Keep the setting of the halt switch."""
        self._halt = halt

    def check_tenure(self) -> None:
        """Do nothing: no other service can take it over."""

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        """Keep until when a venue has banned us."""
        self.bans[ban.venue] = ban

    def order(self, order_id: OrderId) -> Order | None:
        """Read one order."""
        row = self._rows.get(order_id)
        return None if row is None else row.order

    def orders(self, wanted: OrderFilter) -> OrderPage:
        """Read all orders of a symbol, newest first; there is only one page."""
        found = [
            row.order
            for row in self._rows.values()
            if wanted.symbol in (None, row.order.symbol)
        ]
        found.sort(key=lambda order: -order.sequence)
        return OrderPage(orders=tuple(found), next_cursor=None)

    def open_keys(
        self, symbol: Symbol | None, before: int | None, limit: int
    ) -> Sequence[OpenOrderKey]:
        """List open orders, those of the highest sequence first."""
        page = self.orders(OrderFilter(symbol=symbol))
        keys = [
            OpenOrderKey(
                order_id=order.order_id, symbol=order.symbol, sequence=order.sequence
            )
            for order in page.orders
            if not order.status.is_final
            if before is None or order.sequence < before
        ]
        return keys[:limit]

    def fills(self, order_id: OrderId) -> Sequence[Fill]:
        """Read the fills of an order, oldest first."""
        row = self._rows.get(order_id)
        return [] if row is None else list(row.fills.values())

    def events(self, order_id: OrderId) -> Sequence[OrderEvent]:
        """Read the history of an order, oldest first."""
        row = self._rows.get(order_id)
        return [] if row is None else list(row.events.values())

    def fill_page(self, order_id: OrderId, _wanted: PageWanted) -> Page[Fill]:
        """Return all fills of an order, oldest first; there is only one page."""
        return Page(items=tuple(self.fills(order_id)))

    def booked_fills(self, _wanted: FillFilter) -> Page[BookedFill]:
        """Return the fills of all orders, newest first; there is only one page."""
        return Page(items=tuple(newest_fills(self._rows.values())))

    def event_page(self, order_id: OrderId, _wanted: PageWanted) -> Page[OrderEvent]:
        """Return the history of an order, oldest first; there is only one page."""
        return Page(items=tuple(self.events(order_id)))

    def child_page(self, order_id: OrderId, _wanted: PageWanted) -> Page[StoredChild]:
        """Return all children of an order, oldest first; there is only one page."""
        row = self._rows.get(order_id)
        return Page(items=() if row is None else tuple(stored_children(row)))

    def touches(self, order_id: OrderId) -> OrderTouches:
        """Return the touches when an order came and ended."""
        row = self._rows.get(order_id)
        if row is None:
            return OrderTouches(arrival=None, end=None)
        return OrderTouches(arrival=row.record.touch, end=row.end)

    def past(self, order: Order) -> OrderPast:
        """Return what is kept; price paths are not searched."""
        row = self._rows.get(order.order_id)
        held = [] if row is None else list(row.events.values())
        holds = [one.detail.reason for one in held if one.step is OrderStep.HELD]
        return OrderPast(hold=holds[-1] if holds else None, reached=None)

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        """Add up the fills of an order."""
        return add_up(self.fills(order_id))

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        """Return the child whose fill a trade is booked as; None when it is not."""
        return child_of_trade(self._rows.values(), symbol, trade_id)

    def close(self) -> None:
        """Do nothing: the records stay readable."""

    def _write(self, record: Record) -> RecordOutcome:
        if isinstance(record, NewOrder):
            return self._write_new(record)
        return self._write_change(record)

    def _write_new(self, record: NewOrder) -> RecordOutcome:
        order = record.order
        there = self._rows.get(order.order_id)
        if there is not None:
            return Stored(order=there.order, was_there=True)
        earlier = self._recognise(record)
        if earlier is not None:
            return earlier
        if record.refusal is not None:
            return record.refusal
        if order.sequence in self._by_sequence:
            return Contradicted(problem=f"rank {order.sequence} is given already")
        self._by_sequence[order.sequence] = order.order_id
        row = MemoryRow(order=order, record=record)
        row.events[record.event.number] = record.event
        self._tell(record.event, order, None)
        self._rows[order.order_id] = row
        if record.idempotency_key is not None:
            self._by_key[record.idempotency_key] = order.order_id
        if order.client_order_id is not None:
            self._by_client_id[order.client_order_id] = order.order_id
        return Stored(order=order)

    def _recognise(self, record: NewOrder) -> RecordOutcome | None:
        known = (
            (
                self._by_key.get(record.idempotency_key or ""),
                RefusalCode.IDEMPOTENCY_KEY_REUSED,
                "Idempotency-Key",
            ),
            (
                self._by_client_id.get(record.order.client_order_id or ""),
                RefusalCode.CLIENT_ORDER_ID_REUSED,
                "client_order_id",
            ),
        )
        for order_id, code, name in known:
            if order_id is None:
                continue
            row = self._rows[order_id]
            if row.record.fingerprint == record.fingerprint:
                return Stored(order=row.order, repeated=True)
            detail = f"{name} belongs to order {order_id}, which asked for other terms"
            return Refusal(code=code, field=name, detail=detail)
        return None

    def _write_change(self, change: OrderChange) -> RecordOutcome:
        row = self._rows.get(change.order.order_id)
        if row is None or row.order.version != change.follows:
            there = None if row is None else row.order
            outcome = why_not_next(change, there)
            if outcome is not None:
                return outcome
            assert row is not None
            if not is_there(row, change):
                return other_record(change.order.version)
            return Stored(order=row.order)
        problem = self._contradiction(row, change)
        if problem:
            return Contradicted(problem=problem)
        self._keep(row, change)
        return Stored(order=change.order)

    def _contradiction(self, row: MemoryRow, change: OrderChange) -> str:
        """Say why a database would refuse the change; empty when it would not."""
        order = change.order
        if self._by_sequence.get(order.sequence, order.order_id) != order.order_id:
            return f"rank {order.sequence} is given already"
        for fill in change.fills:
            trade_id = fill.trade_id or 0
            if trade_id > TRADE_ID_MAX:
                return f"trade id {trade_id} is out of range"
            if (order.symbol, fill.executed_at, trade_id) in self._trades:
                return f"trade {trade_id} is booked already"
        return contradiction_of_children(row, change)

    def _tell(self, event: OrderEvent, order: Order, fill: Fill | None) -> None:
        position = Position(transaction=0, number=len(self._told) + 1)
        self._told.append(
            CommittedEvent(position=position, event=event, order=order, fill=fill)
        )

    def _keep(self, row: MemoryRow, change: OrderChange) -> None:
        self._by_sequence.pop(row.order.sequence)
        self._by_sequence[change.order.sequence] = change.order.order_id
        row.keep(change)
        if change.is_intent:
            row.untold = change.events  # told with the next step, as databases do
        else:
            before = ((event, None) for event in row.untold)
            for event, booked in (*before, *change.steps):
                self._tell(event, change.order, booked)
            row.untold = ()
        for fill in change.fills:
            if fill.trade_id is not None:
                key = (change.order.symbol, fill.executed_at, fill.trade_id)
                self._trades.add(key)
