"""Fills of a symbol are read by when they were executed."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Turn the key of a trade around: as unique as before, and found by time."""
    del db
    migrator.migrate(
        migrator.drop_index("fills", "fills_symbol_trade_id_executed_at"),
        migrator.add_index("fills", ("symbol", "executed_at", "trade_id"), unique=True),
    )
