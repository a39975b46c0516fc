"""What the writing of records needs from a driver."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.persistence.cell_values import Row
from adapters.persistence.event_positions import EventLog
from adapters.persistence.sql_statements import SqlStatements
from adapters.persistence.untold_intents import UntoldIntents
from domain.orders.records import OrderChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An open transaction: a driver's cursor and the statements in its dialect."""

    cursor: Any
    statements: SqlStatements
    log: EventLog
    """The events that the transaction writes."""

    untold: UntoldIntents = field(default_factory=UntoldIntents)
    """Intents of earlier transactions whose events are not on disk yet."""

    alone: list[OrderChange] = field(default_factory=list)
    """Intents of which the transaction writes only the child's row."""

    def run(self, statement: str, rows: Sequence[Row]) -> int:
        """Run the statement for every row; return how many rows it changed."""
        if not rows:
            return 0
        self.cursor.executemany(statement, rows)
        changed: int = self.cursor.rowcount
        return changed

    def find(self, statement: str, *keys: object) -> Row | None:
        """Read the row that the keys identify; None when there is none."""
        if None in keys:
            return None
        self.cursor.execute(statement, keys)
        row: Row | None = self.cursor.fetchone()
        return row
