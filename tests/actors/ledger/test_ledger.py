from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from actors.gateway.permits import Permits
from actors.ledger import RETRY_SECONDS, Ledger
from actors.messages.ledger import (
    GetLedgerStatus,
    LastSequenceLoaded,
    LedgerStatus,
    LoadLastSequence,
    LoadOpenOrders,
    LoadOrder,
    OpenOrdersLoaded,
    OrderLoaded,
    SaveRateLimitBan,
    WriteRecord,
    Written,
)
from actors.runtime.runtime import ActorEnded
from domain.orders.records import Record, RecordOutcome, Stored
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId
from domain.venue.answers import RateLimitBan
from tests.actors.builders import (
    SYMBOL,
    intent_record,
    new_order_record,
    order,
)
from tests.actors.stage import START, KilledError, Stage
from tests.fakes import FakePublisher, FakeStore, Recorder


class Desk:
    """A ledger on a store, and somebody who waits for its answers."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.store = FakeStore()
        self.publisher = FakePublisher()
        self.permits = Permits()
        self.watcher = Recorder()
        self.answers = Recorder()
        self.ledger = stage.start(
            Ledger,
            "ledger",
            self.watcher,
            store=self.store,
            permits=self.permits,
            publisher=self.publisher,
        )

    def write(self, *records: Record, attempt: int = 1) -> None:
        """Put records into the mailbox; nothing runs yet."""
        for record in records:
            self.ledger.address.tell(
                WriteRecord(record=record, reply_to=self.answers, attempt=attempt)
            )

    def written(self) -> list[Written]:
        self.stage.run()
        return [one for one in self.answers.take() if isinstance(one, Written)]

    def status(self) -> str | None:
        return self.status_told().problem

    def status_told(self) -> LedgerStatus:
        self.stage.tell(self.ledger, GetLedgerStatus(reply_to=self.answers))
        status: LedgerStatus = self.answers.take()[-1]
        return status


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def records(count: int) -> list[Record]:
    return [
        new_order_record(order(f"O{number}", sequence=number + 1))
        for number in range(count)
    ]


def test_what_waits_is_committed_together_and_answered_in_order(desk: Desk) -> None:
    desk.write(*records(50))

    answers = desk.written()

    assert [len(batch) for batch in desk.store.batches] == [50]
    assert [one.order_id for one in answers] == [f"O{n}" for n in range(50)]
    assert all(isinstance(one.outcome, Stored) for one in answers)


def test_nobody_is_answered_before_the_commit(desk: Desk) -> None:
    desk.write(*records(3))

    for _ in range(2):
        desk.stage.dispatcher.step()
    assert desk.answers.received == []
    assert desk.store.batches == []
    desk.stage.dispatcher.step()

    assert len(desk.answers.received) == 3


def test_a_full_batch_is_committed_although_more_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.ledger.BATCH_MAX", 10)
    desk.write(*records(25))

    desk.written()

    assert [len(batch) for batch in desk.store.batches] == [10, 10, 5]


def test_reading_sees_what_was_sent_before_it(desk: Desk) -> None:
    desk.write(new_order_record(order("A")))
    load = LoadOrder(order_id=OrderId("A"), reply_to=desk.answers)
    desk.ledger.address.tell(load)

    desk.stage.run()

    kinds = [type(one) for one in desk.answers.received]
    assert kinds == [Written, OrderLoaded]
    found = desk.answers.only(OrderLoaded).open_order
    assert found is not None
    assert found.order == order("A")


def test_open_orders_come_in_pages_that_say_what_they_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.ledger.PAGE_SIZE", 2)
    desk.write(*records(3))
    copies = Recorder()
    for after in (0, 2, 3):
        load = LoadOpenOrders(
            reading="r",
            symbol=SYMBOL,
            after_sequence=after,
            reply_to=desk.answers,
            copy_to=copies,
        )
        desk.stage.tell(desk.ledger, load)

    pages = desk.answers.all(OpenOrdersLoaded)
    assert copies.received == pages
    assert [(page.reading, page.after_sequence) for page in pages] == [
        ("r", 0),
        ("r", 2),
        ("r", 3),
    ]
    assert {page.last_sequence for page in pages} == {3}
    names = [[one.order.order_id for one in page.orders] for page in pages]
    assert names == [["O0", "O1"], ["O2"], []]


def test_the_last_rank_is_read_from_the_store(desk: Desk) -> None:
    desk.write(*records(4))

    desk.stage.tell(desk.ledger, LoadLastSequence(reply_to=desk.answers))

    assert desk.answers.only(LastSequenceLoaded).sequence == 4


def test_new_orders_are_refused_while_the_database_is_away(desk: Desk) -> None:
    desk.store.problem = "disk full"
    desk.write(*records(2))

    (first, second) = desk.written()

    for answer in (first, second):
        assert isinstance(answer.outcome, Refusal)
        assert answer.outcome.code is RefusalCode.STORE_UNAVAILABLE
        assert "disk full" in answer.outcome.detail
    assert desk.status() == "disk full"


def test_changes_wait_for_the_database_and_are_written_in_order(desk: Desk) -> None:
    desk.write(*records(3))
    desk.written()
    desk.store.problem = "locked"
    changes = [intent_record(order(f"O{n}", sequence=n + 1), (101, 1)) for n in (2, 0)]
    desk.write(*changes, intent_record(order("O1", sequence=2), (101, 1)))
    assert desk.written() == []

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert [one.order_id for one in desk.written()] == ["O2", "O0", "O1"]
    assert len(desk.store.batches) == 2
    assert desk.status() is None


def test_the_database_is_tried_again_and_again(desk: Desk) -> None:
    desk.write(*records(1))
    desk.written()
    desk.store.problem = "locked"
    desk.write(intent_record(order("O0"), (101, 1)))
    desk.stage.run()

    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    assert desk.status() == "locked"
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert len(desk.written()) == 1


def test_a_database_that_is_away_stays_so_although_nobody_writes(desk: Desk) -> None:
    desk.store.problem = "locked"
    desk.write(*records(1))
    assert len(desk.written()) == 1  # refused, so nothing is left to write

    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    assert desk.status() == "locked"
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert desk.status() is None
    tries = len(desk.store.batches)
    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    assert len(desk.store.batches) == tries


def test_reading_waits_for_the_database(desk: Desk) -> None:
    desk.store.problem = "locked"
    desk.stage.tell(desk.ledger, LoadLastSequence(reply_to=desk.answers))
    assert desk.answers.received == []

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert desk.answers.only(LastSequenceLoaded).sequence == 0


def test_a_wish_for_silence_waits_for_the_database(desk: Desk) -> None:
    ban = RateLimitBan(venue="https://api.example", until=START)
    desk.store.problem = "locked"
    desk.stage.tell(desk.ledger, SaveRateLimitBan(ban=ban))
    assert desk.store.bans == {}

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert list(desk.store.bans.values()) == [ban]


def test_an_order_that_may_be_on_disk_is_kept_rather_than_refused(desk: Desk) -> None:
    desk.store.problem = "locked"
    desk.write(*records(1), attempt=2)
    assert desk.written() == []

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    (answer,) = desk.written()
    assert isinstance(answer.outcome, Stored)
    assert answer.attempt == 2


def test_failing_before_the_commit_answers_nobody(desk: Desk) -> None:
    desk.store.crash_before_commit = KilledError()
    desk.write(*records(2))

    assert desk.written() == []
    assert isinstance(desk.watcher.only(ActorEnded).failure, KilledError)
    assert desk.store.order(OrderId("O0")) is None


def test_what_was_committed_and_not_answered_is_recognised(
    desk: Desk, stage: Stage
) -> None:
    desk.store.crash_after_commit = KilledError()
    desk.write(*records(1))
    assert desk.written() == []
    desk.ledger = stage.start(
        Ledger,
        "ledger",
        desk.watcher,
        store=desk.store,
        permits=Permits(),
        publisher=desk.publisher,
    )

    desk.write(*records(1), attempt=2)

    (answer,) = desk.written()
    assert isinstance(answer.outcome, Stored)
    assert answer.outcome.was_there


def test_a_change_written_twice_changes_nothing(desk: Desk) -> None:
    desk.write(*records(1))
    change = intent_record(order("O0"), (101, 1))
    desk.write(change, change)

    assert [one.version for one in desk.written()] == [1, 2, 2]
    assert desk.store.order(OrderId("O0")) == change.order
    assert len(desk.store.events(OrderId("O0"))) == 2


def test_stopping_writes_what_is_in_the_mailbox(desk: Desk) -> None:
    desk.write(*records(3))

    desk.stage.end(desk.ledger)

    assert len(desk.written()) == 3


def test_a_refused_key_is_answered_like_any_outcome(desk: Desk) -> None:
    first = new_order_record(order("A"), key="k")
    second = new_order_record(order("B", quantity=Decimal(9), sequence=2), key="k")
    desk.write(first, replace(second, fingerprint="other"))

    answers = desk.written()

    outcome = answers[1].outcome
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.IDEMPOTENCY_KEY_REUSED


def test_a_stop_without_the_database_does_not_claim_that_it_is_back(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(stage)
    desk.store.problem = "gone"
    desk.write(new_order_record(order("A")))
    stage.run()
    assert "Database unavailable problem=gone" in caplog.text

    stage.end(desk.ledger)

    assert "available again" not in caplog.text


def test_it_says_how_long_its_last_commit_took(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, write = desk.stage.clock, desk.store.write

    def write_slowly(batch: Sequence[Record]) -> Sequence[RecordOutcome]:
        clock.set_ns(clock.monotonic_ns() + 7_000_000)
        return write(batch)

    monkeypatch.setattr(desk.store, "write", write_slowly)
    assert desk.status_told().commit_ns is None
    desk.write(*records(3))
    desk.written()

    assert desk.status_told().commit_ns == 7_000_000
