"""The ledger tells what it has committed, all of it, and nothing else."""

import pytest

from actors.ledger import BATCH_MAX, RETRY_SECONDS, Ledger
from adapters.events.stream import EventStream
from domain.errors import StoreOutcomeUnknownError
from domain.orders.committed import BEGINNING, NOBODY_KNOWS, CommittedBatch
from domain.orders.lifecycle import cancel
from domain.orders.records import Contradicted, OrderChange, Record
from domain.reasons import EndReason
from tests.actors.builders import intent_record, new_order_record, order
from tests.actors.ledger.test_ledger import Desk, records
from tests.actors.stage import START, Stage


LOST = StoreOutcomeUnknownError("connection lost in COMMIT")


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


class Follower:
    """Follows the ledger's stream from the beginning; the stream outlives ledgers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stream = EventStream(desk.store)
        self._subscription = self._stream.subscribe("test", BEGINNING)
        self.told: list[tuple[str, int]] = []

    def hear(self) -> list[tuple[str, int]]:
        """Hand over what was published, and read all of it."""
        for batch in self._desk.publisher.batches:
            self._stream.publish(batch)
        self._desk.publisher.batches.clear()
        while events := self._subscription.read():
            self.told += [(one.event.order_id, one.event.number) for one in events]
        return self.told


@pytest.fixture
def follower(desk: Desk) -> Follower:
    return Follower(desk)


def restart(desk: Desk) -> None:
    desk.ledger = desk.stage.start(
        Ledger,
        "ledger",
        desk.watcher,
        store=desk.store,
        permits=desk.permits,
        publisher=desk.publisher,
    )


def published(desk: Desk) -> list[CommittedBatch]:
    desk.stage.run()
    return [batch for batch in desk.publisher.batches if batch != NOBODY_KNOWS]


def test_each_commit_is_told_whole_and_in_order(desk: Desk) -> None:
    desk.write(*records(BATCH_MAX + 3))

    first, second = published(desk)

    assert len(first.events) == BATCH_MAX
    assert [one.event.order_id for one in second.events] == [
        f"O{number}" for number in range(BATCH_MAX, BATCH_MAX + 3)
    ]
    assert first.follows == BEGINNING
    assert second.follows == first.events[-1].position


def test_nothing_is_told_before_it_is_committed(desk: Desk) -> None:
    desk.write(*records(3))
    for _ in range(2):
        desk.stage.dispatcher.step()
    assert desk.publisher.events == []

    desk.stage.run()

    assert len(desk.publisher.events) == 3


def test_what_could_not_be_written_is_not_told(desk: Desk) -> None:
    desk.store.problem = "disk full"
    desk.write(*records(2))
    assert published(desk) == []

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)
    desk.write(new_order_record(order("NEXT", sequence=9)))

    told = [one.event.order_id for batch in published(desk) for one in batch.events]
    assert told == ["NEXT"], "the others were refused"


def test_what_contradicts_the_disk_is_not_told(desk: Desk) -> None:
    there = order("O0", sequence=1)
    desk.write(new_order_record(there), intent_record(there, (101, 1)))
    desk.written()

    desk.write(intent_record(there, (102, 2)), new_order_record(order("X", sequence=2)))

    contradicted, _ = desk.written()
    assert isinstance(contradicted.outcome, Contradicted)
    assert [one.event.order_id for one in published(desk)[-1].events] == ["X"]


@pytest.mark.parametrize("lands", [True, False])
def test_a_commit_in_doubt_is_told_once_whether_it_has_landed_or_not(
    desk: Desk, follower: Follower, *, lands: bool
) -> None:
    desk.write(new_order_record(order("BEFORE", sequence=7)))
    desk.stage.run()
    follower.hear()
    if lands:
        desk.store.crash_after_commit = LOST
    else:
        desk.store.crash_before_commit = LOST
    desk.write(*records(2))
    desk.stage.run()
    follower.hear()

    desk.stage.pass_seconds(RETRY_SECONDS)

    assert follower.hear() == [("BEFORE", 1), ("O0", 1), ("O1", 1)]


@pytest.mark.parametrize("is_after", [True, False])
def test_a_ledger_that_fails_around_its_commit_loses_and_repeats_nothing(
    desk: Desk, follower: Follower, *, is_after: bool
) -> None:
    error = ValueError("a bug")
    if is_after:
        desk.store.crash_after_commit = error
    else:
        desk.store.crash_before_commit = error
    there = records(2)
    desk.write(*there)
    desk.stage.run()
    assert not desk.ledger.actor_ref.is_alive()

    restart(desk)
    desk.stage.run()
    follower.hear()
    desk.write(*there)
    desk.stage.run()

    assert follower.hear() == [("O0", 1), ("O1", 1)]


def test_a_record_that_is_written_again_is_not_told_again(
    desk: Desk, follower: Follower
) -> None:
    there = order("O0", sequence=1)
    ended, end = cancel(there, reason=EndReason.CANCELED_BY_CLIENT, now=START)
    change = OrderChange(order=ended, events=(end,))
    both: list[Record] = [new_order_record(there), change]
    desk.write(*both)
    desk.stage.run()

    desk.write(*both)
    desk.stage.run()

    assert follower.hear() == [("O0", 1), ("O0", 2)]


def test_what_is_written_at_the_stop_is_told(desk: Desk, follower: Follower) -> None:
    desk.write(*records(2))
    desk.ledger.stop()
    desk.stage.run()

    assert follower.hear() == [("O0", 1), ("O1", 1)]
