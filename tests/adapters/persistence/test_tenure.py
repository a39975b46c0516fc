"""One owner of a database: who opened it last writes, and nobody else."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from peewee import OperationalError, SqliteDatabase

from adapters.persistence.backends import backend_of
from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import ConfigurationError, TenureLostError
from domain.orders.stored_orders import OrderFilter
from domain.risk.halt import NEVER_HALTED, Halt
from domain.venue.answers import RateLimitBan
from tests.adapters.persistence.builders import (
    BTCUSDT,
    NOW,
    intent,
    new_order,
    whole_life,
)


Write = Callable[[SqlTradeStore], object]

WRITES: dict[str, Write] = {
    "an order": lambda store: store.write([new_order(2)]),
    "an intent": lambda store: store.write([intent(new_order(1).order)]),
    "nothing": lambda store: store.write([]),
    "the halt": lambda store: store.save_halt(
        Halt(is_on=True, reason="too late", since=NOW)
    ),
    "a silence": lambda store: store.save_rate_limit_ban(
        RateLimitBan(venue="one", until=NOW)
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_store_whose_database_was_taken_over_writes_nothing(
    store: SqlTradeStore, queries: SqlOrderQueries, database_url: str, write: Write
) -> None:
    store.write([new_order(1)])
    successor = open_store(database_url)

    for _ in range(2):
        with pytest.raises(TenureLostError, match="taken over by"):
            write(store)

    (order,) = queries.orders(OrderFilter(limit=10)).orders
    assert order == new_order(1).order
    assert successor.halt() == NEVER_HALTED
    assert successor.rate_limited_until("one") is None
    assert successor.children_in_flight(order.symbol) == []
    successor.close()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_who_took_over_writes(
    store: SqlTradeStore, database_url: str, write: Write
) -> None:
    store.write([new_order(1)])
    successor = open_store(database_url)

    write(successor)

    successor.close()


def test_a_look_tells_without_writing(store: SqlTradeStore, database_url: str) -> None:
    store.check_tenure()

    open_store(database_url).close()

    with pytest.raises(TenureLostError):
        store.check_tenure()


def test_each_start_has_a_newer_epoch(database_url: str) -> None:
    epochs = []
    for _ in range(3):
        store = open_store(database_url)
        epochs.append(store._tenure.epoch)
        store.close()

    assert epochs == [1, 2, 3]


def test_who_has_ended_in_order_sends_no_more(
    store: SqlTradeStore, database_url: str
) -> None:
    store.write([new_order(1)])
    store.close()

    successor = open_store(database_url)

    assert not successor.predecessor_may_live
    successor.close()


def test_who_has_not_may_live_where_its_claim_can_be_lost_without_its_end(
    store: SqlTradeStore, database_url: str
) -> None:
    store.write([new_order(1)])

    successor = open_store(database_url)

    is_of_the_kernel = database_url.startswith("sqlite")
    assert successor.predecessor_may_live is not is_of_the_kernel
    successor.close()


def test_who_was_succeeded_leaves_the_database_to_its_successor(
    store: SqlTradeStore, database_url: str
) -> None:
    store.write([new_order(1)])
    successor = open_store(database_url)

    store.close()

    successor.write([new_order(2)])
    successor.close()


def test_a_connection_that_was_lost_changes_nothing_of_the_tenure(
    store: SqlTradeStore,
) -> None:
    store.write([new_order(1)])
    store._database.close()

    store.write([new_order(2)])


@pytest.mark.parametrize("damage", ["owner = 'restored'", "epoch = 0"])
def test_a_database_that_was_restored_from_a_backup_is_not_ours(
    store: SqlTradeStore, damage: str
) -> None:
    store.check_tenure()
    store._database.execute_sql(f"UPDATE tenures SET {damage}")  # noqa: S608 - constants

    with pytest.raises(TenureLostError):
        store.write([new_order(1)])


def test_a_backup_that_was_made_in_our_own_tenure_is_not_ours(
    store: SqlTradeStore,
) -> None:
    store.write([new_order(1)])
    store.write([new_order(2)])
    lose_order(store, new_order(2).order.order_id)
    store._database.close()

    for _ in range(2):
        with pytest.raises(TenureLostError, match="lacks what this service") as raised:
            store.check_tenure()
        assert raised.value.is_replaced


def lose_order(store: SqlTradeStore, order_id: str) -> None:
    """Leave the database as it was before the order, which is the last one."""
    database: Any = store._database
    for table in ("order_events", "orders"):
        database.execute_sql(f"DELETE FROM {table} WHERE order_id = '{order_id}'")  # noqa: S608 - constants
    if isinstance(database, SqliteDatabase):
        database.execute_sql("UPDATE sqlite_sequence SET seq = 1 WHERE seq = 2")


def test_a_tenure_that_is_gone_is_not_ours(store: SqlTradeStore) -> None:
    store.check_tenure()
    store._database.execute_sql("DELETE FROM tenures")

    with pytest.raises(TenureLostError, match="gone"):
        store.write([new_order(1)])


def test_a_service_for_another_venue_is_refused_and_takes_nothing_over(
    database_url: str,
) -> None:
    store = open_store(database_url, "binance")
    store.write([new_order(1)])

    with pytest.raises(ConfigurationError, match="belong to the venue binance"):
        open_store(database_url, "simulated")

    store.write([new_order(2)])
    store.close()


def test_nobody_writes_between_the_look_at_the_epoch_and_the_commit(
    store: SqlTradeStore, database_url: str
) -> None:
    other = backend_of(database_url).migrator()
    if isinstance(other, SqliteDatabase):
        other.timeout = 0
        raising = "UPDATE tenures SET epoch = epoch + 1"
    else:
        raising = "SET lock_timeout = 1; UPDATE tenures SET epoch = epoch + 1"

    with store._cursor() as cursor, other.connection_context():
        store._begin(cursor)
        with pytest.raises(OperationalError, match="lock"):
            other.execute_sql(raising)


class Interrupted(sqlite3.Cursor):
    """Runs what is armed once a transaction was rolled back."""

    armed: Callable[[], None] | None = None

    def execute(self, sql: str, *parameters: Any) -> Any:
        found = super().execute(sql, *parameters)
        run, kind = Interrupted.armed, Interrupted
        if sql == "ROLLBACK" and run is not None:
            kind.armed = None
            run()
        return found


class InterruptedConnection(sqlite3.Connection):
    def cursor(self, *_: Any) -> Any:
        return super().cursor(Interrupted)


def test_a_batch_that_is_written_again_one_by_one_looks_again(sqlite_url: str) -> None:
    """The successor comes between the two transactions."""
    store = open_store(sqlite_url)
    database: Any = store._database
    database.connect_params["factory"] = InterruptedConnection
    life = whole_life(1)
    store.write([life.new])
    Interrupted.armed = lambda: open_store(sqlite_url).close()

    with pytest.raises(TenureLostError):
        store.write([life.first_intent, life.second_intent])

    assert store.last_sequence() == 1
    assert store.children_in_flight(BTCUSDT) == []
    store.close()
