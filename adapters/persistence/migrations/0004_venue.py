"""Which venue the orders of the database belong to."""

from peewee import Database, Model, TextField
from playhouse.migrate import SchemaMigrator


class Facts(Model):
    """Facts as of this step; ``adapters.persistence.tables`` says what they mean."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "facts"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the fact. Orders that are there already were filled on paper."""
    del migrator
    with db.bind_ctx((Facts,)):
        db.create_tables((Facts,), safe=False)
    db.execute_sql(
        "INSERT INTO facts (name, value) "
        "SELECT 'venue', 'paper' WHERE EXISTS (SELECT 1 FROM orders)"
    )
