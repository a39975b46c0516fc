"""How far each webhook target has been told, and the messages that it did not take."""

from typing import Final

from peewee import Database
from playhouse.migrate import SchemaMigrator


_TARGETS: Final = """
    CREATE TABLE webhook_targets (
        target TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL)
"""
_MESSAGES: Final = """
    CREATE TABLE webhook_messages (
        target TEXT NOT NULL, message_id TEXT NOT NULL,
        body TEXT NOT NULL, events BIGINT NOT NULL, since TEXT NOT NULL,
        made_at TEXT NOT NULL,
        attempts BIGINT NOT NULL, next_at TEXT NOT NULL, problem TEXT NOT NULL,
        is_dead BIGINT NOT NULL,
        PRIMARY KEY (target, message_id))
"""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the tables; a target gets its row when it is first configured."""
    del migrator
    db.execute_sql(_TARGETS)
    db.execute_sql(_MESSAGES)
