"""Another service takes the database over while ours runs."""

import logging

import pytest

from actors import names
from actors.gateway.permits import Permits
from actors.ledger import CHECK_SECONDS, RETRY_SECONDS, Ledger
from actors.messages.ledger import (
    GetLedgerStatus,
    LedgerStatus,
    LoadLastSequence,
    SaveHalt,
    SaveRateLimitBan,
    WriteRecord,
    Written,
)
from actors.messages.timers import TenureCheckDue, WriteRetryDue
from actors.runtime.runtime import ActorEnded
from domain.errors import TenureLostError
from domain.orders.completion import WithheldReason
from domain.orders.records import Record
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.halt import Halt
from domain.venue.answers import RateLimitBan
from tests.actors.builders import intent_record, new_order_record, order
from tests.actors.gateway.venue_stage import VenueStage, child, done
from tests.actors.stage import START, Stage
from tests.fakes import FakePublisher, FakeStore, Recorder


class Succession:
    """A ledger whose database another service has just taken over."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.store = FakeStore()
        self.watcher = Recorder()
        self.answers = Recorder()
        self.permits = Permits()
        self.ledger = stage.start(
            Ledger,
            names.LEDGER,
            self.watcher,
            store=self.store,
            permits=self.permits,
            publisher=FakePublisher(),
        )
        self.store.write([new_order_record(order("A"))])
        self.store.batches.clear()
        self.store.has_successor = True

    def write(self, *records: Record) -> None:
        for record in records:
            message = WriteRecord(record=record, reply_to=self.answers, attempt=1)
            self.ledger.address.tell(message)
        self.stage.run()

    def assert_ended(self) -> None:
        assert isinstance(self.watcher.only(ActorEnded).failure, TenureLostError)
        assert self.permits.refusal_of(0) == WithheldReason.TENURE_LOST
        assert self.store.batches == []


@pytest.fixture
def succession(stage: Stage) -> Succession:
    return Succession(stage)


def test_an_intent_is_not_acknowledged_and_the_ledger_ends(
    succession: Succession,
) -> None:
    succession.write(intent_record(order("A"), (102, 1)))

    succession.assert_ended()
    assert succession.answers.received == []


def test_new_orders_that_wait_are_refused(succession: Succession) -> None:
    succession.write(
        intent_record(order("A"), (102, 1)), new_order_record(order("B", sequence=2))
    )

    succession.assert_ended()
    answer = succession.answers.only(Written)
    assert isinstance(answer.outcome, Refusal)
    assert answer.outcome.code is RefusalCode.STORE_UNAVAILABLE


@pytest.mark.parametrize(
    "message",
    [
        SaveHalt(halt=Halt(is_on=True, reason="", since=START), reply_to=Recorder()),
        SaveRateLimitBan(ban=RateLimitBan(venue="somewhere", until=START)),
    ],
)
def test_whatever_else_is_to_be_written_finds_it_out_too(
    succession: Succession, message: SaveHalt | SaveRateLimitBan
) -> None:
    succession.stage.tell(succession.ledger, message)

    succession.assert_ended()


def test_a_ledger_with_nothing_to_write_finds_it_out(succession: Succession) -> None:
    succession.stage.pass_seconds(CHECK_SECONDS)

    succession.assert_ended()


def test_a_ledger_without_work_for_long_still_finds_it_out(
    succession: Succession,
) -> None:
    succession.store.has_successor = False
    succession.stage.pass_seconds(CHECK_SECONDS * 5)
    succession.store.has_successor = True

    succession.stage.pass_seconds(CHECK_SECONDS)

    succession.assert_ended()


def test_a_database_that_was_away_is_somebody_elses_when_it_is_back(
    succession: Succession,
) -> None:
    succession.store.problem = "the server restarts"
    succession.write(intent_record(order("A"), (102, 1)))
    succession.store.problem = None

    succession.stage.pass_seconds(RETRY_SECONDS)

    succession.assert_ended()


def test_it_is_said_once_in_plain_words(
    succession: Succession, caplog: pytest.LogCaptureFixture
) -> None:
    write = WriteRecord(
        record=intent_record(order("A"), (102, 1)), reply_to=succession.answers
    )
    load = LoadLastSequence(reply_to=succession.answers)  # has all written at once
    for message in (write, load, WriteRetryDue(), write, load):
        succession.ledger.address.tell(message)
    succession.stage.run()

    (said,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert said.levelno == logging.CRITICAL
    assert said.message.startswith("Database taken over by another service")


def test_an_older_database_in_place_of_ours_is_not_said_to_be_a_second_service(
    succession: Succession, caplog: pytest.LogCaptureFixture
) -> None:
    succession.store.epoch_on_disk = 1  # as in a backup; a service would raise it

    succession.stage.pass_seconds(CHECK_SECONDS)

    succession.assert_ended()
    (said,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert said.message == (
        "Database replaced by another, shutting down: "
        "it was last taken over by another; epoch is 1, ours is 1"
    )


def test_a_check_changes_nothing_while_the_database_is_ours(
    succession: Succession,
) -> None:
    succession.store.has_successor = False

    succession.stage.pass_seconds(CHECK_SECONDS * 3)
    asker = Recorder()
    succession.stage.tell(succession.ledger, GetLedgerStatus(reply_to=asker))

    assert asker.only(LedgerStatus).problem is None
    assert succession.store.batches == []


def test_a_ledger_that_is_busy_looks_all_the_same(succession: Succession) -> None:
    """A commit finds a successor, but keeps none out: for that the look is needed."""
    succession.store.has_successor = False
    succession.ledger.address.tell(TenureCheckDue())

    succession.write(intent_record(order("A"), (102, 1)))

    assert (len(succession.store.batches), succession.store.looks) == (1, 1)


def test_no_child_leaves_any_more_not_even_one_that_a_worker_has(stage: Stage) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(child("A"), child("B"))
    permits = trading.permits()
    trading.store.has_successor = True

    stage.pass_seconds(CHECK_SECONDS)

    assert [permit.claim() for permit in permits] == [WithheldReason.TENURE_LOST]
    trading.answer(0, done(child("A")))
    assert len(trading.calls(0)) == 1
    assert trading.results()[-1].reason == WithheldReason.TENURE_LOST
