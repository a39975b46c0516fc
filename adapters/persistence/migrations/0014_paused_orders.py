"""Whether an order is paused."""

from typing import Final

from peewee import Database
from playhouse.migrate import SchemaMigrator


_COLUMN: Final = "ALTER TABLE orders ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0"
"""Both databases add it without touching a row."""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the column; so far, no order is paused."""
    del migrator
    db.execute_sql(_COLUMN)
