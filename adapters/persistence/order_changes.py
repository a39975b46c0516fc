"""Writes changes of orders inside one transaction.

A change is written only on top of the version that it follows: first the order is
updated if it is at that version, and only then the rest is written. So no later step
can overtake an earlier one that was lost on its way, and no executor takes another's
record for its own.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.persistence.cell_values import Row
from adapters.persistence.child_rows import CHILD_KEPT, child_row
from adapters.persistence.event_rows import event_row
from adapters.persistence.fill_rows import fill_row
from adapters.persistence.intents import read_intent, write_intents
from adapters.persistence.order_rows import changed_row, progress_row, read_order
from adapters.persistence.transaction import Transaction
from domain.orders.order import OrderEvent, OrderStep
from domain.orders.records import (
    OrderChange,
    RecordOutcome,
    Stored,
    other_record,
    why_not_next,
)


_PROGRESS_STEPS: Final = frozenset(
    {
        OrderStep.CHILD_INTENDED,
        OrderStep.CHILD_UNKNOWN,
        OrderStep.CHILD_ENDED,
        OrderStep.HELD,
    }
)
"""Steps that leave an order's terms and status as they are on disk."""


class NotNextError(Exception):
    """Some of the changes are on disk already, or do not follow what is there."""


def write_changes(transaction: Transaction, changes: Sequence[OrderChange]) -> None:
    """Write changes, each of which must be the next one of its order.

    Raises:
        NotNextError: one is not; what was written has to be rolled back.
    """
    waves = tuple(_waves(changes))
    for wave in waves:
        whole = wave
        if len(waves) == 1:  # otherwise a step may follow an intent of this batch
            intents = [change for change in wave if change.is_intent]
            whole = [change for change in wave if not change.is_intent]
            if not write_intents(transaction, intents):
                raise NotNextError
        if _update_orders(transaction, whole) != len(whole):
            raise NotNextError
        _write_rest(transaction, whole)


def write_change(transaction: Transaction, change: OrderChange) -> RecordOutcome:
    """Write one change, or say what is on disk instead."""
    if change.is_intent and _is_there_alone(transaction, change):
        # At once: a later step of the order may be in the same batch.
        transaction.untold.add(change.events[0])
        return Stored(order=change.order)
    _note_intent_before(transaction, change)
    if _update_orders(transaction, (change,)):
        _write_rest(transaction, (change,))
        return Stored(order=change.order)
    row = transaction.find(transaction.statements.order_by_id, change.order.order_id)
    there = None if row is None else read_order(row)
    outcome = why_not_next(change, there)
    if outcome is not None:
        return outcome
    if there is None or not _is_there(transaction, change):
        return other_record(change.order.version)
    return Stored(order=there)


def _waves(changes: Sequence[OrderChange]) -> Iterator[Sequence[OrderChange]]:
    """Split the changes so that each part has at most one of any order."""
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


def _update_orders(transaction: Transaction, wave: Sequence[OrderChange]) -> int:
    """Update the orders of the changes; return how many were at their version."""
    whole: list[Row] = []
    progress: list[Row] = []
    for change in wave:
        order = change.order
        keys = (order.order_id, transaction.untold.row_version(change))
        if _is_progress(change, transaction.untold.before(change)):
            progress.append((*progress_row(order), *keys))
        else:
            whole.append((*changed_row(change), *keys))
    texts = transaction.statements
    updated = transaction.run(texts.update_order, whole)
    return updated + transaction.run(texts.update_progress, progress)


def _is_progress(change: OrderChange, before: OrderEvent | None) -> bool:
    """Whether a change leaves the order's terms and status as they are on disk.

    Args:
        change: the next one of its order.
        before: the event that is written with it; it has the status on disk.
    """
    for event in change.events:
        if event.step in _PROGRESS_STEPS:
            continue
        is_fill = event.step is OrderStep.PART_FILLED
        if not is_fill or before is None or before.status is not event.status:
            return False
    return True


def _write_rest(transaction: Transaction, wave: Sequence[OrderChange]) -> None:
    """Write what belongs to the orders' changes, one statement after the other.

    A change may settle one child and intend the next, so results go first.
    """
    log = transaction.log
    results: list[Row] = []
    intents: list[Row] = []
    fills: list[Row] = []
    events: list[Row] = []
    for change in wave:
        if (result := change.result) is not None:
            results.append((result.status.value, result.reason, result.child_id))
        if change.intent is not None:
            intents.append(child_row(change.intent))
        if change.fills:
            fills += [fill_row(fill, change.order.symbol) for fill in change.fills]
        if (before := transaction.untold.before(change)) is not None:
            events.append(log.row(before, change.order))
        events += [log.row(event, change.order, fill) for event, fill in change.steps]
    texts = transaction.statements
    settled = transaction.run(texts.settle_child, results)
    assert settled == len(results), "only a child in flight is settled"
    transaction.run(texts.insert_child, intents)
    transaction.run(texts.insert_fill, fills)
    transaction.run(texts.insert_event, events)


def _note_intent_before(transaction: Transaction, change: OrderChange) -> None:
    """Note an intent that is on disk as its child's row, without our knowing of it."""
    if transaction.untold.before(change) is not None:
        return
    text, order_id = transaction.statements.lone_intent_of, change.order.order_id
    if (lone := transaction.find(text, order_id)) is not None:
        _, event = read_intent(lone)
        transaction.untold.add(event)


def _is_there_alone(transaction: Transaction, intent: OrderChange) -> bool:
    """Whether exactly this intent is on disk, as its child's row and nothing else."""
    texts, child, event = transaction.statements, intent.intent, intent.events[0]
    assert child is not None
    if transaction.find(texts.event, event.order_id, event.number) is not None:
        return False
    found = transaction.find(texts.child, child.child_id)
    kept = child_row(child)[:CHILD_KEPT]
    return found is not None and tuple(found)[:CHILD_KEPT] == kept


def _is_there(transaction: Transaction, change: OrderChange) -> bool:
    """Whether exactly this change is on disk, in every detail."""
    texts = transaction.statements
    for event in change.events:
        found = transaction.find(texts.event, event.order_id, event.number)
        if found is None or tuple(found) != event_row(event):
            return False
    if change.intent is not None:
        found = transaction.find(texts.child, change.intent.child_id)
        kept = child_row(change.intent)[:CHILD_KEPT]
        if found is None or tuple(found)[:CHILD_KEPT] != kept:
            return False
    for fill in change.fills:
        transaction.cursor.execute(texts.fills_of_child, (fill.child_id,))
        rows = [tuple(row) for row in transaction.cursor.fetchall()]
        if fill_row(fill, change.order.symbol) not in rows:
            return False
    return True
