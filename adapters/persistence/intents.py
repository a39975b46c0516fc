"""Intents on disk: before a child leaves, its own row is written, and nothing else.

All else about the step that intends a child follows from that row and its order's: how
far the order has come, and the event. So that one row is all that is synced while the
child waits. The order's next step is written together with the event; until then
whoever reads the order adds the step (``ORDER_NOW`` in ``sql_statements``).
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

import peewee

from adapters.persistence.cell_values import Row
from adapters.persistence.child_rows import child_row, read_child
from adapters.persistence.event_positions import EventLog, PositionDialect
from adapters.persistence.failures import first_line, is_of_a_record
from adapters.persistence.order_rows import ORDER_COLUMNS, progress_row, read_order
from adapters.persistence.sql_statements import SqlStatements
from adapters.persistence.transaction import Transaction
from adapters.persistence.unreadable_rows import read_all
from domain.orders.lifecycle import intended
from domain.orders.order import Order, OrderEvent
from domain.orders.records import OrderChange


_AT_ONCE: Final = 500
"""Intents that a takeover completes together. One at a time would take 20,000 of them
half a minute on PostgreSQL; all at once, the server would end the session, because it
is idle for too long while they are read."""

logger = logging.getLogger(__name__)


def write_alone(
    cursor: Any, statements: SqlStatements, tenure: tuple[int, str], intent: OrderChange
) -> bool:
    """Write an intent in a transaction of its own, which is this one statement.

    Args:
        cursor: outside of any transaction.
        statements: in its dialect.
        tenure: ours, epoch and owner.
        intent: an ``OrderChange.is_intent``.

    Returns:
        Whether it is on disk. If not, nothing was written: the tenure is lost, the
        order is at another version, or the row contradicts what is there.
    """
    try:
        cursor.execute(statements.insert_lone_intent, (*intent_row(intent), *tenure))
    except Exception as error:
        if not is_of_a_record(error):
            raise
        return False
    return bool(cursor.rowcount == 1)


def write_intents(transaction: Transaction, intents: Sequence[OrderChange]) -> bool:
    """Write intents, each of which must be the next step of its order.

    Returns:
        Whether all are; if not, what was written has to be rolled back.
    """
    rows = [intent_row(intent) for intent in intents]
    transaction.alone.extend(intents)
    text = transaction.statements.insert_intent
    return transaction.run(text, rows) == len(rows)


def intent_row(intent: OrderChange) -> Row:
    """Write an intent as the parameters of ``SqlStatements.insert_intent``."""
    assert intent.intent is not None
    return (*child_row(intent.intent), intent.order.order_id, intent.follows)


def tell_intents(database: peewee.Database, positions: PositionDialect) -> None:
    """In a transaction: write what an earlier service has left out of its intents.

    What an unreadable row says stays as it is, like all of its order. So does an intent
    that contradicts other rows: its order is read with it, and stops at its next step.
    """
    texts = SqlStatements.of(database.param, positions)
    cursor = database.connection().cursor()
    cursor.execute(texts.lone_intents)
    if not (rows := cursor.fetchall()):
        return
    cursor.execute(positions.begin)
    log = EventLog(positions, cursor.fetchone())
    transaction = Transaction(cursor=cursor, statements=texts, log=log)
    for first in range(0, len(rows), _AT_ONCE):
        found = read_all(rows[first : first + _AT_ONCE], read_intent)
        if not _tell(transaction, found):
            for one in found:
                _tell(transaction, (one,))


def _tell(transaction: Transaction, found: Sequence[tuple[Order, OrderEvent]]) -> bool:
    """Write the steps; return whether the database took them."""
    texts = transaction.statements
    orders = [
        (*progress_row(order), order.order_id, order.version - 1) for order, _ in found
    ]
    try:
        with transaction.record_apart():
            transaction.run(texts.update_progress, orders)
            events = [transaction.log.row(event, order) for order, event in found]
            transaction.run(texts.insert_event, events)
    except Exception as error:
        if not is_of_a_record(error):
            raise
        if len(found) == 1:
            logger.critical(
                "Intent not completed order_id=%s problem=%s",
                found[0][0].order_id,
                first_line(error),
            )
        return len(found) == 1
    return True


def read_intent(row: Row) -> tuple[Order, OrderEvent]:
    """Read an order after its intent, and the event, from ``lone_intents``."""
    order = read_order(row)
    return order, intended(order, read_child(row[len(ORDER_COLUMNS) :]))
