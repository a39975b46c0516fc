"""Positions of events: they grow, are never given twice, and follow the commits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from adapters.persistence.backends import backend_of
from adapters.persistence.queries import open_queries
from adapters.persistence.store import open_store
from adapters.replay.memory_store import MemoryStore
from domain.orders.child_order import VenueFill
from domain.orders.child_settlement import late_fill
from domain.orders.committed import (
    BEGINNING,
    CommittedBatch,
    CommittedEvent,
    Position,
    read_position,
)
from domain.orders.order import OrderEvent, OrderStep
from domain.orders.records import Contradicted, NewOrder, OrderChange, Record
from domain.ports.events import CommittedEvents
from domain.ports.store import TradeStore
from domain.values import OrderId
from tests.adapters.persistence.builders import (
    NOW,
    canceled,
    intent,
    new_order,
    settled,
    whole_life,
    with_trade_ids,
)
from tests.conftest import DATABASES


@dataclass(frozen=True, kw_only=True)
class Opened:
    store: TradeStore
    reader: CommittedEvents
    close: Callable[[], object]

    def write(self, *records: Record) -> CommittedBatch:
        self.store.write(records)
        return self.store.committed()

    def told(self, position: Position = BEGINNING) -> list[CommittedEvent]:
        """Read everything after a position, a few at a time."""
        found: list[CommittedEvent] = []
        while page := self.reader.events_after(position, 3).events:
            found += page
            position = page[-1].position
        return found


Open = Callable[[], Opened]


@pytest.fixture(params=(*DATABASES, "memory"))
def open_it(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open the same disk as often as is wanted."""
    memory, opened = MemoryStore(), []
    if request.param == "memory":
        yield lambda: Opened(store=memory, reader=memory, close=bool)
        return
    url = request.getfixturevalue(f"{request.param}_url")

    def open_it() -> Opened:
        store = open_store(url)
        reader: Any = open_queries(url)

        def close() -> None:
            store.close()
            reader.close()

        opened.append(close)
        return Opened(store=store, reader=reader, close=close)

    yield open_it
    for close in opened:
        close()


@pytest.fixture
def there(open_it: Open) -> Opened:
    return open_it()


def tamper(url: str, statement: str) -> None:
    database = backend_of(url).migrator()
    with database.connection_context(), database.atomic():
        database.execute_sql(statement)


def events(*records: Record) -> list[OrderEvent]:
    """The events of records in the order in which they are told.

    That of an intent comes with the next step of its order.
    """
    found: list[OrderEvent] = []
    intended: dict[OrderId, tuple[OrderEvent, ...]] = {}
    for one in records:
        if isinstance(one, NewOrder):
            found.append(one.event)
        elif one.is_intent:
            intended[one.order.order_id] = one.events
        else:
            found += (*intended.pop(one.order.order_id, ()), *one.events)
    return found


def late(intended: OrderChange, ended: OrderChange) -> OrderChange:
    """A fill of a child that was settled without it."""
    assert intended.intent is not None
    venue_fill = VenueFill(
        price=Decimal(272),
        quantity=Decimal("0.25"),
        fee=Decimal(0),
        fee_asset=None,
        trade_id=77,
        executed_at=NOW,
    )
    order, events, fill = late_fill(
        ended.order, intended.intent, venue_fill, ended.fills, now=NOW
    )
    return OrderChange(order=order, events=events, fills=(fill,))


def test_each_event_that_books_a_fill_comes_with_it(there: Opened) -> None:
    """Also one that is booked after its child was settled."""
    life = whole_life(1)
    missed = late(life.first_intent, life.first_result)
    changes = (life.first_intent, life.first_result, missed)
    batches = [there.write(one) for one in (life.new, *changes)]

    told = there.told()

    booked = [one.fill for one in told if one.fill is not None]
    assert booked == [*life.first_result.fills, *missed.fills]
    for one in told:
        is_booking = one.event.step in {OrderStep.PART_FILLED, OrderStep.FILLED}
        assert (one.fill is not None) is is_booking
        if one.fill is not None:
            detail = one.event.detail
            assert (detail.child_id, detail.quantity, detail.price) == (
                one.fill.child_id,
                one.fill.quantity,
                one.fill.price,
            )
    handed_over = [one for batch in batches for one in batch.events]
    assert [one.fill for one in handed_over] == [one.fill for one in told]


def test_events_are_read_in_the_order_in_which_they_were_committed(
    there: Opened,
) -> None:
    one, other = whole_life(1), whole_life(2)
    records: list[Record] = [one.new, other.new]
    for changes in zip(one.changes, other.changes, strict=True):
        records += changes
    for record in records:
        there.write(record)

    told = there.told()

    assert [t.event for t in told] == events(*records)
    positions = [one.position for one in told]
    assert positions == sorted(set(positions))
    assert positions[0] > BEGINNING
    assert there.reader.last_position() == positions[-1]
    assert there.reader.highest_position() == positions[-1]


def test_an_empty_database_has_no_position_yet(there: Opened) -> None:
    assert there.reader.last_position() == BEGINNING
    assert there.reader.highest_position() == BEGINNING


def test_an_intent_is_told_with_the_next_step_of_its_order(there: Opened) -> None:
    life = whole_life(1)

    there.write(life.new)
    intent_alone = there.write(life.first_intent)
    with_result = there.write(life.first_result)

    assert intent_alone.events == ()
    assert [one.event for one in with_result.events] == events(
        life.first_intent, life.first_result
    )


def test_a_batch_tells_what_the_disk_tells(there: Opened) -> None:
    life = whole_life(1)
    cancel = new_order(2)

    batches = [
        there.write(life.new, cancel, life.first_intent, canceled(cancel.order)),
        there.write(life.first_result),
        there.write(life.second_intent, life.end, new_order(3)),
    ]

    from_batches = [one for batch in batches for one in batch.events]
    told = there.told()
    assert [(t.position, t.event) for t in from_batches] == [
        (t.position, t.event) for t in told
    ]
    ends = [one for one in told if one.is_end]
    assert [one.order for one in ends] == [canceled(cancel.order).order, life.end.order]
    assert [one for one in from_batches if one.is_end] == ends


def test_each_batch_says_what_it_follows(there: Opened) -> None:
    first, second = there.write(new_order(1)), there.write(new_order(2), new_order(3))
    nothing = there.write()

    assert first.follows == BEGINNING
    assert second.follows == first.events[-1].position
    assert nothing.follows == second.events[-1].position
    assert nothing.events == ()


def test_an_order_is_told_as_it_was_right_after_the_commit_or_later(
    there: Opened,
) -> None:
    life = whole_life(1)
    batch = there.write(life.new)
    there.write(life.first_intent)
    there.write(life.first_result)

    (now, *later) = there.told()

    assert batch.events[0].order == life.new.order
    assert {one.order for one in (now, *later)} == {life.first_result.order}
    assert now.event == batch.events[0].event


def test_what_is_written_again_is_not_told_again(there: Opened) -> None:
    life = whole_life(1)
    there.write(life.new, life.first_intent)
    before = there.told()

    again = there.write(life.new, life.first_intent, life.new)

    assert again.events == ()
    assert again.follows == before[-1].position
    assert there.told() == before


def test_a_new_order_twice_in_a_batch_is_told_once(there: Opened) -> None:
    new = new_order(1)

    batch = there.write(new, new, intent(new.order))

    assert [one.event for one in batch.events] == events(new, intent(new.order))
    assert [one.event for one in there.told()] == events(new, intent(new.order))


def test_what_was_not_written_is_not_told(there: Opened) -> None:
    booked, other = intent(new_order(1).order), intent(new_order(2).order)
    result = settled(booked, "1", trade_ids=(7,))
    impossible = with_trade_ids(settled(other, "1", trade_ids=(8,)), 2**63)
    unknown = canceled(new_order(9).order)
    there.write(new_order(1), new_order(2), booked, other)
    end = there.reader.last_position()

    batch = there.write(impossible, result, unknown, new_order(3))

    outcomes = there.store.write([impossible])
    assert isinstance(outcomes[0], Contradicted)
    expected = events(booked, result, new_order(3))
    assert sorted(map(repr, (t.event for t in batch.events))) == sorted(
        map(repr, expected)
    )
    assert there.told(end) == list(there.told()[-len(expected) :])
    assert [t.event for t in there.told(end)] == [t.event for t in batch.events]


def test_a_repeated_request_is_not_told(there: Opened) -> None:
    there.write(new_order(1, idempotency_key="k", fingerprint="same"))

    repeated = there.write(new_order(2, idempotency_key="k", fingerprint="same"))
    refused = there.write(new_order(3, idempotency_key="k", fingerprint="other"))

    assert repeated.events == refused.events == ()


def test_positions_go_on_after_a_restart(open_it: Open) -> None:
    first = open_it()
    first.write(new_order(1), new_order(2))
    before = first.told()
    first.close()

    second = open_it()
    batch = second.write(new_order(3))

    assert batch.events[0].position > before[-1].position
    assert batch.follows == before[-1].position
    assert second.told(before[-1].position) == list(batch.events)
    assert second.told()[:2] == before


def test_a_position_is_not_given_again_when_events_are_deleted(
    sqlite_url: str,
) -> None:
    store = open_store(sqlite_url)
    store.write([new_order(1)])
    (last,) = store.committed().events
    tamper(sqlite_url, "DELETE FROM order_events")

    store.write([new_order(2)])

    (next_one,) = store.committed().events
    assert next_one.position > last.position
    store.close()


def test_an_event_that_makes_no_sense_is_passed_over(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, queries = open_store(database_url), open_queries(database_url)
    records = [new_order(number) for number in range(1, 4)]
    store.write(records)
    bad = records[1].order.order_id
    tamper(
        database_url,
        f"UPDATE order_events SET step = 'BORED' WHERE order_id = '{bad}'",  # noqa: S608 - a test's own id
    )

    page = queries.events_after(BEGINNING, 2)
    rest = queries.events_after(page.position, 2)

    assert [one.event for one in page.events] == [records[0].event]
    assert [one.event for one in rest.events] == [records[2].event]
    assert bad in caplog.text
    store.close()
    queries.close()


@pytest.mark.parametrize("text", ["0-0", "0-17", "748-3", "999999999999999999-1"])
def test_a_position_is_read_as_it_was_written(text: str) -> None:
    assert str(read_position(text)) == text


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "01-2", "1-2-3", "٣-1", "1-2\n"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        read_position(text)


def test_positions_sort_by_transaction_first() -> None:
    assert read_position("9-50") < read_position("10-1") < read_position("10-2")
