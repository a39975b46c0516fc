"""Subscribers miss nothing and are told nothing twice, whatever is dropped or lost."""

import random
import threading
from collections.abc import Sequence

import pytest

from adapters.events import stream as stream_module
from adapters.events.stream import EventStream, Subscription
from adapters.replay.memory_store import MemoryStore
from domain.errors import PositionBeyondEndError, StoreUnavailableError
from domain.orders.committed import (
    BEGINNING,
    NOBODY_KNOWS,
    CommittedBatch,
    CommittedEvent,
    EventPage,
    Position,
)
from tests.adapters.persistence.builders import new_order


class Disk(MemoryStore):
    """A store that counts how often it is read, and can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.is_away = False
        self.hidden = 0
        """So many of the last events are not final in their order yet."""

        self.sequence = 0

    def events_after(self, position: Position, limit: int) -> EventPage:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailableError("locked")
        shown = super().last_position().number - self.hidden
        if position.number >= shown:
            return EventPage(events=(), position=position)
        return super().events_after(position, min(limit, shown - position.number))

    def commit(self, count: int = 1) -> CommittedBatch:
        orders = []
        for _ in range(count):
            self.sequence += 1
            orders.append(new_order(self.sequence))
        self.write(orders)
        return self.committed()


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def stream(disk: Disk) -> EventStream:
    return EventStream(disk, waiting_max=4)


def numbers(events: Sequence[CommittedEvent]) -> list[int]:
    return [one.position.number for one in events]


def read_all(subscription: Subscription) -> list[int]:
    found: list[int] = []
    while events := subscription.read():
        found += numbers(events)
    return found


def test_a_subscriber_is_told_what_is_committed_from_now_on(
    disk: Disk, stream: EventStream
) -> None:
    disk.commit(3)
    subscription = stream.subscribe("new")

    stream.publish(disk.commit(2))

    assert read_all(subscription) == [4, 5]
    assert subscription.position == disk.last_position()


def test_a_subscriber_reads_on_from_its_position(
    disk: Disk, stream: EventStream
) -> None:
    disk.commit(5)
    subscription = stream.subscribe("back", Position(transaction=0, number=2))
    stream.publish(disk.commit(1))

    assert read_all(subscription) == [3, 4, 5, 6]


def test_once_it_has_caught_up_it_reads_from_memory(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("live")
    stream.publish(disk.commit(1))
    stream.publish(disk.commit(1))
    read_all(subscription)
    stream.publish(disk.commit(1))
    read_all(subscription)
    before = disk.reads

    stream.publish(disk.commit(2))
    stream.publish(disk.commit(1))

    assert numbers(subscription.read()) == [4, 5, 6]
    assert disk.reads == before


def test_one_that_does_not_keep_up_is_dropped_and_reads_on_from_the_disk(
    disk: Disk, stream: EventStream
) -> None:
    slow, quick = stream.subscribe("slow"), stream.subscribe("quick")
    for _ in range(20):
        stream.publish(disk.commit(1))
        assert len(quick.read()) == 1

    assert sum(len(batch.events) for batch in slow._waiting) <= 4
    assert read_all(slow) == list(range(1, 21))
    stream.publish(disk.commit(1))
    assert read_all(slow) == read_all(quick) == [21]


def test_a_batch_that_holds_more_than_may_wait_is_handed_over_all_the_same(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("any")
    stream.publish(disk.commit(1))
    stream.publish(disk.commit(9))

    assert read_all(subscription) == list(range(1, 11))


def test_what_was_committed_and_never_published_is_read_from_the_disk(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("live")
    stream.publish(disk.commit(1))
    read_all(subscription)
    disk.commit(2)

    stream.publish(disk.commit(1))

    assert read_all(subscription) == [2, 3, 4]


@pytest.mark.parametrize("is_followed", [True, False])
def test_a_word_that_nobody_knows_leads_to_the_disk(
    disk: Disk, stream: EventStream, *, is_followed: bool
) -> None:
    subscription = stream.subscribe("live")
    stream.publish(disk.commit(1))
    read_all(subscription)
    disk.commit(2)

    stream.publish(NOBODY_KNOWS)
    if is_followed:
        stream.publish(disk.commit(1))

    assert read_all(subscription) == [2, 3, 4][: 3 if is_followed else 2]


def test_a_batch_with_nothing_new_tells_nothing(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("live")
    batch = disk.commit(1)
    stream.publish(batch)
    stream.publish(batch)
    disk.write([new_order(1)])
    stream.publish(disk.committed())

    assert read_all(subscription) == [1]


def test_one_that_comes_between_commit_and_publication_is_told_once(
    disk: Disk, stream: EventStream
) -> None:
    batch = disk.commit(2)
    subscription = stream.subscribe("between", BEGINNING)
    assert numbers(subscription.read()) == [1, 2]

    stream.publish(batch)

    assert read_all(subscription) == []


def test_a_position_in_the_middle_of_a_batch_gets_the_rest(
    disk: Disk, stream: EventStream
) -> None:
    batch = disk.commit(4)
    disk.hidden = 4
    subscription = stream.subscribe("middle", Position(transaction=0, number=2))
    assert subscription.read() == ()

    stream.publish(batch)

    assert read_all(subscription) == [3, 4]


def test_an_idle_one_does_not_look_at_the_disk_again_once_it_has_caught_up(
    disk: Disk, stream: EventStream
) -> None:
    stream.publish(NOBODY_KNOWS)  # as each ledger does when it starts
    disk.commit(3)
    subscription = stream.subscribe("idle")
    assert subscription.read() == ()
    before = disk.reads

    assert subscription.read() == ()

    assert disk.reads == before
    stream.publish(disk.commit(1))
    assert read_all(subscription) == [4]


def test_one_that_nobody_publishes_to_looks_at_the_disk_each_time(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("of another process")
    assert subscription.read() == ()

    disk.commit(1)

    assert numbers(subscription.read()) == [1]


def test_one_looks_on_while_something_on_the_disk_is_not_final(
    disk: Disk, stream: EventStream
) -> None:
    stream.publish(NOBODY_KNOWS)
    disk.commit(2)
    disk.hidden = 2
    subscription = stream.subscribe("early", BEGINNING)
    assert subscription.read() == ()

    disk.hidden = 0

    assert numbers(subscription.read()) == [1, 2]


def test_a_position_that_the_database_never_had_is_refused(
    disk: Disk, stream: EventStream
) -> None:
    """A backup was restored, or another database is there: silence would be a lie."""
    disk.commit(3)

    with pytest.raises(PositionBeyondEndError, match=r"0-4 .* 0-3"):
        stream.subscribe("back", Position(transaction=0, number=4))


def test_a_position_that_is_not_final_yet_is_not_beyond_the_end(
    disk: Disk, stream: EventStream
) -> None:
    disk.commit(3)
    disk.hidden = 3
    subscription = stream.subscribe("back", Position(transaction=0, number=3))
    disk.hidden = 0

    stream.publish(disk.commit(1))

    assert read_all(subscription) == [4]


def test_what_is_not_final_yet_is_told_later(
    disk: Disk, stream: EventStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another's transaction is under way: the batch follows nothing known."""
    monkeypatch.setattr(stream_module, "LOOK_SECONDS", 0.001)
    subscription = stream.subscribe("live")
    disk.hidden = 2
    batch = disk.commit(2)

    stream.publish(CommittedBatch(events=batch.events, follows=None))
    assert read_all(subscription) == []
    disk.hidden = 0

    assert numbers(subscription.read(10)) == [1, 2]


def test_the_position_stays_while_the_disk_is_out_of_reach(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("live")
    disk.commit(1)
    disk.is_away = True
    stream.publish(disk.commit(1))

    with pytest.raises(StoreUnavailableError):
        subscription.read()
    disk.is_away = False

    assert read_all(subscription) == [1, 2]


def test_reading_waits_for_a_commit(disk: Disk, stream: EventStream) -> None:
    subscription = stream.subscribe("waiting")
    found: list[int] = []
    reader = threading.Thread(
        target=lambda: found.extend(numbers(subscription.read(10)))
    )
    reader.start()

    stream.publish(disk.commit(1))

    reader.join(10)
    assert found == [1]


def test_who_is_woken_returns_with_nothing_once(
    disk: Disk, stream: EventStream
) -> None:
    subscription = stream.subscribe("woken")
    subscription.wake()
    assert subscription.read(60) == ()

    subscription.wake()
    stream.publish(disk.commit(1))
    assert numbers(subscription.read(60)) == [1]
    assert subscription.read(60) == ()


def test_one_that_has_left_is_handed_nothing(disk: Disk, stream: EventStream) -> None:
    gone, there = stream.subscribe("gone"), stream.subscribe("there")

    stream.unsubscribe(gone)
    stream.publish(disk.commit(1))

    assert not gone._waiting
    assert read_all(there) == [1]


@pytest.mark.parametrize("seed", range(200))
def test_any_mixture_is_told_once_and_in_order(seed: int) -> None:
    rng, disk = random.Random(seed), Disk()
    stream = EventStream(disk, waiting_max=rng.choice((1, 3, 8)))
    told: list[int] = []
    subscription = stream.subscribe("any", BEGINNING)

    for _ in range(60):
        match rng.randrange(8):
            case 0 | 1:
                stream.publish(disk.commit(rng.randrange(4)))
            case 2:
                disk.commit(rng.randrange(3))  # the ledger fails after its commit
                stream.publish(NOBODY_KNOWS)
            case 3:
                batch = disk.commit(rng.randrange(3))
                stream.publish(CommittedBatch(events=batch.events, follows=None))
            case 4:
                disk.hidden = rng.randrange(3)
            case 5:  # subscriber and service are killed; its position is kept
                stream = EventStream(disk, waiting_max=4)
                subscription = stream.subscribe("again", subscription.position)
            case _:
                told += numbers(subscription.read())

    disk.hidden = 0
    stream.publish(NOBODY_KNOWS)
    told += read_all(subscription)
    assert told == list(range(1, disk.last_position().number + 1))
