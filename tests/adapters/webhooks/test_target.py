"""A target is told of every event at least once, in order, whatever happens to it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.events.stream import EventStream
from adapters.persistence.queries import SqlOrderQueries, open_queries
from adapters.persistence.store import SqlTradeStore, open_store
from adapters.persistence.webhook_rows import WebhookTable
from adapters.webhooks import messages as messages_module
from adapters.webhooks import target as target_module
from adapters.webhooks.delivery import sender
from adapters.webhooks.target import Surroundings, Target, TargetSettings
from domain.errors import StoreUnavailableError
from domain.orders.order import OrderStep
from domain.orders.records import Record
from tests.adapters.persistence.builders import new_order, whole_life
from tests.adapters.webhooks.receiver import SECRET, Receiver, receiver
from tests.adapters.witnesses import HandClock
from tests.fakes import FakeMeter


FILLS = frozenset({OrderStep.PART_FILLED, OrderStep.FILLED})


class Rig:
    """A service with one target, which can be ended and started again."""

    def __init__(self, url: str, database: str) -> None:
        self.clock = HandClock()
        self.meter = FakeMeter()
        self.chance: Callable[[], float] = lambda: 0.0
        self.kinds = FILLS
        self._url = url
        self._database = database
        self.store: SqlTradeStore
        self.queries: SqlOrderQueries
        self.start()

    def start(self) -> None:
        """Begin, or begin anew; nothing was said to the target before."""
        self.store = open_store(self._database)
        self.queries = open_queries(self._database)
        self.events = EventStream(self.queries)
        self.target = Target(
            TargetSettings(
                name="target-1", kinds=self.kinds, interval=timedelta(minutes=1)
            ),
            sender(self._url, SECRET, answer_seconds=5),
            Surroundings(
                events=self.events,
                table=WebhookTable(self.store),
                clock=self.clock,
                meter=self.meter,
                chance=self.chance,
            ),
        )

    def close(self) -> None:
        self.queries.close()
        self.store.close()

    def restart(self) -> None:
        self.close()
        self.start()

    def commit(self, *records: Record) -> None:
        self.store.write(records)
        self.events.publish(self.store.committed())

    def life(self, sequence: int) -> None:
        """Commit an order that is filled by three fills."""
        life = whole_life(sequence)
        self.commit(life.new)
        for change in life.changes:
            self.commit(change)

    def after(self, **span: float) -> None:
        """Let time pass, and have the target do what is due."""
        self.clock.set_by(timedelta(**span))
        self.target.turn(0.0)


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as target:
        yield target


@pytest.fixture
def rig(told: Receiver, database_url: str) -> Iterator[Rig]:
    made = Rig(told.url, database_url)
    yield made
    made.close()


def orders_of(told: Receiver) -> list[list[str]]:
    """The orders of each message."""
    found = []
    for _, _, body in told.got:
        orders = json.loads(body)["data"]["orders"]
        found.append([one["order"]["id"] for one in orders])
    return found


def test_all_fills_of_a_minute_become_one_message(rig: Rig, told: Receiver) -> None:
    rig.life(1)
    rig.after(seconds=5)
    rig.after(seconds=1)
    for sequence in (2, 3, 4):
        rig.life(sequence)
        rig.after(seconds=10)
    rig.after(seconds=31)

    assert orders_of(told) == [
        ["ORDER0000000001"],
        ["ORDER0000000002", "ORDER0000000003", "ORDER0000000004"],
    ]
    body: Any = json.loads(told.got[0][2])
    assert body["type"] == "orders.changed"
    first = body["data"]["orders"][0]
    assert first["order"]["status"] == "FILLED"
    assert first["order"]["filled"] == "3"
    assert first["events"] == {"PART_FILLED": 2, "FILLED": 1}


def test_a_message_that_is_not_taken_is_sent_again_the_same_and_before_all_others(
    rig: Rig, told: Receiver
) -> None:
    told.answers = [500, 302]
    rig.life(1)
    rig.after(seconds=2)
    rig.life(2)
    rig.after(seconds=4)
    assert len(told.got) == 1
    assert rig.target.status.problem == "answered 500"
    assert rig.target.status.waiting == 6

    rig.after(seconds=1)
    rig.after(seconds=10)
    rig.after(minutes=2)

    assert orders_of(told) == [["ORDER0000000001"]] * 3 + [["ORDER0000000002"]]
    assert len(set(told.ids)) == 2
    assert told.got[0][2] == told.got[1][2] == told.got[2][2]
    assert rig.target.status.waiting == 0
    assert rig.target.status.problem == ""
    assert rig.meter.counts["webhook_failures"] == 2
    assert rig.meter.counts["webhook_deliveries"] == 2


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [("60", 60), ("1", 5), ("86400", 900), ("soon", 5), ("9" * 30, 900), ("-1", 5)],
)
def test_a_target_is_left_alone_as_long_as_it_wants_within_bounds(
    rig: Rig, told: Receiver, wanted: str, seconds: int
) -> None:
    told.answers, told.retry_after = [503], wanted
    rig.life(1)
    rig.after(seconds=2)
    rig.after(seconds=seconds - 1)
    assert len(told.got) == 1

    rig.after(seconds=1)

    assert len(told.got) == 2


def test_a_restart_goes_on_with_the_same_message_and_at_the_same_time(
    rig: Rig, told: Receiver
) -> None:
    told.answers = [500, 500]
    rig.life(1)
    rig.after(seconds=2)
    rig.after(seconds=5)
    rig.life(2)

    rig.restart()
    rig.life(3)
    rig.after(seconds=9)
    assert len(told.got) == 2
    assert rig.target.status.attempts == 2
    rig.after(seconds=1)
    rig.after(seconds=2)

    assert told.ids[0] == told.ids[1] == told.ids[2]
    assert orders_of(told)[3] == ["ORDER0000000002", "ORDER0000000003"]


def test_what_was_committed_while_no_target_was_told_is_told_at_the_start(
    rig: Rig, told: Receiver
) -> None:
    rig.life(1)
    rig.restart()
    rig.after(seconds=2)

    assert orders_of(told) == [["ORDER0000000001"]]


def test_a_new_target_is_told_nothing_of_the_past(
    told: Receiver, database_url: str
) -> None:
    store = open_store(database_url)
    store.write([new_order(1)])
    store.close()
    rig = Rig(told.url, database_url)
    rig.after(minutes=5)
    rig.close()

    assert told.got == []


def test_after_three_days_a_message_is_given_up_and_the_next_one_sent(
    rig: Rig, told: Receiver
) -> None:
    rig.life(1)
    told.answers = [500] * 10_000
    for _ in range(3 * 24 * 4 + 20):
        rig.after(minutes=15)
        if rig.target.status.dead:
            break
    told.answers = []
    rig.life(2)
    rig.after(minutes=1)

    assert orders_of(told)[-1] == ["ORDER0000000002"]
    dead = rig.target.status.dead
    assert [one.message_id for one in dead] == [told.ids[0]]
    assert dead[0].attempts == len(told.got) - 1
    assert dead[0].problem == "answered 500"
    rig.restart()
    assert rig.target.status.dead == dead


def test_a_target_that_answers_410_is_told_no_more_until_the_next_start(
    rig: Rig, told: Receiver
) -> None:
    told.answers = [410]
    rig.life(1)
    rig.after(seconds=2)
    rig.life(2)
    rig.after(days=1)
    assert len(told.got) == 1
    assert rig.target.status.is_disabled

    rig.restart()
    rig.after(seconds=2)

    assert told.ids[0] == told.ids[1]
    assert not rig.target.status.is_disabled


def test_a_message_that_was_taken_is_not_sent_again_although_the_disk_is_away(
    rig: Rig, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = WebhookTable.remove
    is_away = True

    def fail_at_first(*arguments: Any) -> None:
        if is_away:
            raise StoreUnavailableError("locked")
        remove(*arguments)

    monkeypatch.setattr(WebhookTable, "remove", fail_at_first)
    rig.life(1)
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            rig.after(seconds=2)
    is_away = False
    rig.after(seconds=2)
    rig.restart()
    rig.after(seconds=2)

    assert len(told.got) == 1


def test_more_orders_than_fit_become_several_messages(
    rig: Rig, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages_module, "ORDERS_MAX", 2)
    for sequence in range(1, 6):
        rig.life(sequence)
    for _ in range(4):
        rig.after(seconds=2)
    rig.restart()
    rig.after(seconds=60)

    counted: Counter[str] = Counter()
    for _, _, body in told.got:
        orders = json.loads(body)["data"]["orders"]
        assert len(orders) <= 2
        for one in orders:
            counted[one["order"]["id"]] += sum(one["events"].values())
    assert len(told.got) > 2
    assert counted == {f"ORDER{number:010d}": 3 for number in range(1, 6)}


def test_events_of_other_kinds_are_passed_over_on_disk_as_well(
    rig: Rig, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_module, "PASSED_OVER_MAX", 3)
    for sequence in (1, 2, 3):
        rig.commit(new_order(sequence))
    rig.after(minutes=5)

    kept = WebhookTable(rig.store).read("target-1").position
    assert kept == rig.queries.last_position()
    assert told.got == []


def test_a_clock_that_is_set_back_does_not_stop_messages(
    rig: Rig, told: Receiver
) -> None:
    told.answers = [500]
    rig.life(1)
    rig.after(seconds=2)
    rig.after(days=-30)

    assert len(told.got) == 2
