from dataclasses import replace
from datetime import timedelta

import pytest

from actors.messages.gateway import GetTradingState, LookUpCall, ProbeCall
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildOrder, ChildStatus
from domain.venue.answers import PauseReason, TradingPause, UserStreamConnected
from tests.actors.builders import SYMBOL
from tests.actors.gateway.venue_stage import (
    TIMES,
    UNCLEAR,
    VenueStage,
    child,
    done,
    turned_away,
)
from tests.actors.stage import Stage


A, B, C = child("A"), child("B"), child("C")
RATE_LIMITED, KEYS_REJECTED = PauseReason.RATE_LIMITED, PauseReason.KEYS_REJECTED
NOT_TRADING = PauseReason.SYMBOL_NOT_TRADING
BAD_KEYS = TradingPause(reason=KEYS_REJECTED, detail="says the venue")


def probe_times(trading: VenueStage, seconds: int) -> list[int]:
    """Let time pass; return after how many seconds the venue was probed."""
    times: list[int] = []
    for second in range(1, seconds + 1):
        before = trading.venue.probes
        trading.stage.pass_seconds(1)
        times += [second] * (trading.venue.probes - before)
    return times


def in_doubt_with_bad_keys(stage: Stage) -> VenueStage:
    """Return a stage on which the keys were rejected with two children in doubt."""
    trading = VenueStage(stage)
    trading.venue.pause = BAD_KEYS
    trading.venue.answers.extend([UNCLEAR, UNCLEAR, turned_away(C, KEYS_REJECTED)])
    trading.submit(A, B, C)
    return trading


def look_ups_of(trading: VenueStage) -> int:
    """Count what workers that only listen were told to ask."""
    calls = [call for number in range(8) for call in trading.calls(number)]
    return sum(isinstance(call, LookUpCall) for call in calls)


def is_probing(trading: VenueStage, number: int) -> bool:
    return any(isinstance(call, ProbeCall) for call in trading.calls(number))


def test_a_pause_turns_away_those_that_follow_and_the_router_is_told(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, RATE_LIMITED, seconds=20))

    trading.submit(A, B)

    assert trading.venue.placed == [A]
    assert [one.status for one in trading.results()] == [ChildStatus.NEVER_SENT] * 2
    assert trading.results()[1].reason == "RATE_LIMITED"
    assert trading.pauses() == [None, RATE_LIMITED]


def test_nothing_leaves_while_the_service_before_us_may_still_send(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage)
    until_ns = stage.clock.monotonic_ns() + 5 * NANOSECONDS
    trading.access = replace(trading.access, sends_from_ns=until_ns)
    trading.restart_gateway()
    assert "Trading paused reason=TAKING_OVER" in caplog.text

    stage.pass_seconds(2)
    trading.restart_gateway()  # in between: it waits no longer for that
    stage.pass_seconds(2.9)
    trading.submit(A)
    assert trading.result().reason == "TAKING_OVER"

    stage.pass_seconds(0.1)
    trading.submit(B)
    assert trading.venue.placed == [B]
    assert trading.pauses()[-2:] == [PauseReason.TAKING_OVER, None]


def test_a_pause_that_a_halt_covers_is_said_for_it_may_outlast_the_halt(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    trading = VenueStage(stage, workers=1, real=False)
    trading.submit(A)
    trading.halt()

    trading.answer(0, turned_away(A, RATE_LIMITED, seconds=20))

    assert caplog.text.count("Trading paused reason=RATE_LIMITED") == 1


def test_a_pause_with_a_length_ends_by_itself(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, RATE_LIMITED, seconds=16.4))
    trading.submit(A)

    stage.pass_seconds(16.3)
    assert trading.pauses()[-1] is RATE_LIMITED

    stage.pass_seconds(0.2)
    trading.submit(B)
    assert trading.pauses()[-1] is None
    assert trading.venue.placed == [A, B]


def test_an_answer_that_comes_late_does_not_shorten_a_pause(stage: Stage) -> None:
    trading = VenueStage(stage, workers=2, real=False)
    trading.submit(A, B)

    trading.answer(0, turned_away(A, RATE_LIMITED, seconds=120))
    trading.answer(1, turned_away(B, RATE_LIMITED, seconds=10))
    stage.pass_seconds(119)

    assert trading.pauses()[-1] is RATE_LIMITED
    stage.pass_seconds(1)
    assert trading.pauses()[-1] is None


@pytest.mark.parametrize("reason", [RATE_LIMITED, PauseReason.VENUE_BLOCKED])
def test_nothing_is_asked_while_the_venue_wants_silence(
    stage: Stage, reason: PauseReason
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.extend([UNCLEAR, turned_away(B, reason, seconds=20)])
    trading.submit(A, B)

    stage.pass_seconds(19.9)
    assert trading.venue.looked_up == []

    trading.venue.answers.append(done(A, (102, 4)))
    stage.pass_seconds(5)
    assert [one.status for one in trading.results()] == [
        ChildStatus.NEVER_SENT,
        ChildStatus.DONE,
    ]


def test_doubts_are_resolved_with_keys_that_may_read_but_not_trade(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.pause = BAD_KEYS
    trading.venue.answers.extend(
        [UNCLEAR, turned_away(B, KEYS_REJECTED), done(A, (102, 4))]
    )
    trading.submit(A, B)

    stage.pass_seconds(15)

    assert trading.results()[-1] == done(A, (102, 4)).result
    assert trading.pauses()[-1] is KEYS_REJECTED


def test_children_in_doubt_take_turns_one_a_probe_while_keys_are_rejected(
    stage: Stage,
) -> None:
    trading = in_doubt_with_bad_keys(stage)

    asked: list[tuple[int, ChildOrder]] = []
    for second in range(1, 601):
        before = len(trading.venue.looked_up)
        stage.pass_seconds(1)
        asked += [(second, one[0]) for one in trading.venue.looked_up[before:]]

    assert asked == [(15, A), (45, B), (105, A), (225, B), (525, A)]


@pytest.mark.parametrize(("pause", "look_ups"), [(None, 2), (BAD_KEYS, 1)])
def test_a_gateway_that_starts_probes_the_keys_before_it_asks_about_children(
    stage: Stage, pause: TradingPause | None, look_ups: int
) -> None:
    trading = VenueStage(stage, workers=8, real=False)
    trading.restart_gateway()
    trading.pass_barrier()

    trading.query(A)
    trading.query(B)
    assert look_ups_of(trading) == 0

    trading.answer_probe(pause)
    assert look_ups_of(trading) == look_ups


def test_what_the_stream_tells_is_no_reason_to_try_rejected_keys(stage: Stage) -> None:
    trading = in_doubt_with_bad_keys(stage)

    for _ in range(14):
        stage.tell(trading.gateway, UserStreamConnected())
        stage.pass_seconds(1)

    assert trading.venue.looked_up == []


def test_all_doubts_are_pursued_again_once_the_keys_are_accepted(stage: Stage) -> None:
    trading = in_doubt_with_bad_keys(stage)
    stage.pass_seconds(44)
    trading.venue.pause = None
    trading.venue.looked_up.clear()

    stage.pass_seconds(1)
    assert [one[0] for one in trading.venue.looked_up] == [B, A]

    stage.pass_seconds(60)
    assert len(trading.venue.looked_up) >= 2 * 60 / TIMES.longest.total_seconds()


def test_a_pause_without_a_length_ends_when_a_probe_says_so(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, KEYS_REJECTED))
    trading.submit(A)
    stage.pass_seconds(14)
    assert trading.pauses() == [None, KEYS_REJECTED]

    stage.pass_seconds(1)

    assert trading.venue.probes == 1
    assert trading.pauses() == [None, KEYS_REJECTED, None]
    assert probe_times(trading, 400) == []


def test_probes_that_fail_come_at_growing_intervals(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.pause = BAD_KEYS
    trading.venue.answers.append(turned_away(A, KEYS_REJECTED))
    trading.submit(A)

    assert probe_times(trading, 1200) == [15, 45, 105, 225, 525, 825, 1125]


def test_children_turned_away_together_are_one_reason_to_probe(stage: Stage) -> None:
    trading = VenueStage(stage, workers=4, real=False)
    trading.submit(A, B, C)
    answered = [len(trading.calls(number)) for number in range(4)]
    for number in range(4):
        for call in trading.calls(number):
            trading.answer(number, turned_away(call.child, KEYS_REJECTED))

    probes: list[int] = []
    for second in range(1, 106):
        stage.pass_seconds(1)
        for number in range(4):
            calls = trading.calls(number)
            if len(calls) > answered[number]:
                answered[number] = len(calls)
                probes.append(second)
                trading.answer(number, turned_away(A, KEYS_REJECTED))

    assert probes == [15, 45, 105]


def test_the_next_pause_is_probed_as_soon_as_the_first_was(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.pause = BAD_KEYS
    trading.venue.answers.append(turned_away(A, KEYS_REJECTED))
    trading.submit(A)
    stage.pass_seconds(300)
    trading.venue.pause = None
    stage.pass_seconds(300)
    assert trading.pauses()[-1] is None

    trading.venue.answers.append(turned_away(B, KEYS_REJECTED))
    trading.submit(B)

    assert probe_times(trading, 100) == [15]


def test_a_probe_whose_worker_crashed_is_made_again(stage: Stage) -> None:
    trading = VenueStage(stage, workers=4, real=False)
    trading.submit(A)
    placing = next(number for number in range(4) if trading.calls(number))
    trading.answer(placing, turned_away(A, KEYS_REJECTED))
    stage.pass_seconds(15)
    probing = [number for number in range(4) if is_probing(trading, number)]

    trading.restart_worker(probing[0])
    assert not any(is_probing(trading, number) for number in range(4))

    stage.pass_seconds(30)
    assert any(is_probing(trading, number) for number in range(4))


def test_a_symbol_that_the_venue_halted_is_tried_again_after_a_minute(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, NOT_TRADING))
    trading.submit(A, B)
    assert trading.venue.placed == [A]

    stage.pass_seconds(60)
    trading.submit(C)

    assert trading.venue.placed == [A, C]
    assert trading.pauses() == [None, NOT_TRADING, None]


def test_a_new_router_is_told_how_things_stand(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, KEYS_REJECTED))
    trading.submit(A)
    ask = GetTradingState(symbol=SYMBOL, reply_to=trading.router.address)

    stage.tell(trading.gateway, ask)

    assert trading.pauses() == [None, KEYS_REJECTED, KEYS_REJECTED]


def test_a_probe_that_finds_another_pause_is_not_the_last_one(stage: Stage) -> None:
    trading = VenueStage(stage)
    trading.venue.answers.append(turned_away(A, KEYS_REJECTED))
    trading.submit(A)
    trading.venue.pause = TradingPause(
        reason=RATE_LIMITED, detail="banned", duration=timedelta(seconds=20)
    )
    stage.pass_seconds(16)
    trading.venue.pause = None

    stage.pass_seconds(120)

    assert trading.pauses()[-1] is None


def test_a_stream_that_comes_and_goes_does_not_multiply_the_questions(
    stage: Stage,
) -> None:
    trading = VenueStage(stage)
    trading.submit(A)
    for _ in range(20):
        stage.tell(trading.gateway, UserStreamConnected())
    stage.pass_seconds(60)
    before = len(trading.venue.looked_up)

    stage.pass_seconds(60)

    assert len(trading.venue.looked_up) - before <= 61 / TIMES.longest.total_seconds()
