"""The audit trail on disk: written beside the service, read in pages, forgotten."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from adapters.access.audit_log import AuditEntry
from adapters.persistence.audit_trail import SqlAuditTrail, open_audit_trail
from adapters.persistence.backends import backend_of
from adapters.persistence.store import SqlTradeStore
from domain.errors import InvalidRequestError, StoreUnavailableError
from domain.pages import PageWanted, every_entry
from tests.adapters.persistence.builders import new_order


NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def trail(store: SqlTradeStore, database_url: str) -> Iterator[SqlAuditTrail]:
    del store  # It makes the tables.
    with ExitStack() as stack:
        yield open_audit_trail(database_url, stack)


def entry(number: int, **more: object) -> AuditEntry:
    return AuditEntry(
        at=NOON + timedelta(seconds=number),
        caller="bot",
        peer="10.0.0.9",
        call=f"DELETE /api/v1/orders/{number}",
        **more,  # type: ignore[arg-type] # any field, in tests
    )


def test_entries_come_back_newest_first_page_by_page(trail: SqlAuditTrail) -> None:
    refused = entry(1, status=409, code="ORDER_ENDED", order_id="01ABC")
    trail.append([refused, entry(2, status=200)])
    trail.append([entry(3)])

    first = trail.page(PageWanted(limit=2))
    assert first.items == (entry(3), entry(2, status=200))
    rest = trail.page(PageWanted(limit=2, cursor=first.next_cursor))
    assert (rest.items, rest.next_cursor) == ((refused,), None)
    assert len(list(every_entry(trail.page))) == 3


def test_cursor_of_another_list_is_refused(trail: SqlAuditTrail) -> None:
    with pytest.raises(InvalidRequestError):
        trail.page(PageWanted(cursor="nonsense"))


def test_only_what_is_old_is_forgotten_the_oldest_first(trail: SqlAuditTrail) -> None:
    trail.append([entry(number) for number in range(5)])

    assert trail.forget_before(NOON + timedelta(seconds=3), limit=2) == 2
    assert trail.forget_before(NOON + timedelta(seconds=3), limit=2) == 1
    assert trail.forget_before(NOON + timedelta(seconds=3), limit=2) == 0
    assert trail.page(PageWanted()).items == (entry(4), entry(3))


def test_trail_is_written_while_the_service_writes(
    trail: SqlAuditTrail, store: SqlTradeStore
) -> None:
    for number in range(1, 4):
        store.write([new_order(number)])
        trail.append([entry(number)])

    assert len(trail.page(PageWanted()).items) == 3
    assert store.last_sequence() == 3


def test_locked_trail_keeps_nobody_from_trading(
    database_url: str, trail: SqlAuditTrail, store: SqlTradeStore
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite locks no single table")
    other = backend_of(database_url).writer()
    with other.connection_context(), other.atomic():
        other.execute_sql("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE")
        store.write([new_order(1)])
        with pytest.raises(StoreUnavailableError):
            trail.append([entry(1)])
        store.write([new_order(2)])

    trail.append([entry(1)])
    assert trail.page(PageWanted()).items == (entry(1),)
