"""The positions of order events: how each database assigns and reads them.

SQLite lets one transaction write at a time, so row numbers are in the order of commits.
PostgreSQL lets several: a number that was drawn earlier may be committed later, after a
reader has read past it. There an event carries the id of its transaction, and its place
within that. Ids are drawn in sequence, too, but a snapshot says which of them are still
under way: below the oldest of these, everything is final. So readers see only what lies
below, by (transaction, place), and nothing is ever committed before what they have
seen.

The events of one order are in sequence: before its transaction begins, a service has
read what it changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.persistence.cell_values import Row
from adapters.persistence.event_rows import EVENT_COLUMNS, event_row, read_event
from adapters.persistence.fill_rows import FILL_COLUMNS, read_fill
from adapters.persistence.order_rows import ORDER_COLUMNS, read_order
from adapters.persistence.unreadable_rows import read_all
from domain.orders.child_order import Fill
from domain.orders.committed import (
    CommittedBatch,
    CommittedEvent,
    EventPage,
    Position,
)
from domain.orders.order import Order, OrderEvent


_ORDER: Final = len(EVENT_COLUMNS)
_FILL: Final = _ORDER + len(ORDER_COLUMNS)
"""Where these columns begin in a row."""

OFFSET_FACT: Final = "transaction offset"
"""Name of the fact that is added to a PostgreSQL server's transaction ids. Another
server counts anew; after a dump is restored there, positions must go on growing."""

_ALL: Final = ", ".join(
    (
        *(f"event.{name}" for name in EVENT_COLUMNS),
        *(f"orders.{name}" for name in ORDER_COLUMNS),
        *(f"fill.{name}" for name in FILL_COLUMNS),
    )
)
_FROM: Final = (
    "FROM order_events AS event JOIN orders ON orders.order_id = event.order_id "
    "LEFT JOIN fills AS fill ON fill.child_id = event.child_id "
    "AND fill.number = event.fill_number"
)

_OFFSET: Final = (
    "(SELECT coalesce(max(value), '0')::bigint FROM facts "  # noqa: S608 - constants
    f"WHERE name = '{OFFSET_FACT}')"
)
_HORIZON: Final = f"(pg_snapshot_xmin(pg_current_snapshot())::text::bigint + {_OFFSET})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDialect:
    """SQL texts of one database; ``{mark}`` stands for a parameter."""

    columns: tuple[str, ...]
    """The columns of an event's row that hold its position."""

    begin: str
    """In a writing transaction: its id, the number before its first event's, then
    transaction and number of the event before, and whether that one is final."""

    last: str
    """Transaction and number of the last event whose place is final."""

    highest: str
    """Transaction and number of the highest position given to what is on disk, whether
    final in its order or not."""

    after: str
    """The columns of the position, limit. Transaction, number, EVENT_COLUMNS,
    ORDER_COLUMNS, FILL_COLUMNS; these are nulls if the event books no fill."""

    keep_growing: str | None = None
    """Run at each start: raises the offset if a dump was restored on a server that
    counts anew. Correct even while others write: whatever a snapshot shows was written
    by a transaction below this server's next one, unless it was restored here."""

    def cells(self, position: Position) -> tuple[int, ...]:
        """Write a position in the order of ``columns``."""
        both = (position.transaction, position.number)
        return both[len(both) - len(self.columns) :]


SQLITE: Final = PositionDialect(
    columns=("position",),
    # Kept by AUTOINCREMENT: the highest ever given, even if its row was deleted.
    begin="SELECT 0, coalesce(max(seq), 0), 0, coalesce(max(seq), 0), 1 "
    "FROM sqlite_sequence WHERE name = 'order_events'",
    last="SELECT 0, coalesce(max(position), 0) FROM order_events",
    highest="SELECT 0, coalesce(max(seq), 0) FROM sqlite_sequence "
    "WHERE name = 'order_events'",
    after=f"SELECT 0, event.position, {_ALL} {_FROM} "
    "WHERE event.position > {mark} ORDER BY event.position LIMIT {mark}",
)

POSTGRESQL: Final = PositionDialect(
    columns=("transaction_id", "position"),
    begin="SELECT now.own, 0, coalesce(before.transaction_id, 0), "  # noqa: S608 - constants
    "coalesce(before.position, 0), now.is_oldest "
    f"FROM (SELECT pg_current_xact_id()::text::bigint + {_OFFSET} AS own, "
    "pg_snapshot_xmin(pg_current_snapshot()) = pg_current_xact_id() AS is_oldest) "
    "AS now LEFT JOIN LATERAL (SELECT transaction_id, position FROM order_events "
    "WHERE transaction_id < now.own "
    "ORDER BY transaction_id DESC, position DESC LIMIT 1) AS before ON true",
    last="SELECT transaction_id, position FROM order_events "  # noqa: S608 - constants
    f"WHERE transaction_id < {_HORIZON} "
    "ORDER BY transaction_id DESC, position DESC LIMIT 1",
    highest="SELECT transaction_id, position FROM order_events "
    "ORDER BY transaction_id DESC, position DESC LIMIT 1",
    after=f"SELECT event.transaction_id, event.position, {_ALL} {_FROM} "
    "WHERE (event.transaction_id, event.position) > ({mark}, {mark}) "
    f"AND event.transaction_id < {_HORIZON} "
    "ORDER BY event.transaction_id, event.position LIMIT {mark}",
    keep_growing="INSERT INTO facts (name, value) "  # noqa: S608 - constants
    f"SELECT '{OFFSET_FACT}', (last + 1 - next)::text FROM ("
    "SELECT (SELECT max(transaction_id) FROM order_events) AS last, "
    "pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next, "
    f"{_OFFSET} AS offset_before) AS now WHERE last >= next + offset_before "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
)


def position_of(row: Row) -> Position:
    """Read a position from the first values of a row."""
    return Position(transaction=row[0], number=row[1])


def read_page(rows: Sequence[Row], asked: Position, logged: set[str]) -> EventPage:
    """Read what ``PositionDialect.after`` has found.

    Args:
        rows: of the database.
        asked: the position after which they were read.
        logged: see ``read_all``.
    """
    # Beginning with the order's id, by which the log names an unreadable row.
    events = read_all([(*row[2:], *row[:2]) for row in rows], _read_event, logged)
    position = position_of(rows[-1]) if rows else asked
    return EventPage(events=tuple(events), position=position)


def _read_event(row: Row) -> CommittedEvent:
    event, order, fill = row[:_ORDER], row[_ORDER:_FILL], row[_FILL:-2]
    return CommittedEvent(
        position=position_of(row[-2:]),
        event=read_event(event),
        order=read_order(order),
        fill=None if fill[0] is None else read_fill(fill),
    )


class EventLog:
    """The events of one transaction, in the order in which they are written."""

    def __init__(self, dialect: PositionDialect, begun: Any) -> None:
        """Make an empty log.

        Args:
            dialect: of the database.
            begun: the row that ``dialect.begin`` has read.
        """
        transaction, number, before, number_before, is_known = begun
        self._dialect: Final = dialect
        self._transaction: Final[int] = transaction
        self._number: int = number
        self._follows = (
            Position(transaction=before, number=number_before) if is_known else None
        )
        self._events: list[CommittedEvent] = []

    def row(self, event: OrderEvent, order: Order, fill: Fill | None = None) -> Row:
        """Give an event its position; return the row of ``insert_event``.

        Args:
            event: about to be written.
            order: as it will be on disk.
            fill: that the event books.
        """
        self._number += 1
        position = Position(transaction=self._transaction, number=self._number)
        self._events.append(
            CommittedEvent(position=position, event=event, order=order, fill=fill)
        )
        number = None if fill is None else fill.number
        return (*event_row(event), number, *self._dialect.cells(position))

    def mark(self) -> int:
        """Return the current place in the log, for ``go_back``."""
        return len(self._events)

    def go_back(self, mark: int) -> None:
        """Forget events that were rolled back. Their positions stay unused."""
        del self._events[mark:]

    def batch(self) -> CommittedBatch:
        """Return the events that are on disk once the transaction is committed."""
        return CommittedBatch(events=tuple(self._events), follows=self._follows)
