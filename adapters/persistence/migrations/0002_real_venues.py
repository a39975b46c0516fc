"""What trading on a real venue needs: when a child was intended, the halt switch."""

from peewee import Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class Switches(Model):
    """Switches as of this step; ``adapters.persistence.tables`` says what they mean."""

    name = TextField(primary_key=True)
    is_on = IntegerField()
    reason = TextField()
    since = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "switches"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add them, and a trade's time to its key.

    The trade ids of a symbol repeat where one database sees several venues, or one
    that was wiped; what has the same time, too, is the same trade.
    """
    with db.bind_ctx((Switches,)):
        db.create_tables((Switches,), safe=False)
    migrator.migrate(
        migrator.add_column("children", "intended_at", TextField(default="")),
        migrator.drop_index("fills", "fills_symbol_trade_id"),
        migrator.add_index("fills", ("symbol", "trade_id", "executed_at"), unique=True),
    )
    db.execute_sql(
        "UPDATE children SET intended_at = "
        "(SELECT created_at FROM orders WHERE orders.order_id = children.order_id)"
    )
