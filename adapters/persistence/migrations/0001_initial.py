"""Orders, children, fills and order events."""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CompositeKey,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator


class Orders(Model):
    """Orders as of this step; ``adapters.persistence.tables`` says what they mean."""

    order_id = TextField(primary_key=True)
    sequence = BigIntegerField(unique=True)
    client_order_id = TextField(null=True, unique=True)
    symbol = TextField()
    side = TextField()
    quantity = TextField()
    price = TextField()
    time_in_force = TextField()
    expires_at = TextField(null=True)
    created_at = TextField()
    updated_at = TextField()
    status = TextField()
    reason = TextField(null=True)
    filled = TextField()
    filled_quote = TextField()
    at_venue = TextField()
    children = IntegerField()
    version = IntegerField()
    idempotency_key = TextField(null=True, unique=True)
    fingerprint = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "orders"
        indexes = ((("symbol", "sequence"), False), (("status", "sequence"), False))


class Children(Model):
    """Child orders as of this step."""

    child_id = TextField(primary_key=True)
    order = ForeignKeyField(
        Orders, column_name="order_id", on_delete="RESTRICT", index=False
    )
    symbol = TextField()
    side = TextField()
    price = TextField()
    quantity = TextField()
    slices = TextField()
    status = TextField()
    reason = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "children"


class Fills(Model):
    """Fills as of this step."""

    id = BigAutoField()
    order = ForeignKeyField(Orders, column_name="order_id", on_delete="RESTRICT")
    child = ForeignKeyField(
        Children, column_name="child_id", on_delete="RESTRICT", index=False
    )
    number = IntegerField()
    symbol = TextField()
    price = TextField()
    quantity = TextField()
    fee = TextField()
    fee_asset = TextField(null=True)
    trade_id = BigIntegerField(null=True)
    update_id = BigIntegerField(null=True)
    executed_at = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "fills"
        indexes = ((("child", "number"), True), (("symbol", "trade_id"), True))


class OrderEvents(Model):
    """Order events as of this step."""

    order = ForeignKeyField(
        Orders, column_name="order_id", on_delete="RESTRICT", index=False
    )
    number = IntegerField()
    step = TextField()
    status = TextField()
    occurred_at = TextField()
    quantity = TextField(null=True)
    price = TextField(null=True)
    update_id = BigIntegerField(null=True)
    child_id = TextField(null=True)
    reason = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "order_events"
        primary_key = CompositeKey("order", "number")


Orders.add_index(
    Orders.symbol,
    Orders.sequence,
    where=SQL("status IN ('PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL')"),
    name="orders_open",
)
Children.add_index(
    Children.order,
    unique=True,
    where=SQL("status = 'INTENDED'"),
    name="children_unresolved",
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Create the tables; fails when tables of these names are there already."""
    del migrator
    tables = (Orders, Children, Fills, OrderEvents)
    with db.bind_ctx(tables):
        db.create_tables(tables, safe=False)
