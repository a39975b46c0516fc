"""Who may write: a row with an epoch that rises with every service that takes over."""

from peewee import BigIntegerField, Database, Model, TextField
from playhouse.migrate import SchemaMigrator


class Tenures(Model):
    """Tenures as of this step; ``adapters.persistence.tables`` says what they mean."""

    scope = TextField(primary_key=True)
    epoch = BigIntegerField()
    owner = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "tenures"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table; the first service that starts writes the row."""
    del migrator
    with db.bind_ctx((Tenures,)):
        db.create_tables((Tenures,), safe=False)
