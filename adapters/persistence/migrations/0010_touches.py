"""What the book showed when an order came, was worked and ended; see its tables."""

from typing import Final

from peewee import Database, TextField
from playhouse.migrate import SchemaMigrator


_COLUMNS: Final = (
    ("orders", "arrival_touch"),
    ("orders", "end_touch"),
    ("children", "touch"),
    ("fills", "stated"),
    ("fills", "taken_before"),
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the columns; of what was before, nobody knows any more."""
    del db
    migrator.migrate(
        *(
            migrator.add_column(table, column, TextField(null=True))
            for table, column in _COLUMNS
        )
    )
