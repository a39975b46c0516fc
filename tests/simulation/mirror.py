"""The simulated disk with a real database beside it, which must say the same."""

from collections.abc import Sequence

from domain.orders.records import (
    Contradicted,
    NewOrder,
    PredecessorMissing,
    Record,
    RecordOutcome,
    Stored,
)
from domain.orders.stored_orders import OpenOrder
from domain.ports.store import TradeStore
from domain.refusals import Refusal
from domain.risk.halt import Halt
from domain.values import OrderId, Symbol
from tests.simulation.disk import Disk
from tests.simulation.violations import Violations


class MirroredDisk(Disk):
    """Writes everything twice, and compares whatever is answered."""

    def __init__(self, violations: Violations, mirror: TradeStore) -> None:
        super().__init__(violations)
        self._mirror = mirror

    def commit(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        if self.problem is not None or self.crash_before_commit is not None:
            return super().commit(records)  # raises
        theirs = self._mirror.write(records)
        ours = super().commit(records)
        for record, one, other in zip(records, ours, theirs, strict=True):
            is_new = isinstance(record, NewOrder)
            is_same = _gist(one, is_new=is_new) == _gist(other, is_new=is_new)
            self._violations.check(is_same, "another outcome", record, one, other)
        return ours

    def save_halt(self, halt: Halt) -> None:
        if self.problem is None and self.crash_before_commit is None:
            self._mirror.save_halt(halt)
        super().save_halt(halt)

    def halt(self) -> Halt:
        ours = super().halt()
        theirs = self._mirror.halt()
        self._violations.check(ours == theirs, "another halt", ours, theirs)
        return ours

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        ours = super().open_orders(symbol, after_sequence, limit)
        theirs = self._mirror.open_orders(symbol, after_sequence, limit)
        is_same = list(ours) == list(theirs)
        self._violations.check(is_same, "other open orders", ours, theirs)
        return ours

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        ours = super().open_order(order_id)
        theirs = self._mirror.open_order(order_id)
        self._violations.check(ours == theirs, "another open order", ours, theirs)
        return ours

    def last_sequence(self) -> int:
        ours = super().last_sequence()
        theirs = self._mirror.last_sequence()
        self._violations.check(ours == theirs, "another rank", ours, theirs)
        return ours


def _gist(outcome: RecordOutcome, *, is_new: bool) -> tuple[object, ...]:
    """Pick what must be the same.

    Texts may differ, ``was_there`` is a maybe, and an order that was there is shown as
    it was before or after a change in the same batch.
    """
    if isinstance(outcome, Refusal):
        return (outcome.code, outcome.field)
    if isinstance(outcome, PredecessorMissing):
        return ("missing", outcome.order)
    if isinstance(outcome, Contradicted):
        return ("contradicted",)  # its words are each store's own
    assert isinstance(outcome, Stored)
    return (outcome.order.order_id, outcome.repeated) if is_new else ()
