"""No table changes, but an older program would misread what is written from now on.

An intent is on disk as its child's row alone: its order has a child at the venue that
the order's own row does not tell of yet. A database with this step is refused by
programs that know nothing of that.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Change nothing."""
    del migrator, db
