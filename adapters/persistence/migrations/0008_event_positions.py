"""Every order event has a position that only grows and is never given twice."""

from typing import Final

from peewee import Database, SqliteDatabase
from playhouse.migrate import SchemaMigrator


_SQLITE: Final = """
    CREATE TABLE new_events (
        position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL, number INTEGER NOT NULL,
        step TEXT NOT NULL, status TEXT NOT NULL, occurred_at TEXT NOT NULL,
        quantity TEXT, price TEXT, update_id INTEGER, child_id TEXT, reason TEXT,
        FOREIGN KEY (order_id) REFERENCES orders (order_id) ON DELETE RESTRICT);
    INSERT INTO new_events (
        order_id, number, step, status, occurred_at,
        quantity, price, update_id, child_id, reason)
        SELECT order_id, number, step, status, occurred_at,
        quantity, price, update_id, child_id, reason FROM order_events ORDER BY rowid;
    DROP TABLE order_events;
    ALTER TABLE new_events RENAME TO order_events;
    CREATE UNIQUE INDEX order_events_order_id_number ON order_events (order_id, number)
"""
"""The number of a row was its place in the order of writing all along."""

_POSTGRESQL: Final = """
    ALTER TABLE order_events ADD COLUMN transaction_id BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE order_events ALTER COLUMN transaction_id DROP DEFAULT;
    ALTER TABLE order_events ADD COLUMN position BIGINT;
    UPDATE order_events SET position = ranked.place FROM (
        SELECT order_id, number,
        row_number() OVER (ORDER BY not_before, order_id, number) AS place FROM (
            SELECT order_id, number, max(occurred_at) OVER (
                PARTITION BY order_id ORDER BY number) AS not_before
            FROM order_events) AS timed) AS ranked
        WHERE order_events.order_id = ranked.order_id
        AND order_events.number = ranked.number;
    ALTER TABLE order_events ALTER COLUMN position SET NOT NULL;
    CREATE UNIQUE INDEX order_events_transaction_id_position
        ON order_events (transaction_id, position)
"""
"""By time, but never against the numbers of an order: clocks may be set back."""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Give those that are there positions in the order in which they happened."""
    del migrator
    texts = _SQLITE if isinstance(db, SqliteDatabase) else _POSTGRESQL
    for statement in texts.split(";"):
        db.execute_sql(statement)
