import pytest

from actors import names
from actors.ledger import Ledger
from actors.messages.gateway import GetHalt, SetHalt
from domain.orders.child_order import ChildStatus
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.halt import HaltSet
from domain.venue.answers import PauseReason
from tests.actors.gateway.venue_stage import VenueStage, child, counts, done
from tests.actors.stage import Stage
from tests.fakes import FakePublisher, Recorder


A, B = child("A"), child("B")


def test_a_halt_is_answered_when_it_is_saved_and_nothing_is_in_flight(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)

    operator = trading.halt()

    answer = operator.only(HaltSet)
    assert (answer.halt.is_on, answer.halt.reason) == (True, "because")
    assert answer.children_in_flight == 0
    assert trading.store.halt() == answer.halt


def test_a_halt_and_its_end_are_logged_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage)

    trading.halt()
    trading.halt()
    trading.halt(is_on=False)

    told = [one for one in caplog.messages if "alt" in one]
    assert told == ["Trading halted reason=because", "Halt ended reason=because"]


def test_a_new_reason_of_a_halt_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage)
    trading.halt()

    for reason in ("odd prices", "odd prices", ""):
        message = SetHalt(is_on=True, reason=reason, reply_to=Recorder())
        stage.tell(trading.gateway, message)

    told = [one for one in caplog.messages if "alt" in one]
    assert told == [
        "Trading halted reason=because",
        "Halt reason changed reason=odd prices",
    ]


def test_the_end_of_a_halt_is_logged_once_trading_goes_on_and_not_before(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage)
    trading.halt()
    trading.store.problem = "disk full"

    trading.halt(is_on=False)
    stage.pass_seconds(10)
    assert "Halt ended" not in caplog.text

    trading.store.problem = None
    stage.pass_seconds(10)
    assert caplog.messages.count("Halt ended reason=because") == 1


def test_a_resume_that_a_halt_overtook_is_not_logged_as_the_end_of_one(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage)
    trading.halt()
    trading.store.problem = "disk full"
    trading.halt(is_on=False)
    trading.halt()

    trading.store.problem = None
    stage.pass_seconds(10)

    assert trading.store.halt().is_on
    assert "Halt ended" not in caplog.text


def test_a_halt_that_is_repeated_keeps_its_beginning_and_its_reason(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    first = trading.halt().only(HaltSet).halt
    stage.pass_seconds(60)
    again = SetHalt(is_on=True, reason="", reply_to=(operator := Recorder()))

    stage.tell(trading.gateway, again)
    stage.run()

    assert operator.only(HaltSet).halt == first == trading.store.halt()


def test_a_halt_that_cannot_be_saved_holds_and_is_answered_so(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.store.problem = "disk full"

    operator = trading.halt()
    stage.pass_seconds(1.4)
    assert operator.received == []

    stage.pass_seconds(0.1)
    answer = operator.only(HaltSet)
    assert (answer.halt.is_on, answer.is_on_disk) == (True, False)
    assert answer.children_in_flight == 0
    assert not stand_of(trading).is_on_disk


def test_a_halt_is_on_disk_as_soon_as_that_can_be_written(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.store.problem = "disk full"
    operator = trading.halt()
    stage.pass_seconds(10)

    trading.store.problem = None
    stage.pass_seconds(1)

    assert counts(operator) == [0]  # answered once
    assert trading.store.halt().is_on
    assert stand_of(trading).is_on_disk


def test_a_halt_that_no_disk_has_holds_when_gateway_and_ledger_are_replaced(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.store.problem = "disk full"
    trading.halt()
    stage.pass_seconds(2)

    stage.kill(trading.ledger)
    trading.restart_gateway()
    stage.start(
        Ledger,
        names.LEDGER,
        store=trading.store,
        permits=trading.access.permits,
        publisher=FakePublisher(),
    )
    trading.store.problem = None
    stage.pass_seconds(1)
    trading.submit(A)

    assert trading.venue.placed == []
    assert trading.store.halt().is_on


def test_a_resume_that_cannot_be_saved_is_refused_and_counts_once_it_can(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.halt()
    trading.store.problem = "disk full"

    operator = trading.halt(is_on=False)
    stage.pass_seconds(2)
    assert operator.only(Refusal).code is RefusalCode.RESUME_NOT_ON_DISK
    assert stand_of(trading).halt.is_on

    trading.store.problem = None
    stage.pass_seconds(1)
    assert not stand_of(trading).halt.is_on


def test_no_child_leaves_from_the_moment_a_halt_is_wished(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.store.problem = "disk full"

    trading.halt()
    trading.submit(A)

    assert trading.venue.placed == []
    assert trading.result().status is ChildStatus.NEVER_SENT
    assert trading.result().reason == "HALTED"
    assert trading.pauses() == [None, PauseReason.HALTED]


def test_a_halt_is_answered_when_the_last_child_in_flight_is(stage: Stage) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(A, B)
    trading.claim()
    operator = trading.halt()
    stage.pass_seconds(1)
    assert operator.received == []

    trading.answer(0, done(A, (102, 4)))

    assert counts(operator) == [0]
    assert [one.status for one in trading.results()] == [
        ChildStatus.DONE,
        ChildStatus.NEVER_SENT,
    ]


def test_a_halt_is_answered_after_three_seconds_with_what_is_in_flight(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A, B)
    trading.claim()
    operator = trading.halt()

    stage.pass_seconds(2.9)
    assert operator.received == []

    stage.pass_seconds(0.1)
    assert counts(operator) == [2]


def test_each_halt_is_answered_after_three_seconds_of_its_own(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    trading.claim()
    first = trading.halt()
    stage.pass_seconds(2)

    second = trading.halt()
    stage.pass_seconds(1)
    assert (counts(first), counts(second)) == ([1], [])

    stage.pass_seconds(2)
    assert counts(second) == [1]


def test_a_child_that_a_worker_has_not_sent_yet_does_not_leave_after_a_halt(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)

    operator = trading.halt()

    assert counts(operator) == [0]
    (permit,) = trading.permits()
    assert permit.claim() == "HALTED"


def test_a_child_that_is_to_be_stamped_anew_does_not_leave_after_a_halt(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    (permit,) = trading.claim()
    operator = trading.halt()
    stage.pass_seconds(3)
    assert counts(operator) == [1]

    permit.give_back()

    assert permit.claim() == "HALTED"
    assert not permit.may_be_executed


def test_a_child_in_doubt_is_in_flight_for_a_halt(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.submit(A)  # its call has no clear answer

    operator = trading.halt()
    stage.pass_seconds(3)

    assert counts(operator) == [1]


def test_a_resume_counts_once_it_is_saved(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.halt()
    trading.store.problem = "disk full"
    operator = trading.halt(is_on=False)
    trading.submit(A)
    assert trading.venue.placed == []

    trading.store.problem = None
    stage.pass_seconds(1)
    trading.submit(B)

    assert operator.only(HaltSet).halt.is_on is False
    assert trading.venue.placed == [B]
    assert trading.pauses() == [None, PauseReason.HALTED, None]


def test_a_halt_survives_a_restart_of_the_gateway(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.halt()

    trading.restart_gateway()
    trading.submit(A)

    assert trading.venue.placed == []
    assert trading.pauses()[-1] is PauseReason.HALTED


@pytest.mark.parametrize("is_on", [True, False])
def test_the_last_word_counts_when_the_ledger_is_replaced_in_between(
    stage: Stage, *, is_on: bool
) -> None:
    trading = VenueStage(stage)
    trading.halt()
    stage.kill(trading.ledger)
    trading.halt(is_on=not is_on)  # this one is lost with the ledger
    operator = Recorder()

    last = SetHalt(is_on=is_on, reason="last", reply_to=operator)
    trading.gateway.address.tell(last)
    stage.start(
        Ledger,
        names.LEDGER,
        store=trading.store,
        permits=trading.access.permits,
        publisher=FakePublisher(),
    )
    trading.submit(A)

    assert operator.only(HaltSet).halt == trading.store.halt()
    assert trading.store.halt().reason == "last"
    assert trading.venue.placed == ([] if is_on else [A])


def test_nothing_leaves_before_the_disk_says_how_the_switch_stands(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.store.problem = "not there yet"
    trading.restart_gateway()
    trading.submit(A)
    assert trading.venue.placed == []

    trading.store.problem = None
    stage.pass_seconds(1)

    assert trading.venue.placed == [A]


def test_a_child_that_a_predecessor_gave_out_is_in_flight_for_a_halt(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(A)
    trading.restart_gateway()

    operator = trading.halt()
    assert operator.received == []

    trading.pass_barrier()
    assert counts(operator) == [0]


def stand_of(trading: VenueStage) -> HaltSet:
    """Ask how the switch stands."""
    asker = Recorder()
    trading.stage.tell(trading.gateway, GetHalt(reply_to=asker))
    return asker.only(HaltSet)


def test_how_the_switch_stands_is_said_at_once(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    operator = Recorder()

    stage.tell(trading.gateway, GetHalt(reply_to=operator))

    assert operator.only(HaltSet).halt.is_on is False
    assert counts(operator) == [1]
