"""Fills of all symbols are read by when they were executed."""

from typing import Final

from peewee import Database
from playhouse.migrate import SchemaMigrator


_INDEX: Final = "CREATE INDEX fills_executed_at_id ON fills (executed_at, id)"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the index; it takes some seconds for each million fills."""
    del migrator
    db.execute_sql(_INDEX)
