"""Who made which call that may have changed something."""

from peewee import BigAutoField, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Audit(Model):
    """The trail as of this step; ``adapters.persistence.tables`` says what it means."""

    number = BigAutoField()
    at = TextField()
    caller = TextField()
    peer = TextField()
    call = TextField()
    order_id = TextField(null=True)
    status = IntegerField(null=True)
    code = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "audit"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table."""
    del migrator
    with db.bind_ctx((Audit,)):
        db.create_tables((Audit,), safe=False)
