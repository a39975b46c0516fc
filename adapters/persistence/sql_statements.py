"""The statements of the write path, built once per database.

Raw SQL over Peewee's connection: Peewee would build a statement for each call, which
costs more than running it. Both databases understand these texts.
"""

from dataclasses import dataclass
from typing import Final, Self

from adapters.persistence.cell_values import SEQUENCE_MAX
from adapters.persistence.child_rows import CHILD_COLUMNS
from adapters.persistence.event_positions import PositionDialect
from adapters.persistence.event_rows import EVENT_COLUMNS
from adapters.persistence.fill_rows import FILL_COLUMNS
from adapters.persistence.order_rows import (
    CHANGED_COLUMNS,
    ORDER_COLUMNS,
    PROGRESS_COLUMNS,
    REQUEST_COLUMNS,
)
from adapters.persistence.tables import IS_OPEN, READ_TENURE
from domain.values import AT_ONCE


_FILLS: Final = f"SELECT {', '.join(FILL_COLUMNS)} FROM fills"  # noqa: S608 - constants
_CHILDREN: Final = f"SELECT {', '.join(CHILD_COLUMNS)} FROM children"  # noqa: S608 - constants

_LAST_SEQUENCE: Final = (
    f"SELECT max(sequence) FROM orders WHERE sequence BETWEEN 0 AND {SEQUENCE_MAX}"  # noqa: S608 - constants
)


INTENT_OF_ORDER: Final = (
    "intent.order_id = orders.order_id AND intent.status = 'INTENDED'"
)
ORDERS_NOW: Final = f"orders LEFT JOIN children AS intent ON {INTENT_OF_ORDER}"
"""The orders, each with its child in flight."""

_IS_LONE: Final = "intent.child_id IS NOT NULL AND orders.at_venue = '0'"
"""Whether only the child's row is there of the step that intended it."""

_AFTER_INTENT: Final = {
    "updated_at": "intent.intended_at",
    "reason": "NULL",
    "at_venue": "intent.quantity",
    "children": "orders.children + 1",
    "version": "orders.version + 1",
}
"""What that step changes; see ``domain.orders.lifecycle.intend_child``."""

ORDER_NOW: Final = ", ".join(
    f"CASE WHEN {_IS_LONE} THEN {_AFTER_INTENT[column]} ELSE orders.{column} END"
    if column in _AFTER_INTENT
    else f"orders.{column}"
    for column in ORDER_COLUMNS
)
"""ORDER_COLUMNS after all steps, of ORDERS_NOW."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlStatements:
    """SQL texts; each docstring names the parameters, then the result."""

    insert_order: str
    """ORDER_COLUMNS, REQUEST_COLUMNS. Inserts nothing if any key is taken."""

    update_order: str
    """CHANGED_COLUMNS, order id, version. Changes only an order at that version."""

    update_progress: str
    """PROGRESS_COLUMNS, order id, version. The same, and half the pages to sync."""

    insert_event: str
    """EVENT_COLUMNS, the number of the fill that it books, its position's columns."""

    insert_child: str
    """CHILD_COLUMNS."""

    insert_intent: str
    """CHILD_COLUMNS, order id, version. Inserts a child only if its order is at that
    version, and has none in flight."""

    insert_lone_intent: str
    """The same, then epoch and owner. Only if the tenure is that one, too."""

    lone_intents: str
    """ORDER_COLUMNS after the step, CHILD_COLUMNS, of every intent of which only the
    child's row is on disk."""

    lone_intent_of: str
    """Order id. The same of one order."""

    settle_child: str
    """Status, reason, child id. Changes nothing once the child is settled."""

    insert_fill: str
    """FILL_COLUMNS."""

    order_by_id: str
    order_by_idempotency_key: str
    order_by_client_order_id: str
    """The key. ORDER_COLUMNS and the fingerprint."""

    first_event: str
    """Order id. A row when the order's acceptance is on disk."""

    event: str
    """Order id, number. EVENT_COLUMNS."""

    open_orders: str
    """Symbol, sequence, limit. ORDER_COLUMNS, the number of its children never sent if
    that matters, and CHILD_COLUMNS of the intent."""

    open_order: str
    """Order id. The same."""

    last_sequence: str

    fills_between: str
    """Symbol, first and last time. FILL_COLUMNS."""

    children_in_flight: str
    """Symbol. The child ids."""

    child: str
    """Child id. CHILD_COLUMNS."""

    touches: str
    """Order id. Its touches when it came and when it ended."""

    fills_of_child: str
    """Child id. FILL_COLUMNS."""

    holds: str
    """Order id. The reason of each hold."""

    statement_by_hand: str
    """Order id, child id. Quantity, price, child id and reason."""

    save_switch: str
    """Name, is_on, reason, since."""

    switch: str
    """Name. is_on, reason, since."""

    save_fact: str
    """Name, value."""

    fact: str
    """Name. Its value."""

    tenure: str
    """Epoch and owner."""

    @classmethod
    def of(cls, mark: str, positions: PositionDialect, row_lock: str = "") -> Self:
        """Write the statements with ``mark`` for each parameter."""
        picked = _read_open()
        return cls(
            insert_order=_insert(mark, "orders", ORDER_COLUMNS + REQUEST_COLUMNS)
            + " ON CONFLICT DO NOTHING",
            update_order=_update(mark, CHANGED_COLUMNS),
            update_progress=_update(mark, PROGRESS_COLUMNS),
            insert_event=_insert(
                mark,
                "order_events",
                (*EVENT_COLUMNS, "fill_number", *positions.columns),
            ),
            insert_child=_insert(mark, "children", CHILD_COLUMNS),
            **_of_intents(mark, row_lock),
            settle_child=_settle(mark),
            insert_fill=_insert(mark, "fills", FILL_COLUMNS),
            order_by_id=_read_by(mark, "order_id"),
            order_by_idempotency_key=_read_by(mark, "idempotency_key"),
            order_by_client_order_id=_read_by(mark, "client_order_id"),
            first_event=_first_event(mark),
            event=_event(mark),
            open_orders=f"{picked} AND orders.symbol = {mark} "
            f"AND orders.sequence > {mark} ORDER BY orders.sequence LIMIT {mark}",
            open_order=f"{picked} AND orders.order_id = {mark}",
            last_sequence=_LAST_SEQUENCE,
            fills_between=f"{_FILLS} WHERE symbol = {mark} "
            f"AND executed_at BETWEEN {mark} AND {mark} ORDER BY id",
            children_in_flight="SELECT child_id FROM children "  # noqa: S608 - constants
            f"WHERE status = 'INTENDED' AND symbol = {mark}",
            child=f"{_CHILDREN} WHERE child_id = {mark}",
            touches="SELECT arrival_touch, end_touch FROM orders "  # noqa: S608 - constants
            f"WHERE order_id = {mark}",
            fills_of_child=f"{_FILLS} WHERE child_id = {mark} ORDER BY number",
            holds="SELECT reason FROM order_events "  # noqa: S608 - constants
            f"WHERE order_id = {mark} AND step = 'HELD' ORDER BY number",
            statement_by_hand=_statement_by_hand(mark),
            **_of_settings(mark),
            tenure=READ_TENURE,
        )


# All texts below consist of this package's own constants, never of a client's data.


def _insert(mark: str, table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - constants


def _update(mark: str, columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{column} = {mark}" for column in columns)
    return (
        f"UPDATE orders SET {changes} "  # noqa: S608 - constants
        f"WHERE order_id = {mark} AND version = {mark}"
    )


def _of_intents(mark: str, row_lock: str) -> dict[str, str]:
    insert, alone = _insert_intent(mark), _lone_intents()
    return {
        "insert_intent": insert,
        "insert_lone_intent": insert + _while_ours(mark, row_lock),
        "lone_intents": alone,
        "lone_intent_of": f"{alone} AND orders.order_id = {mark}",
    }


def _insert_intent(mark: str) -> str:
    marks = ", ".join([mark] * len(CHILD_COLUMNS))
    return (
        f"INSERT INTO children ({', '.join(CHILD_COLUMNS)}) SELECT {marks} "  # noqa: S608 - constants
        f"WHERE EXISTS (SELECT 1 FROM orders WHERE order_id = {mark} "
        f"AND version = {mark} AND at_venue = '0')"
    )


def _while_ours(mark: str, row_lock: str) -> str:
    return (
        f" AND EXISTS ({READ_TENURE} AND epoch = {mark} AND owner = {mark}{row_lock})"
    )


def _lone_intents() -> str:
    children = ", ".join(f"intent.{column}" for column in CHILD_COLUMNS)
    return (
        f"SELECT {ORDER_NOW}, {children} FROM {ORDERS_NOW} "  # noqa: S608 - constants
        f"WHERE {_IS_LONE}"
    )


def _settle(mark: str) -> str:
    return (
        f"UPDATE children SET status = {mark}, reason = {mark} "  # noqa: S608 - constants
        f"WHERE child_id = {mark} AND status = 'INTENDED'"
    )


def _statement_by_hand(mark: str) -> str:
    return (
        "SELECT quantity, price, child_id, reason FROM order_events "  # noqa: S608 - constants
        f"WHERE order_id = {mark} AND child_id = {mark} AND step = 'SETTLED_BY_HAND'"
    )


def _of_settings(mark: str) -> dict[str, str]:
    return {
        "save_switch": _save_switch(mark),
        "switch": f"SELECT is_on, reason, since FROM switches WHERE name = {mark}",  # noqa: S608 - constants
        "save_fact": _insert(mark, "facts", ("name", "value"))
        + " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        "fact": f"SELECT value FROM facts WHERE name = {mark}",  # noqa: S608 - constants
    }


def _save_switch(mark: str) -> str:
    marks = ", ".join([mark] * 4)
    return (
        f"INSERT INTO switches (name, is_on, reason, since) VALUES ({marks}) "  # noqa: S608 - constants
        "ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on, "
        "reason = excluded.reason, since = excluded.since"
    )


def _read_by(mark: str, key: str) -> str:
    return (
        f"SELECT {ORDER_NOW}, orders.fingerprint FROM {ORDERS_NOW} "  # noqa: S608 - constants
        f"WHERE orders.{key} = {mark}"
    )


def _first_event(mark: str) -> str:
    return f"SELECT 1 FROM order_events WHERE order_id = {mark} AND number = 1"  # noqa: S608 - constants


def _event(mark: str) -> str:
    columns = ", ".join(EVENT_COLUMNS)
    return (
        f"SELECT {columns} FROM order_events "  # noqa: S608 - constants
        f"WHERE order_id = {mark} AND number = {mark}"
    )


def _read_open() -> str:
    children = ", ".join(f"intent.{column}" for column in CHILD_COLUMNS)
    return (
        f"SELECT {ORDER_NOW}, {_count_of_never_sent()}, {children} "  # noqa: S608 - constants
        f"FROM {ORDERS_NOW} WHERE orders.{IS_OPEN}"
    )


def _count_of_never_sent() -> str:
    at_once = ", ".join(sorted(f"'{one.value}'" for one in AT_ONCE))
    return (
        f"CASE WHEN orders.time_in_force IN ({at_once}) THEN "  # noqa: S608 - constants
        "(SELECT COUNT(*) FROM children AS unsent WHERE unsent.status = 'NEVER_SENT' "
        "AND unsent.order_id = orders.order_id) ELSE 0 END"
    )
