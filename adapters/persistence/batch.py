"""Writing a batch of records inside one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.persistence.history_rows import event_row, fill_row
from adapters.persistence.rows import (
    Row,
    changed_row,
    child_row,
    order_row,
    progress_row,
    read_order,
)
from adapters.persistence.statements import Statements
from domain.order import OrderStep
from domain.reasons import RefusalCode
from domain.records import (
    NewOrder,
    OrderChange,
    Record,
    RecordOutcome,
    Stored,
)
from domain.refusals import Refusal


_PROGRESS_STEPS: Final = frozenset(
    {
        OrderStep.CHILD_INTENDED,
        OrderStep.CHILD_UNKNOWN,
        OrderStep.CHILD_ENDED,
        OrderStep.HELD,
    }
)
"""Steps that leave an order's terms and status as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An open transaction: a driver's cursor and the statements in its dialect."""

    cursor: Any
    statements: Statements

    def run(self, statement: str, rows: Sequence[Row]) -> int:
        """Run the statement for every row; returns how many rows it changed."""
        if not rows:
            return 0
        self.cursor.executemany(statement, rows)
        changed: int = self.cursor.rowcount
        return changed

    def find(self, statement: str, key: str | None) -> Row | None:
        """Read the one row that the key names."""
        if key is None:
            return None
        self.cursor.execute(statement, (key,))
        row: Row | None = self.cursor.fetchone()
        return row


def write_batch(
    transaction: Transaction, records: Sequence[Record]
) -> tuple[RecordOutcome, ...]:
    """Write the records; one outcome for each, in their order.

    New orders go first, for a change of one may be in the same batch.
    """
    new = [one for one in records if isinstance(one, NewOrder) and not one.refusal]
    changes = [record for record in records if isinstance(record, OrderChange)]
    accepted = iter(_write_new(transaction, new))
    changed = iter(_write_changes(transaction, changes))

    def outcome(record: Record) -> RecordOutcome:
        if isinstance(record, OrderChange):
            return next(changed)
        if record.refusal is None:
            return next(accepted)
        return _recognise(transaction, record) or record.refusal

    return tuple(outcome(record) for record in records)


def _write_new(
    transaction: Transaction, records: Sequence[NewOrder]
) -> Sequence[RecordOutcome]:
    rows = [
        (*order_row(record.order), record.idempotency_key, record.fingerprint)
        for record in records
    ]
    inserted = transaction.run(transaction.statements.insert_order, rows)
    outcomes: Sequence[RecordOutcome]
    if inserted == len(records):
        outcomes = [Stored(order=record.order) for record in records]
    else:
        outcomes = [_recognised(transaction, record) for record in records]
    events = [
        event_row(record.event)
        for record, outcome in zip(records, outcomes, strict=True)
        if isinstance(outcome, Stored) and not outcome.repeated
    ]
    transaction.run(transaction.statements.insert_event, events)
    return outcomes


def _recognised(transaction: Transaction, record: NewOrder) -> RecordOutcome:
    """Say what became of a new order in a batch where some key was taken."""
    outcome = _recognise(transaction, record)
    assert outcome is not None, "a sequence is given once"
    return outcome


def _recognise(transaction: Transaction, record: NewOrder) -> RecordOutcome | None:
    """Find the order that a request made before; None when it never did."""
    texts = transaction.statements
    row = transaction.find(texts.order_by_id, record.order.order_id)
    if row is not None:
        # The events of this batch are written later: who has one was there before.
        event = transaction.find(texts.first_event, record.order.order_id)
        return Stored(order=read_order(row), was_there=event is not None)
    row = transaction.find(texts.order_by_idempotency_key, record.idempotency_key)
    if row is not None:
        return _answer(row, record, _KEY_REUSED)
    row = transaction.find(texts.order_by_client_order_id, record.order.client_order_id)
    if row is not None:
        return _answer(row, record, _CLIENT_ORDER_ID_REUSED)
    return None


def _answer(row: Row, record: NewOrder, refusal: Refusal) -> RecordOutcome:
    if row[-1] == record.fingerprint:
        return Stored(order=read_order(row), repeated=True)
    return refusal


_KEY_REUSED = Refusal(
    code=RefusalCode.IDEMPOTENCY_KEY_REUSED,
    detail="This Idempotency-Key was used before, for another request.",
    field="Idempotency-Key",
)
_CLIENT_ORDER_ID_REUSED = Refusal(
    code=RefusalCode.CLIENT_ORDER_ID_REUSED,
    detail="This client_order_id was used before, for another order.",
    field="client_order_id",
)


def _write_changes(
    transaction: Transaction, changes: Sequence[OrderChange]
) -> Iterable[RecordOutcome]:
    for wave in _waves(changes):
        yield from _write_wave(transaction, wave)


def _waves(changes: Sequence[OrderChange]) -> Iterator[Sequence[OrderChange]]:
    """Part the changes so that each part has at most one of an order."""
    wave: list[OrderChange] = []
    seen: set[str] = set()
    for change in changes:
        if change.order.order_id in seen:
            yield wave
            wave, seen = [], set()
        wave.append(change)
        seen.add(change.order.order_id)
    if wave:
        yield wave


def _write_wave(
    transaction: Transaction, wave: Sequence[OrderChange]
) -> Sequence[RecordOutcome]:
    """Write one change each of different orders, one statement after the other.

    A change may settle one child and intend the next, so results go first.
    """
    texts = transaction.statements
    results = [change.result for change in wave if change.result is not None]
    intents = [change.intent for change in wave if change.intent is not None]
    transaction.run(
        texts.settle_child,
        [(result.status.value, result.reason, result.child_id) for result in results],
    )
    transaction.run(texts.insert_child, [child_row(intent) for intent in intents])
    transaction.run(
        texts.insert_fill,
        [
            fill_row(fill, change.order.symbol)
            for change in wave
            for fill in change.fills
        ],
    )
    transaction.run(
        texts.insert_event,
        [event_row(event) for change in wave for event in change.events],
    )
    if _update_orders(transaction, wave) == len(wave):
        return [Stored(order=change.order) for change in wave]
    return [_as_on_disk(transaction, change) for change in wave]


def _update_orders(transaction: Transaction, wave: Sequence[OrderChange]) -> int:
    """Update what the changes can have changed; returns how many orders that were."""
    whole: list[Row] = []
    progress: list[Row] = []
    for change in wave:
        order = change.order
        if all(event.step in _PROGRESS_STEPS for event in change.events):
            progress.append((*progress_row(order), order.order_id, order.version))
        else:
            whole.append((*changed_row(order), order.order_id, order.version))
    texts = transaction.statements
    updated = transaction.run(texts.update_order, whole)
    return updated + transaction.run(texts.update_progress, progress)


def _as_on_disk(transaction: Transaction, change: OrderChange) -> Stored:
    row = transaction.find(transaction.statements.order_by_id, change.order.order_id)
    assert row is not None, "an order is on disk before it changes"
    return Stored(order=read_order(row))
