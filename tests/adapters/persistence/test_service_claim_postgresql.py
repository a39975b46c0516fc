"""The lock of a server, which a session can lose without a word."""

import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from adapters.persistence import postgresql, session_lock
from adapters.persistence.owned_database import claim_database
from adapters.persistence.postgresql import PostgresqlBackend
from adapters.persistence.service_claim import Claim
from adapters.persistence.session_lock import REST_LOOKS, SessionLock
from adapters.persistence.store import SqlTradeStore, open_store
from domain.errors import ConfigurationError, TenureLostError
from tests.adapters.persistence.builders import new_order
from tests.system.waiting import eventually


TAKEN = "another running service has it"


@pytest.fixture
def claim(postgres_url: str) -> Iterator[Claim]:
    claim = claim_database(postgres_url)
    yield claim
    claim.give_back()


@pytest.fixture
def owner(postgres_url: str, claim: Claim) -> Iterator[SqlTradeStore]:
    store = open_store(postgres_url, None, claim)
    yield store
    store.close()


@pytest.fixture
def end_lock(postgres_admin: Any) -> Callable[[], None]:
    """End the sessions that hold the lock, as an administrator does."""

    def end() -> None:
        postgres_admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )

    return end


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING
    ]


@pytest.fixture
def lock(postgres_url: str) -> Iterator[SessionLock]:
    lock = SessionLock(PostgresqlBackend(postgres_url).writer(), 5_000)
    assert lock.take()
    yield lock
    lock.close()


def test_a_lock_whose_session_was_ended_is_taken_anew(
    owner: SqlTradeStore,
    postgres_url: str,
    end_lock: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    end_lock()

    owner.check_tenure()

    eventually(lambda: len(warnings(caplog)) == 2, within_seconds=5, what="it is taken")
    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(postgres_url)
    lost, again = warnings(caplog)
    assert lost.startswith("Database lock lost problem=terminating connection")
    assert again == "Database lock held again"


def test_a_lock_that_stands_is_only_looked_at(
    lock: SessionLock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        lock.keep()

    assert warnings(caplog) == []


def test_a_lock_outlives_a_start_in_which_nobody_looks_at_it(
    postgres_url: str,
    postgres_admin: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_IDLE_MS", 500)
    monkeypatch.setattr(session_lock, "START_LOOK_SECONDS", 0.05)
    schema = postgres_url.rpartition("%3D")[2]

    claim = claim_database(postgres_url)

    eventually(
        lambda: postgres_admin.execute(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE locktype = 'advisory' AND granted "
            "AND objid = hashtext(%s)::bigint & 4294967295 "
            "AND clock_timestamp() - backend_start > '1 s'",
            (schema,),
        ).fetchone(),
        within_seconds=3,
        what="it is held for longer than the server lets it be idle",
    )
    claim.give_back()
    assert warnings(caplog) == []


def test_a_lock_that_another_has_meanwhile_is_left_to_it_and_the_epoch_decides(
    lock: SessionLock,
    postgres_url: str,
    end_lock: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = open_store(postgres_url)
    end_lock()
    other = claim_database(postgres_url)

    for _ in range(2 * REST_LOOKS):
        lock.keep()
    store.check_tenure()  # it is still ours
    _, held_by_another = warnings(caplog)
    open_store(postgres_url, None, other).close()

    with pytest.raises(TenureLostError):
        store.check_tenure()
    other.give_back()
    store.close()
    assert "another session holds it, and the epoch decides" in held_by_another


def test_a_lock_that_another_has_given_back_is_taken_anew(
    lock: SessionLock, postgres_url: str, end_lock: Callable[[], None]
) -> None:
    end_lock()
    other = claim_database(postgres_url)
    lock.keep()
    other.give_back()

    for _ in range(REST_LOOKS + 1):
        lock.keep()

    with pytest.raises(ConfigurationError, match=TAKEN):
        claim_database(postgres_url)


def test_who_has_lost_the_tenure_does_not_take_the_lock_anew(
    owner: SqlTradeStore, postgres_url: str, end_lock: Callable[[], None]
) -> None:
    end_lock()
    open_store(postgres_url).close()

    with pytest.raises(TenureLostError):
        owner.check_tenure()

    claim_database(postgres_url).give_back()


@pytest.fixture
def role_url(postgres_url: str, postgres_admin: Any) -> Iterator[str]:
    """Name the same schema, for a role of this test's own."""
    role, schema = f"r{uuid.uuid4().hex}", postgres_url.rpartition("%3D")[2]
    postgres_admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    postgres_admin.execute(f"GRANT ALL ON SCHEMA {schema} TO {role}")
    parts = urlsplit(postgres_url)
    place = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{role}:secret@{place}"))
    postgres_admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_lock_that_cannot_be_had_keeps_nobody_from_writing(
    role_url: str,
    postgres_admin: Any,
    end_lock: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The server lets nobody in any more; the connection for writing lives."""
    role = urlsplit(role_url).username
    lock = SessionLock(PostgresqlBackend(role_url).writer(), 5_000)
    assert lock.take()
    store = open_store(role_url)
    store.check_tenure()
    postgres_admin.execute(f"ALTER ROLE {role} NOLOGIN")
    end_lock()

    for _ in range(REST_LOOKS):
        lock.keep()
    store.write([new_order(1)])
    problems = warnings(caplog)
    postgres_admin.execute(f"ALTER ROLE {role} LOGIN")
    for _ in range(REST_LOOKS):
        lock.keep()

    store.close()
    lock.close()
    assert len(problems) == 2, "once for each problem"
    assert "not permitted to log in" in problems[1]
    assert warnings(caplog)[2:] == ["Database lock held again"]


def test_a_lock_is_not_idle_for_longer_than_the_server_allows(
    postgres_url: str, postgres_admin: Any
) -> None:
    limited = f"{postgres_url}%20-c%20idle_session_timeout%3D1500"
    claim = claim_database(limited)
    store = open_store(postgres_url, None, claim)

    def outlived_its_limit() -> bool:
        store.check_tenure()
        found = postgres_admin.execute(
            "SELECT clock_timestamp() - backend_start > '3 s' FROM pg_locks "
            "JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
        )
        sessions: list[tuple[bool]] = found.fetchall()
        return sessions == [(True,)]

    eventually(outlived_its_limit, within_seconds=10, what="the lock's session lives")
    store.close()
    claim.give_back()
