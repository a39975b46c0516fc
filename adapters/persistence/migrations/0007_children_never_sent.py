"""Of an order that has but one child, those that were never sent are counted."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Find them by their order; only what was held back is in this index."""
    del migrator
    db.execute_sql(
        "CREATE INDEX children_never_sent ON children (order_id) "
        "WHERE status = 'NEVER_SENT'"
    )
