"""Every step that books a fill says which one."""

from typing import Final

from peewee import Database, IntegerField
from playhouse.migrate import SchemaMigrator


_NUMBER: Final = """
    UPDATE order_events SET fill_number = booked.place FROM (
        SELECT order_id, number, child_id, quantity, price,
        row_number() OVER (PARTITION BY child_id ORDER BY number) AS place
        FROM order_events WHERE step IN ('PART_FILLED', 'FILLED')) AS booked
    WHERE order_events.order_id = booked.order_id
    AND order_events.number = booked.number
    AND EXISTS (SELECT 1 FROM fills WHERE fills.child_id = booked.child_id
        AND fills.number = booked.place AND fills.quantity = booked.quantity
        AND fills.price = booked.price)
"""
"""The fills of a child were numbered in the order of the steps that booked them. One
that does not agree with its step was not written by us, and stays without."""


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Number those that are there."""
    column = IntegerField(null=True)
    migrator.migrate(migrator.add_column("order_events", "fill_number", column))
    db.execute_sql(_NUMBER)
