"""The disk: survives every crash, and checks all that is written."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from domain.errors import StoreOutcomeUnknownError
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import ChildOrder, ChildStatus
from domain.orders.committed import Position
from domain.orders.order import Order, OrderEvent
from domain.orders.records import (
    Contradicted,
    NewOrder,
    OrderChange,
    Record,
    RecordOutcome,
    Stored,
)
from domain.risk.halt import Halt
from domain.values import ZERO, ChildId, OrderId, Side, TimeInForce
from tests.fakes import FakeStore
from tests.simulation.violations import SimulatedCrashError, Violations


class Disk(FakeStore):
    """The trade store of all lives of a simulated service."""

    def __init__(self, violations: Violations) -> None:
        super().__init__()
        self._violations = violations
        self.intents: dict[ChildId, ChildOrder] = {}
        self.unresolved: dict[OrderId, ChildOrder] = {}
        self._never_sent: Counter[OrderId] = Counter()
        self._sequences: dict[int, OrderId] = {}
        self.all_orders: dict[OrderId, Order] = {}
        self.on_commit: Callable[[Sequence[Record]], object] = len
        self.on_prices: Callable[[Sequence[PricePoint]], object] = len
        self.epoch = 0
        """Of the service that has it; see ``tests.simulation.succession``."""

        self.halts: list[Halt] = []
        """How the halt switch ever stood, oldest first."""

        self.on_halt: Callable[[Halt], object] = id
        self.next_commit_lands: bool | None = None
        """Not None: the next commit fails, and nobody is told whether it landed."""

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        lands, self.next_commit_lands = self.next_commit_lands, None
        if lands is None:
            return self.commit(records)
        if lands:
            problem, self.problem = self.problem, None
            try:
                self.commit(records)
            finally:
                self.problem = problem
        raise StoreOutcomeUnknownError("simulated failure in COMMIT")

    def commit(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Write, and check what is on disk then."""
        if self.problem is not None or self.crash_before_commit is not None:
            return super().write(records)  # raises
        after, self.crash_after_commit = self.crash_after_commit, None
        outcomes = super().write(records)
        for outcome in outcomes:
            is_torn = isinstance(outcome, Contradicted)
            self._violations.check(not is_torn, "the disk contradicts", outcome)
        answers = zip(records, outcomes, strict=True)
        kept = [one for one, outcome in answers if isinstance(outcome, Stored)]
        for record in kept:
            if isinstance(record, OrderChange):
                self._note_child(record)
        for record in records:
            self._check(record)
        self.on_commit(kept)
        if after is not None:
            raise after
        return outcomes

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        super().save_prices(points, keep_from, traded)
        self.on_prices(points)

    def save_halt(self, halt: Halt) -> None:
        after, self.crash_after_commit = self.crash_after_commit, None
        super().save_halt(halt)
        self.halts.append(halt)
        self.on_halt(halt)
        if after is not None:
            raise after

    @property
    def is_halted(self) -> bool:
        """Whether the halt switch is on, whoever can read that now."""
        return bool(self.halts) and self.halts[-1].is_on

    def after(
        self, position: Position, count: int
    ) -> list[tuple[Position, OrderEvent]]:
        """Return so many events after a position, whoever can read that now."""
        found = self._told[position.number : position.number + count]
        return [(one.position, one.event) for one in found]

    def crash_at_next_write(self, *, is_after: bool) -> None:
        """Have the writer fail once, before or after its commit."""
        error = SimulatedCrashError("in the store")
        if is_after:
            self.crash_after_commit = error
        else:
            self.crash_before_commit = error

    def end_faults(self) -> None:
        """Let the next write do what it should."""
        self.problem = self.next_commit_lands = None
        self.crash_before_commit = self.crash_after_commit = None

    def _note_child(self, change: OrderChange) -> None:
        order_id = change.order.order_id
        child, result = change.intent, change.result
        if child is not None and child.child_id not in self.intents:
            self._violations.check(
                order_id not in self.unresolved, "two children in flight", child
            )
            is_at_limit = child.price == change.order.price
            self._violations.check(is_at_limit, "child at another limit", change)
            self.intents[child.child_id] = child
            self.unresolved[order_id] = child
        if result is not None:
            there = self.unresolved.get(order_id)
            if there is not None and there.child_id == result.child_id:
                del self.unresolved[order_id]
                if result.status is ChildStatus.NEVER_SENT:
                    self._never_sent[order_id] += 1

    def _check(self, record: Record) -> None:
        check = self._violations.check
        order_id = record.order.order_id
        order = self.order(order_id)
        if order is None:  # a repeated request
            check(isinstance(record, NewOrder), "change of an unknown order", record)
            return
        before = self.all_orders.get(order_id)
        check(before is None or before.version <= order.version, "version fell", order)
        check(
            before is None or not before.status.is_final or before == order,
            "an ended order changed",
            order,
        )
        self.all_orders[order_id] = order
        holder = self._sequences.setdefault(order.sequence, order_id)
        check(holder == order_id, "one rank, two orders", holder, order)
        self._check_amounts(order)
        self._check_fills(order)

    def _check_amounts(self, order: Order) -> None:
        check = self._violations.check
        child = self.unresolved.get(order.order_id)
        at_venue = ZERO if child is None else child.quantity
        check(order.at_venue == at_venue, "at_venue is not the child's", order, child)
        whole = order.filled + order.at_venue + order.waiting
        check(whole == order.quantity, "quantities do not add up", order)
        check(ZERO <= order.filled <= order.quantity, "filled too much", order)
        check(not (order.status.is_final and child), "ended with a child", order)
        events = self.events(order.order_id)
        if order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            tries = order.children - self._never_sent[order.order_id]
            check(tries <= 1, "an order for now tried twice", order)
        if order.time_in_force is TimeInForce.FOK and order.status.is_final:
            is_whole = order.filled in (ZERO, order.quantity)
            check(is_whole, "all or nothing was some", order)
        numbers = [event.number for event in events]
        check(numbers == list(range(1, order.version + 1)), "events missing", order)

    def _check_fills(self, order: Order) -> None:
        check = self._violations.check
        filled, quote = ZERO, ZERO
        by_child: dict[ChildId, Decimal] = {}
        for fill in self.fills(order.order_id):
            filled += fill.quantity
            quote += fill.quantity * fill.price
            child = self.intents.get(fill.child_id)
            check(child is not None, "fill without an intent", fill)
            if child is None:
                continue
            is_sell = order.side is Side.SELL
            is_better = (
                fill.price >= child.price if is_sell else fill.price <= child.price
            )
            check(is_better, "worse than the limit", fill, child)
            so_far = by_child.get(fill.child_id, ZERO) + fill.quantity
            by_child[fill.child_id] = so_far
            check(so_far <= child.quantity, "child filled too much", fill, child)
        check(filled == order.filled, "fills do not add up", order)
        check(quote == order.filled_quote, "quote does not add up", order)
