"""Writes a batch of records, new orders and changes, inside one transaction."""

from collections.abc import Sequence

from adapters.persistence.cell_values import Row
from adapters.persistence.failures import first_line, is_of_a_record
from adapters.persistence.order_changes import write_change, write_changes
from adapters.persistence.order_rows import order_row, read_order, request_row
from adapters.persistence.transaction import Transaction
from domain.orders.records import (
    Contradicted,
    NewOrder,
    OrderChange,
    Record,
    RecordOutcome,
    Stored,
)
from domain.reasons import RefusalCode
from domain.refusals import Refusal


def write_batch(
    transaction: Transaction, records: Sequence[Record]
) -> tuple[RecordOutcome, ...]:
    """Write the records; one outcome for each, in their order.

    New orders go first, because a change of one may be in the same batch.

    Raises:
        Exception: one of the records cannot be written this way; what was written has
            to be rolled back.
    """
    new = [one for one in records if isinstance(one, NewOrder) and not one.refusal]
    changes = [record for record in records if isinstance(record, OrderChange)]
    accepted = iter(_write_new(transaction, new) if new else ())
    write_changes(transaction, changes)
    outcomes: list[RecordOutcome] = []
    for record in records:
        if isinstance(record, OrderChange):
            outcomes.append(Stored(order=record.order))
        elif record.refusal is None:
            outcomes.append(next(accepted))
        else:
            outcomes.append(_recognise(transaction, record) or record.refusal)
    return tuple(outcomes)


def write_each(
    transaction: Transaction, records: Sequence[Record]
) -> tuple[RecordOutcome, ...]:
    """Write the records one by one, so that a bad one does not affect the others."""
    return tuple(_write_apart(transaction, record) for record in records)


def _write_apart(transaction: Transaction, record: Record) -> RecordOutcome:
    try:
        with transaction.record_apart():
            if isinstance(record, OrderChange):
                return write_change(transaction, record)
            (outcome,) = write_batch(transaction, (record,))
            return outcome
    except Exception as error:
        if not is_of_a_record(error):
            raise
        return Contradicted(problem=first_line(error))


def _write_new(
    transaction: Transaction, records: Sequence[NewOrder]
) -> Sequence[RecordOutcome]:
    rows = [(*order_row(record.order), *request_row(record)) for record in records]
    inserted = transaction.run(transaction.statements.insert_order, rows)
    outcomes: Sequence[RecordOutcome]
    if inserted == len(records):
        outcomes = [Stored(order=record.order) for record in records]
    else:
        outcomes = [_recognised(transaction, record) for record in records]
    written = {
        record.order.order_id: record
        for record, outcome in zip(records, outcomes, strict=True)
        if isinstance(outcome, Stored)
        and not outcome.repeated
        and not outcome.was_there
    }
    events = [
        transaction.log.row(record.event, record.order) for record in written.values()
    ]
    transaction.run(transaction.statements.insert_event, events)
    return outcomes


def _recognised(transaction: Transaction, record: NewOrder) -> RecordOutcome:
    """Return the outcome of a new order in a batch in which some key was taken."""
    outcome = _recognise(transaction, record)
    assert outcome is not None, "a sequence is given once"
    return outcome


def _recognise(transaction: Transaction, record: NewOrder) -> RecordOutcome | None:
    """Find the order that a request made before; None when it never did."""
    texts = transaction.statements
    row = transaction.find(texts.order_by_id, record.order.order_id)
    if row is not None:
        # This batch's events are written later: an order with one was there before.
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
