"""What was traded of symbols with open orders, summed up by second."""

from typing import Final

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator


_TABLE: Final = """
    CREATE TABLE traded_seconds (
        symbol TEXT NOT NULL, second BIGINT NOT NULL,
        first_id BIGINT NOT NULL, last_id BIGINT NOT NULL, trades BIGINT NOT NULL,
        quantity TEXT NOT NULL, quote TEXT NOT NULL,
        low TEXT NOT NULL, high TEXT NOT NULL, volumes TEXT NOT NULL,
        PRIMARY KEY (symbol, second))
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table; in SQLite its rows lie in the order of the key."""
    del migrator
    tail = " WITHOUT ROWID" if isinstance(db, SqliteDatabase) else ""
    db.execute_sql(_TABLE + tail)
