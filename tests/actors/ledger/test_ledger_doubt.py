"""A commit of unknown outcome: nobody is told what may turn out to be untrue."""

import logging

import pytest

from actors.ledger import RETRY_SECONDS
from domain.errors import StoreOutcomeUnknownError
from domain.orders.records import Stored
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId
from tests.actors.builders import intent_record, new_order_record, order
from tests.actors.ledger.test_ledger import Desk, records
from tests.actors.stage import Stage


LOST = StoreOutcomeUnknownError("connection lost in COMMIT")


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_orders_of_a_commit_that_landed_unheard_are_stored_not_refused(
    desk: Desk,
) -> None:
    desk.store.crash_after_commit = LOST
    desk.write(*records(2))
    assert desk.written() == []
    assert desk.status() == str(LOST)

    desk.stage.pass_seconds(RETRY_SECONDS)

    answers = desk.written()
    assert [one.order_id for one in answers] == ["O0", "O1"]
    for answer in answers:
        assert isinstance(answer.outcome, Stored)
        assert answer.outcome.was_there
    assert desk.status() is None


def test_orders_of_a_commit_that_was_lost_are_written_again(desk: Desk) -> None:
    desk.store.crash_before_commit = LOST
    desk.write(*records(2))
    assert desk.written() == []
    assert desk.store.order(OrderId("O0")) is None

    desk.stage.pass_seconds(RETRY_SECONDS)

    answers = desk.written()
    assert [one.order_id for one in answers] == ["O0", "O1"]
    assert all(isinstance(one.outcome, Stored) for one in answers)
    assert desk.store.order(OrderId("O1")) is not None


def test_an_order_in_doubt_is_not_refused_when_the_next_try_certainly_fails(
    desk: Desk,
) -> None:
    desk.store.crash_after_commit = LOST
    desk.write(*records(1))
    desk.stage.run()
    desk.store.problem = "server is away"

    desk.stage.pass_seconds(RETRY_SECONDS * 3)
    assert desk.written() == []
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    (answer,) = desk.written()
    assert isinstance(answer.outcome, Stored)


def test_an_order_that_comes_while_others_are_in_doubt_is_refused_at_once(
    desk: Desk,
) -> None:
    first, second, third = records(3)
    desk.store.crash_after_commit = LOST
    desk.write(first)
    desk.stage.run()
    desk.store.problem = "server is away"
    desk.write(second)
    (answer,) = desk.written()
    assert answer.order_id == "O1"
    desk.stage.pass_seconds(RETRY_SECONDS)
    desk.write(third)
    (answer,) = desk.written()
    assert answer.order_id == "O2"
    assert isinstance(answer.outcome, Refusal)
    assert answer.outcome.code is RefusalCode.STORE_UNAVAILABLE

    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert [one.order_id for one in desk.written()] == ["O0"]
    assert desk.store.order(OrderId("O1")) is None
    assert desk.store.order(OrderId("O2")) is None


def test_an_answer_after_doubt_carries_the_attempt_that_was_asked(desk: Desk) -> None:
    desk.store.crash_before_commit = LOST
    desk.write(*records(1))
    desk.stage.run()

    desk.stage.pass_seconds(RETRY_SECONDS)

    assert [one.attempt for one in desk.written()] == [1]


def test_doubt_ends_with_the_commit_that_succeeds(desk: Desk) -> None:
    desk.store.crash_before_commit = LOST
    desk.write(*records(2))
    desk.stage.run()
    desk.stage.pass_seconds(RETRY_SECONDS)
    assert len(desk.written()) == 2
    desk.store.problem = "disk full"

    desk.write(new_order_record(order("NEXT", sequence=9)))

    (answer,) = desk.written()
    assert isinstance(answer.outcome, Refusal)


def test_the_log_tells_an_outage_once_and_its_end_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="actors.ledger")
    desk.write(*records(1))
    desk.written()
    desk.store.problem = "locked"
    desk.write(intent_record(order("O0"), (101, 1)))
    desk.stage.run()
    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    desk.store.problem = "disk full"
    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS * 5)
    desk.write(new_order_record(order("NEXT", sequence=9)))
    desk.stage.run()

    assert [record.getMessage() for record in caplog.records] == [
        "Database unavailable problem=locked",
        "Database unavailable problem=disk full",
        "Database available again",
    ]


def test_the_log_does_not_call_a_database_available_that_nobody_tried(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="actors.ledger")
    desk.store.problem = "locked"
    for number in range(3):
        desk.write(new_order_record(order(f"N{number}", sequence=number + 1)))
        desk.stage.run()
        desk.stage.pass_seconds(RETRY_SECONDS * 2)

    assert len(desk.written()) == 3
    texts = [record.getMessage() for record in caplog.records]
    assert texts == ["Database unavailable problem=locked"]
