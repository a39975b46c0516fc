"""The tables. Rows are private to this package; others see domain objects.

Amounts are text in plain digits: SQLite has no decimals, and floats lose digits. Times
are ISO-8601 text in UTC, always with microseconds: people can read them, they sort as
text, and Python parses them faster than it builds them from an integer.
"""

from typing import Final

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.sqlite_ext import AutoIncrementField

from domain.orders.order import OrderStatus


OPEN_STATUSES: Final = tuple(status for status in OrderStatus if not status.is_final)
ENDED_STATUSES: Final = tuple(status for status in OrderStatus if status.is_final)

IS_OPEN: Final = "status IN ({})".format(
    ", ".join(f"'{status}'" for status in OPEN_STATUSES)
)
"""Literal, not bound: otherwise a database does not use the partial index on it."""

IS_UNRESOLVED: Final = "status = 'INTENDED'"
"""Of a child without a result; literal for the same reason."""


class OrderRow(Model):
    """An order, and the keys by which a repeated request is recognised for ever."""

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
    is_paused = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    """1 or 0; 0 for orders of versions before step 0014."""

    idempotency_key = TextField(null=True, unique=True)
    fingerprint = TextField()
    arrival_touch = TextField(null=True)
    """When the order was taken in; see ``touch_cells``. Null where the book was not
    usable, and for orders of versions before step 0010: so all that it added."""

    end_touch = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "orders"
        indexes = ((("symbol", "sequence"), False), (("status", "sequence"), False))


class ChildRow(Model):
    """A child order: its intent and its outcome.

    Of an intent this row may be all that is on disk; see ``intents``.
    """

    child_id = TextField(primary_key=True)
    order = ForeignKeyField(
        OrderRow, column_name="order_id", on_delete="RESTRICT", index=False
    )
    symbol = TextField()
    side = TextField()
    price = TextField()
    quantity = TextField()
    slices = TextField()
    """JSON: list of [price, quantity, update id, stated, taken before]; without the
    last two before step 0010."""

    status = TextField()
    reason = TextField()
    intended_at = TextField()
    touch = TextField(null=True)
    """When it was offered."""

    class Meta:
        """Peewee's settings."""

        table_name = "children"


class FillRow(Model):
    """A fill. Two unique keys make duplicates impossible."""

    id = BigAutoField()
    """Grows in the order of booking."""

    order = ForeignKeyField(OrderRow, column_name="order_id", on_delete="RESTRICT")
    child = ForeignKeyField(
        ChildRow, column_name="child_id", on_delete="RESTRICT", index=False
    )
    number = IntegerField()
    symbol = TextField()
    price = TextField()
    quantity = TextField()
    fee = TextField()
    fee_asset = TextField(null=True)
    trade_id = BigIntegerField(null=True)
    """Null on paper; nulls do not collide in a unique index."""

    update_id = BigIntegerField(null=True)
    executed_at = TextField()
    stated = TextField(null=True)
    taken_before = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "fills"
        indexes = (
            (("child", "number"), True),
            (("symbol", "executed_at", "trade_id"), True),
            (("executed_at", "id"), False),
        )


class EventRow(Model):
    """One step of an order.

    PostgreSQL has a column ``transaction_id`` as well, and order and number are the
    key; see ``adapters.persistence.event_positions``.
    """

    position = AutoIncrementField()
    order = ForeignKeyField(
        OrderRow, column_name="order_id", on_delete="RESTRICT", index=False
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
    fill_number = IntegerField(null=True)
    """Of the fill that the step has booked, which has the same child."""

    class Meta:
        """Peewee's settings."""

        table_name = "order_events"
        indexes = ((("order", "number"), True),)


class PriceRow(Model):
    """A symbol's touch in one second, while orders of it are open; ``price_rows``."""

    symbol = TextField()
    second = BigIntegerField()
    """Unix time."""

    bid = TextField(null=True)
    ask = TextField(null=True)
    update_id = BigIntegerField()

    class Meta:
        """Peewee's settings."""

        table_name = "price_path"
        primary_key = CompositeKey("symbol", "second")


class TradedRow(Model):
    """What was traded of a symbol in one second; ``traded_rows``."""

    symbol = TextField()
    second = BigIntegerField()
    first_id = BigIntegerField()
    last_id = BigIntegerField()
    trades = BigIntegerField()
    quantity = TextField()
    quote = TextField()
    low = TextField()
    high = TextField()
    volumes = TextField()
    """PRICE:QUANTITY, with blanks between, by price."""

    class Meta:
        """Peewee's settings."""

        table_name = "traded_seconds"
        primary_key = CompositeKey("symbol", "second")


class SwitchRow(Model):
    """An operator's switch."""

    name = TextField(primary_key=True)
    is_on = IntegerField()
    reason = TextField()
    since = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "switches"


class FactRow(Model):
    """A fact about the whole database.

    ``venue``: where its child orders go; ``silence URL``: until when that venue wants
    no requests.
    """

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        """Peewee's settings."""

        table_name = "facts"


WHOLE_DATABASE: Final = "*"
"""The only scope so far; others will be symbols."""

READ_TENURE: Final = (
    f"SELECT epoch, owner FROM tenures WHERE scope = '{WHOLE_DATABASE}'"  # noqa: S608 - constants
)


class TenureRow(Model):
    """Who may write what; see ``adapters.persistence.tenure``."""

    scope = TextField(primary_key=True)
    epoch = BigIntegerField()
    """Grows by one with every takeover; never falls."""

    owner = TextField()
    """Host, process and a random part, so that no two starts have the same."""

    class Meta:
        """Peewee's settings."""

        table_name = "tenures"


class TokenRow(Model):
    """A token with which a client calls the service; see ``adapters.access``."""

    name = TextField(primary_key=True)
    """Never given again, so that it says for ever who it was."""

    digest = TextField(unique=True)
    """SHA-256 of the token, in hexadecimal; the token itself is kept nowhere."""

    scope = TextField()
    created_at = TextField()
    revoked_at = TextField(null=True)

    class Meta:
        """Peewee's settings."""

        table_name = "tokens"


class AuditRow(Model):
    """A call that may have changed something; see ``adapters.access.audit_log``."""

    number = BigAutoField()
    """Grows in the order of writing, which is nearly that of the calls."""

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


OrderRow.add_index(
    OrderRow.symbol, OrderRow.sequence, where=SQL(IS_OPEN), name="orders_open"
)
ChildRow.add_index(
    ChildRow.order,
    unique=True,
    where=SQL(IS_UNRESOLVED),
    name="children_unresolved",
)
"""Unique: the database itself enforces one child in flight per order."""

ChildRow.add_index(
    ChildRow.order, where=SQL("status = 'NEVER_SENT'"), name="children_never_sent"
)

TABLES: Final = (
    OrderRow,
    ChildRow,
    FillRow,
    EventRow,
    PriceRow,
    TradedRow,
    SwitchRow,
    FactRow,
    TenureRow,
    TokenRow,
    AuditRow,
)
