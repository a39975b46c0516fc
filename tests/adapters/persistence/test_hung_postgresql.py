"""A server, or what is in between, that takes everything and answers nothing."""

import logging
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from adapters.persistence import postgresql, session_lock
from adapters.persistence.owned_database import claim_database
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from domain.errors import ConfigurationError, StoreUnavailableError
from domain.orders.records import Stored
from domain.orders.stored_orders import OrderFilter
from tests.adapters.persistence.builders import new_order
from tests.swallowing_proxy import SwallowingProxy
from tests.system.waiting import eventually


SOON = 0.3
NEVER = 600.0
READERS = 4


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[SwallowingProxy]:
    parts = urlsplit(postgres_url)
    assert parts.hostname
    assert parts.port
    with SwallowingProxy(parts.hostname, parts.port) as proxy:
        yield proxy


@pytest.fixture
def proxied_url(proxy: SwallowingProxy, postgres_url: str) -> str:
    parts = urlsplit(postgres_url)
    who = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@127.0.0.1:{proxy.port}"))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", SOON)
    monkeypatch.setattr(postgresql, "LOCK_ANSWER_SECONDS", SOON)


def test_a_hung_look_at_the_lock_keeps_nobody_from_writing_or_ending(
    proxy: SwallowingProxy,
    proxied_url: str,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_ANSWER_SECONDS", NEVER)
    monkeypatch.setattr(session_lock, "MOMENT_SECONDS", SOON)
    claim = claim_database(proxied_url)
    store = open_store(postgres_url, None, claim)
    proxy.swallow()

    store.check_tenure()
    store.check_tenure()
    outcomes = store.write([new_order(1)])
    store.close()
    claim.give_back()

    assert outcomes == (Stored(order=new_order(1).order),)


@pytest.mark.usefixtures("short")
def test_a_lock_whose_session_hangs_is_taken_anew_once_the_server_forgets_it(
    proxy: SwallowingProxy,
    proxied_url: str,
    postgres_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    claim = claim_database(proxied_url)
    store = open_store(postgres_url, None, claim)
    proxy.swallow()

    def is_held_again() -> bool:
        store.check_tenure()
        return "Database lock held again" in caplog.messages

    eventually(is_held_again, within_seconds=10, what="it is taken anew")
    store.close()
    claim.give_back()
    lost = next(one for one in caplog.records if one.levelno == logging.WARNING)
    assert "problem=the server has not answered for 0.3 s" in lost.getMessage()


@pytest.mark.usefixtures("short")
def test_a_write_that_is_not_answered_is_tried_anew_on_another_connection(
    proxy: SwallowingProxy, proxied_url: str
) -> None:
    store = open_store(proxied_url)
    store.write([new_order(1)])
    proxy.swallow()

    with pytest.raises(StoreUnavailableError, match="has not answered"):
        store.write([new_order(2)])

    outcomes = store.write([new_order(2)])
    store.close()
    assert outcomes == (Stored(order=new_order(2).order),)


@pytest.mark.usefixtures("short")
def test_a_connection_for_reading_that_hangs_is_replaced(
    proxy: SwallowingProxy, proxied_url: str
) -> None:
    store = open_store(proxied_url)
    store.write([new_order(1)])
    queries = open_queries(proxied_url)
    queries.orders(OrderFilter())
    proxy.swallow()

    assert len(queries.orders(OrderFilter()).orders) == 1
    queries.close()
    store.close()


def test_a_cut_is_found_out_once_for_all_connections_that_were_idle(
    proxy: SwallowingProxy, proxied_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the ping is short: waiting for any other answer would show."""
    monkeypatch.setattr(postgresql, "PING_SECONDS", SOON)
    open_store(proxied_url).close()
    queries = open_queries(proxied_url)
    pool: Any = queries._database
    at_once = threading.Barrier(READERS)

    def read() -> None:
        with pool.connection_context():
            at_once.wait()

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    proxy.swallow()

    assert queries.orders(OrderFilter()).orders == ()

    assert len(pool._connections) == 1
    queries.close()


def test_the_lock_of_a_session_that_was_cut_off_is_free_soon(
    proxy: SwallowingProxy,
    proxied_url: str,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_IDLE_MS", 300)
    claim = claim_database(proxied_url)
    proxy.swallow()
    claim.give_back()  # nobody hears that

    def is_free() -> bool:
        try:
            claim_database(postgres_url).give_back()
        except ConfigurationError:
            return False
        return True

    eventually(is_free, within_seconds=5, what="the next service gets it")
