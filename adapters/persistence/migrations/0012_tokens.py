"""Tokens with which clients call the service."""

from peewee import Database, Model, TextField
from playhouse.migrate import SchemaMigrator


class Tokens(Model):
    """Tokens as of this step; ``adapters.persistence.tables`` says what they mean."""

    name = TextField(primary_key=True)
    digest = TextField(unique=True)
    scope = TextField()
    created_at = TextField()
    revoked_at = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "tokens"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table; the command line fills it."""
    del migrator
    with db.bind_ctx((Tokens,)):
        db.create_tables((Tokens,), safe=False)
