"""The touch of symbols with open orders, once a second."""

from typing import Final

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator


_TABLE: Final = """
    CREATE TABLE price_path (
        symbol TEXT NOT NULL, second BIGINT NOT NULL,
        bid TEXT, ask TEXT, update_id BIGINT NOT NULL,
        PRIMARY KEY (symbol, second))
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table; in SQLite its rows lie in the order of the key."""
    del migrator
    tail = " WITHOUT ROWID" if isinstance(db, SqliteDatabase) else ""
    db.execute_sql(_TABLE + tail)
