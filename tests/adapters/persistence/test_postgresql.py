"""What only PostgreSQL can do wrong. The contract tests run on it too, if it is there.

The server is named by TEST_POSTGRES_URL; each test has its own schema.
"""

import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.persistence.owned_database import claim_database
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError, StoreUnavailableError
from domain.orders.records import Stored
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import new_order


pytest.importorskip("psycopg", reason="psycopg, the extra 'postgres', is not installed")

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = 'trade-executor'"
)


def test_server_out_of_reach_may_come_later_and_keeps_the_password_quiet() -> None:
    with pytest.raises(StoreUnavailableError) as refused:
        open_store("postgresql://user:hunter2@127.0.0.1:1/orders")

    assert "127.0.0.1" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_wrong_password_is_a_configuration_error(postgres_server: str) -> None:
    parts = urlsplit(postgres_server)
    wrong = f"postgresql://{parts.username}:hunter2@{parts.hostname}:{parts.port}/no"

    with pytest.raises(ConfigurationError) as refused:
        open_store(wrong)

    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_server_that_only_reads_may_come_later(postgres_url: str) -> None:
    """Source: a standby is read-only until it is promoted."""
    with pytest.raises(StoreUnavailableError, match="read-only"):
        open_store(f"{postgres_url}%20-c%20default_transaction_read_only%3Don")


def test_a_pooler_that_drops_our_settings_is_refused(postgres_url: str) -> None:
    """Source: PgBouncer's ``ignore_startup_parameters``."""
    with pytest.raises(ConfigurationError, match="drops the settings"):
        claim_database(f"{postgres_url}%20-c%20trade_executor.settings%3Dno")

    claim_database(postgres_url).give_back()


def test_store_and_queries_recover_after_the_server_cut_them_off(
    postgres_url: str, postgres_admin: Any
) -> None:
    store, queries = open_store(postgres_url), open_queries(postgres_url)
    first, second = new_order(1), new_order(2)
    store.write([first])
    queries.order(first.order.order_id)
    postgres_admin.execute(END_OTHERS)

    with pytest.raises(StoreUnavailableError):
        store.write([second])
    outcomes = store.write([second])
    page = queries.orders(OrderFilter())

    store.close()
    queries.close()
    assert outcomes == (Stored(order=second.order),)
    assert page.orders == (second.order, first.order)


def test_locked_table_is_refused_in_time_and_works_later(
    postgres_url: str, postgres_admin: Any
) -> None:
    store = open_store(postgres_url)
    schema = postgres_url.rpartition("%3D")[2]
    with postgres_admin.transaction():
        postgres_admin.execute(f"LOCK TABLE {schema}.orders IN EXCLUSIVE MODE")

        with pytest.raises(StoreUnavailableError, match="lock"):
            store.write([new_order(1)])

    record = new_order(1)
    assert store.write([record]) == (Stored(order=record.order),)
    store.close()


def test_readers_cannot_write(postgres_url: str) -> None:
    open_store(postgres_url).close()
    queries = open_queries(postgres_url)

    with pytest.raises(Exception, match="read-only"):
        queries._database.execute_sql("DELETE FROM orders")

    queries._database.close()
    queries.close()


def test_threads_that_open_a_new_database_at_once_all_succeed(
    postgres_url: str,
) -> None:
    problems: list[Exception] = []

    def open_it() -> None:
        try:
            open_store(postgres_url).close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert problems == []
