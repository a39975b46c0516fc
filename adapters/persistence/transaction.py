"""What the writing of records needs from a driver."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.persistence.cell_values import Row
from adapters.persistence.event_positions import EventLog
from adapters.persistence.failures import is_of_a_record
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

    @contextmanager
    def record_apart(self) -> Iterator[None]:
        """Write one record inside, so that a bad one does not affect the others.

        Raises:
            Exception: as raised inside. If the record is at fault
                (``failures.is_of_a_record``), all that was written inside is undone,
                and the transaction can go on.
        """
        self.cursor.execute("SAVEPOINT one_record")
        mark = self.log.mark()
        try:
            yield
        except Exception as error:
            if is_of_a_record(error):
                self.cursor.execute("ROLLBACK TO SAVEPOINT one_record")
                self.log.go_back(mark)
                self.cursor.execute("RELEASE SAVEPOINT one_record")
            raise
        self.cursor.execute("RELEASE SAVEPOINT one_record")

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
