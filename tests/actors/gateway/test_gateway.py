from dataclasses import replace

import pytest

from actors.gateway.tracked_child import ChildSnapshot
from actors.messages.gateway import (
    ChildAnswered,
    ChildUnknown,
    ForgetChild,
    GetChild,
    LookUpCall,
    PlaceCall,
)
from domain.orders.child_order import ChildStatus
from domain.venue.unknown_outcome import ResolutionTimes
from tests.actors.gateway.venue_stage import (
    ABSENT,
    UNCLEAR,
    AdapterError,
    VenueStage,
    child,
    done,
)
from tests.actors.stage import START, Stage
from tests.fakes import Recorder


A, B, C, D = child("A"), child("B"), child("C"), child("D")


def placed_by(trading: VenueStage) -> list[list[str]]:
    """Return which children each worker that listens was given."""
    return [
        [call.child.order_id for call in trading.calls(number)]
        for number in range(len(trading.workers))
    ]


def test_children_leave_in_the_order_in_which_they_come(stage: Stage) -> None:
    trading = VenueStage(stage)

    trading.submit(C, A, B)

    assert trading.venue.placed == [C, A, B]


def test_no_child_waits_for_anothers_answer_while_a_worker_is_free(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, workers=3, real=False)

    trading.submit(A, B, C, D)
    assert sorted(placed_by(trading)) == [["A"], ["B"], ["C"]]

    trading.answer(1, done(trading.calls(1)[-1].child, (102, 4)))
    assert placed_by(trading)[1][1:] == ["D"]


def test_an_answer_reaches_the_executor(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(done(A, (102, 1), (101, 2)))

    trading.submit(A)

    assert trading.result() == done(A, (102, 1), (101, 2)).result


def test_a_child_that_comes_twice_is_sent_once_and_answered_twice(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(done(A, (102, 4)))

    trading.submit(A, A)

    assert trading.venue.placed == [A]
    assert trading.results() == [done(A, (102, 4)).result] * 2


def test_time_from_the_frame_to_the_wire_is_measured(stage: Stage) -> None:
    trading = VenueStage(stage)
    stage.pass_seconds(0.25)
    received_ns = stage.clock.monotonic_ns()
    written_ns = received_ns + 3_000_000
    trading.venue.answers.append(
        replace(done(A, (102, 4)), written_ns=written_ns),
    )

    trading.submit(A, B, received_ns=received_ns)

    seconds = [one for one in stage.meter.seconds if one[0] == "frame_to_wire_seconds"]
    assert seconds == [("frame_to_wire_seconds", 0.003)]


def test_what_children_came_to_is_counted(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(done(A, (102, 4)))

    trading.submit(A, B)
    stage.pass_seconds(1)

    counts = stage.meter.counts
    assert (counts["children done"], counts["children unknown"]) == (1, 1)
    assert counts["child_look_ups"] == len(trading.venue.looked_up) > 0


def test_a_forgotten_child_leaves_nothing_behind(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.submit(A)

    stage.tell(trading.gateway, ForgetChild(child_id=A.child_id))
    stage.pass_seconds(20)

    assert trading.gateway.snapshot() == ()
    assert trading.venue.looked_up == []


def test_an_unclear_answer_is_told_and_asked_about_with_growing_pauses(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.submit(A)
    assert trading.problems() == ["timed out"]

    asked: list[int] = []
    for second in range(1, 16):
        stage.pass_seconds(1)
        asked += [second] * (len(trading.venue.looked_up) - len(asked))

    assert asked == [1, 3, 7, 11, 15]
    assert trading.results() == []


def test_a_look_up_that_finds_the_child_ends_the_doubt(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.extend([UNCLEAR, ABSENT, done(A, (102, 4))])
    trading.submit(A)

    stage.pass_seconds(20)

    assert trading.result() == done(A, (102, 4)).result
    assert len(trading.venue.looked_up) == 2


def test_a_look_up_searches_from_the_intent_on(stage: Stage) -> None:
    trading = VenueStage(stage)
    stage.pass_seconds(2)
    trading.submit(A)

    stage.pass_seconds(1)

    assert trading.venue.looked_up == [(A, START, False)]


def test_silence_is_final_only_after_the_window_and_a_thorough_search(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.extend([UNCLEAR] + [ABSENT] * 9)
    trading.submit(A)

    stage.pass_seconds(10.9)
    assert trading.results() == []
    assert not any(thoroughly for _, _, thoroughly in trading.venue.looked_up)

    stage.pass_seconds(0.2)
    assert trading.result().status is ChildStatus.NEVER_SENT
    assert trading.venue.looked_up[-1] == (A, START, True)


def test_a_look_up_without_an_answer_is_no_silence(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.submit(A)

    stage.pass_seconds(60)

    assert any(thoroughly for _, _, thoroughly in trading.venue.looked_up)
    assert trading.results() == []


def test_a_child_that_a_predecessor_may_have_sent_is_asked_about_not_sent(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(done(A, (102, 4)))

    trading.query(A)

    assert trading.venue.placed == []
    assert trading.result() == done(A, (102, 4)).result


def test_an_executor_hears_that_its_childs_end_is_not_known_yet(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(ABSENT)

    trading.query(A)

    assert trading.executor.only(ChildUnknown).child_id == A.child_id


def test_a_successor_of_the_executor_hears_what_was_answered(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.extend([UNCLEAR, done(A, (102, 4))])
    trading.submit(A)

    trading.query(A)
    stage.pass_seconds(1)
    trading.query(A)

    assert trading.problems() == ["timed out"] * 2
    assert trading.results() == [done(A, (102, 4)).result] * 2


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_smallest_pool_of_workers_still_asks_what_became_of_a_child(
    stage: Stage, workers: int
) -> None:
    trading = VenueStage(stage, workers)
    trading.submit(A)
    trading.venue.answers.append(done(A, (102, 4)))

    stage.pass_seconds(1)

    assert trading.result().status is ChildStatus.DONE


def test_questions_leave_workers_for_orders(stage: Stage) -> None:
    trading = VenueStage(stage, workers=4, real=False)

    for one in (A, B, C):
        trading.query(one)
    asking = [number for number in range(4) if trading.calls(number)]
    assert len(asking) == 2

    trading.submit(D)
    last = [trading.calls(number)[-1:] for number in range(4)]
    calls = [call for calls in last for call in calls]
    assert [type(call) for call in calls].count(LookUpCall) == 2
    assert [call.child for call in calls if isinstance(call, PlaceCall)] == [D]


def test_a_question_that_waited_is_asked_when_a_worker_is_free(stage: Stage) -> None:
    trading = VenueStage(stage, workers=4, real=False)
    for one in (A, B, C):
        trading.query(one)
    number = next(number for number in range(4) if trading.calls(number))

    trading.answer(number, done(trading.calls(number)[-1].child, (102, 4)))

    asked = [call.child for number in range(4) for call in trading.calls(number)]
    assert sorted(one.order_id for one in asked) == ["A", "B", "C"]


def test_a_worker_that_crashes_leaves_its_child_unknown(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.extend([AdapterError(), done(A, (102, 4))])
    trading.submit(A)
    assert trading.executor.all(ChildAnswered) == []
    (number,) = (
        number
        for number, worker in enumerate(trading.workers)
        if worker.failure is not None
    )

    trading.restart_worker(number)
    assert trading.problems() == ["the worker that made the call has failed"]

    stage.pass_seconds(1)
    assert trading.venue.placed == [A]
    assert trading.result() == done(A, (102, 4)).result


def test_a_worker_that_crashed_gets_calls_again(stage: Stage) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(A, B)

    trading.restart_worker()

    assert placed_by(trading) == [["B"]]


def test_a_child_is_not_sent_when_it_waited_too_long_for_a_worker(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(A, B)

    stage.pass_seconds(6)
    trading.answer(0, done(A, (102, 4)))

    assert trading.results()[-1].status is ChildStatus.NEVER_SENT
    assert trading.results()[-1].reason == "OFFER_TOO_OLD"


def test_a_child_that_a_worker_has_yet_to_send_is_not_given_up(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    trading.restart_gateway()

    trading.query(A)
    stage.pass_seconds(100)

    asked = [call for number in range(4) for call in trading.calls(number)]
    assert [type(call) for call in asked] == [PlaceCall]
    assert trading.results() == []


def test_a_predecessors_child_is_asked_about_once_all_workers_are_through(
    stage: Stage,
) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    trading.restart_gateway()
    trading.query(A)
    stage.pass_seconds(100)

    trading.pass_barrier()
    trading.answer_probe()

    asked = [call for number in range(4) for call in trading.calls(number)]
    assert [call.thoroughly for call in asked if isinstance(call, LookUpCall)] == [
        False  # from now on the window counts
    ]


def test_what_a_predecessors_worker_learnt_is_the_answer(stage: Stage) -> None:
    trading = VenueStage(stage, real=False)
    trading.submit(A)
    number = next(number for number in range(4) if trading.calls(number))
    trading.restart_gateway()
    trading.query(A)

    trading.answer(number, done(A, (102, 4)))
    trading.pass_barrier()

    assert trading.result() == done(A, (102, 4)).result
    about_it = [
        call
        for number in range(4)
        for call in trading.calls(number)
        if isinstance(call, PlaceCall | LookUpCall)
    ]
    assert len(about_it) == 1


def test_a_worker_that_rests_is_given_nothing(stage: Stage) -> None:
    trading = VenueStage(stage, workers=2, real=False)
    stage.kill(trading.workers[0])

    trading.submit(A)
    assert placed_by(trading) == [[], ["A"]]

    trading.submit(B)
    trading.restart_worker(0)
    assert placed_by(trading) == [["B"], ["A"]]


def test_a_worker_that_rests_keeps_no_doubt_from_being_resolved(stage: Stage) -> None:
    trading = VenueStage(stage)
    stage.kill(trading.workers[0])
    trading.restart_gateway()
    trading.venue.answers.append(done(A, (102, 4)))

    trading.query(A)

    assert trading.result() == done(A, (102, 4)).result


def test_a_child_in_doubt_says_when_it_is_asked_about_again(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(UNCLEAR)
    asker = Recorder()
    trading.submit(A)
    ask = GetChild(child_id=A.child_id, reply_to=asker)

    stage.tell(trading.gateway, ask)

    known = asker.only(ChildSnapshot)
    now_ns = stage.clock.monotonic_ns()
    assert known.problem == "timed out"
    assert known.look_up_at_ns is not None
    assert known.silence_final_ns is not None
    assert now_ns < known.look_up_at_ns < known.silence_final_ns
    window = ResolutionTimes().window.total_seconds()
    assert known.silence_final_ns <= now_ns + window * 1e9


def test_of_an_unknown_child_nothing_is_known(stage: Stage) -> None:
    trading = VenueStage(stage)
    asker = Recorder()

    stage.tell(trading.gateway, GetChild(child_id=A.child_id, reply_to=asker))

    assert asker.received == [None]
    assert trading.venue.looked_up == []
