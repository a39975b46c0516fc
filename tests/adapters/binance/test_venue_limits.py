"""One breaker for everybody who speaks to the venue."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.binance.rest_replies import parse_rate_limits
from adapters.binance.venue_limits import (
    DEFAULT_LIMITS,
    LimitKind,
    RateLimit,
    Use,
    VenueLimits,
)
from domain.errors import MalformedMessageError
from domain.venue.answers import PauseReason
from tests.adapters.witnesses import HandClock


NOTHING: Mapping[str, str] = {}


def weight(limit: int) -> RateLimit:
    return RateLimit(kind=LimitKind.WEIGHT, unit_seconds=60, units=1, limit=limit)


def orders(limit: int, units: int = 10) -> RateLimit:
    return RateLimit(kind=LimitKind.ORDERS, unit_seconds=1, units=units, limit=limit)


def limits_of(*figures: RateLimit, clock: HandClock | None = None) -> VenueLimits:
    limits = VenueLimits(clock=clock or HandClock())
    limits.set_limits(figures)
    return limits


def place(limits: VenueLimits, headers: Mapping[str, str] = NOTHING) -> bool:
    if limits.claim_order():
        return False
    limits.settle_order(headers, was_sent=True, left_ns=0)
    return True


def test_what_is_used_of_each_limit_is_told() -> None:
    limits = limits_of(weight(6000), orders(50))
    limits.claim(250)
    place(limits)

    used = {
        (one.limit, one.window_seconds): (one.used, one.most) for one in limits.used()
    }

    assert used["request_weight", 60] == (251, 6000)
    assert used["orders", 10] == (1, 50)
    assert used["raw_requests", 300] == (2, 61_000)


@pytest.mark.parametrize(
    ("used", "may"),
    [
        (6000, []),
        (5701, []),
        (5690, ["ORDER"]),
        (5000, ["ORDER", "LOOK_UP"]),
        (4000, ["ORDER", "LOOK_UP", "READ"]),
    ],
)
def test_reads_give_way_to_look_ups_and_those_to_orders(
    used: int, may: list[str]
) -> None:
    limits = limits_of(weight(6000))
    limits.learn({"X-MBX-USED-WEIGHT-1M": str(used)}, 0)

    allowed = [] if limits.claim_order() else ["ORDER"]
    allowed += [use.name for use in (Use.LOOK_UP, Use.READ) if not limits.claim(4, use)]

    assert allowed == may


def test_what_may_not_be_sent_waits_for_the_end_of_the_venues_minute() -> None:
    clock = HandClock()
    limits = limits_of(weight(100), clock=clock)
    limits.set_time(clock.now() + timedelta(seconds=20))
    limits.learn({"X-MBX-USED-WEIGHT-1M": "100"}, 0)

    pause = limits.claim_order()

    assert limits.claim(1) == pytest.approx(40.05)
    assert pause is not None
    assert pause.reason is PauseReason.LIMIT_NEAR
    assert pause.duration == timedelta(seconds=40.05)
    clock.advance(41)
    assert limits.claim(1) == 0


def test_orders_stop_below_the_venues_limit_until_its_window_ends() -> None:
    clock = HandClock()
    limits = limits_of(orders(50), clock=clock)
    clock.advance(3)

    placed = sum(place(limits) for _ in range(60))
    pause = limits.claim_order()

    assert placed == 45
    assert pause is not None
    assert pause.duration == timedelta(seconds=7.05)
    clock.advance(7.05)
    assert place(limits)


def test_filled_orders_that_the_venue_takes_off_do_not_count() -> None:
    limits = limits_of(orders(50))

    placed = sum(place(limits, {"X-MBX-ORDER-COUNT-10S": "1"}) for _ in range(200))

    assert placed == 200


def test_orders_that_were_never_sent_do_not_count() -> None:
    limits = limits_of(orders(50))

    for _ in range(200):
        assert limits.claim_order() is None
        limits.settle_order({}, was_sent=False, left_ns=0)


def test_orders_that_somebody_else_places_count() -> None:
    limits = limits_of(orders(50))

    place(limits, {"X-MBX-ORDER-COUNT-10S": "49", "X-MBX-ORDER-COUNT-1D": "3"})

    assert limits.claim_order() is not None


def test_orders_of_the_whole_day_are_bounded_too() -> None:
    limits = VenueLimits(clock=HandClock())

    place(limits, {"X-MBX-ORDER-COUNT-1D": "159999"})

    pause = limits.claim_order()
    assert pause is not None
    assert pause.duration is not None
    assert pause.duration > timedelta(hours=11)


def test_orders_on_their_way_count_before_they_are_answered() -> None:
    limits = limits_of(orders(10))

    claims = [limits.claim_order() for _ in range(12)]

    assert [claim is None for claim in claims] == [True] * 9 + [False] * 3


def test_threads_together_never_send_more_than_one_window_takes() -> None:
    limits = limits_of(orders(50), weight(1000))
    begin = threading.Barrier(8)
    sent: list[bool] = []

    def work() -> None:
        begin.wait(10)
        sent.extend(place(limits) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert (len(sent), sum(sent)) == (400, 45)


def test_nobody_sends_anything_while_the_venue_wants_quiet() -> None:
    clock = HandClock()
    limits = limits_of(clock=clock)

    limits.pause(30)
    limits.pause(5, PauseReason.VENUE_BLOCKED)
    clock.advance(10)

    assert [limits.claim(1, use) for use in Use] == [20, 20, 20]
    pause = limits.claim_order()
    assert pause is not None
    assert (pause.reason, pause.duration) == (
        PauseReason.RATE_LIMITED,
        timedelta(seconds=20),
    )
    assert limits.standing_pause() == pause
    clock.advance(20)
    assert limits.standing_pause() is None


def test_a_pause_goes_on_in_the_next_process() -> None:
    clock = HandClock()
    kept: list[datetime] = []
    first, second = limits_of(clock=clock), limits_of(clock=clock)
    first.remember(None, kept.append)
    first.pause(120)
    clock.advance(20)

    second.remember(kept[-1], kept.append)

    assert (second.pause_seconds(), len(kept)) == (100, 1)


def test_replies_to_a_burst_are_kept_once_but_a_longer_pause_is_kept() -> None:
    clock = HandClock()
    kept: list[datetime] = []
    limits = limits_of(clock=clock)
    limits.remember(None, kept.append)

    for seconds in (120, 120.5, 60, 240):
        limits.pause(seconds)

    assert [one - clock.now() for one in kept] == [
        timedelta(seconds=120),
        timedelta(seconds=240),
    ]


@pytest.mark.parametrize("seconds", [-1, 0, 3 * 86_400 + 1])
def test_a_pause_that_is_over_or_cannot_be_true_does_not_go_on(seconds: int) -> None:
    clock = HandClock()
    limits = limits_of(clock=clock)

    limits.remember(clock.now() + timedelta(seconds=seconds), print)

    assert limits.pause_seconds() == 0


def test_no_pause_is_longer_than_the_longest_ban() -> None:
    limits = limits_of()

    limits.pause(30 * 86_400)

    assert limits.pause_seconds() == 3 * 86_400


def test_time_of_the_venue_decides_which_window_it_is() -> None:
    clock = HandClock()
    limits = limits_of(orders(10), clock=clock)
    limits.set_time(datetime(2026, 11, 23, 12, 0, 9, tzinfo=UTC))
    while place(limits):
        pass

    clock.advance(1)

    assert place(limits)


def test_rate_limits_of_the_exchange_are_taken(shared_market_data: Path) -> None:
    folder = shared_market_data / "exchange_info"
    body = (folder / "spot-20240908-subset.json").read_bytes()

    found = parse_rate_limits(body)

    assert weight(6000) in found
    assert {limit.kind for limit in found} == set(LimitKind)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"rateLimitType": "CONNECTIONS", "interval": "MINUTE"},
        {
            "rateLimitType": "ORDERS",
            "interval": "FORTNIGHT",
            "intervalNum": 1,
            "limit": 1,
        },
        {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 0, "limit": 1},
        {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 0},
    ],
)
def test_limits_that_make_no_sense_are_left_out(entry: dict[str, Any]) -> None:
    assert parse_rate_limits(json.dumps({"rateLimits": [entry]}).encode()) == ()


def test_rate_limits_that_cannot_be_read_are_malformed() -> None:
    with pytest.raises(MalformedMessageError):
        parse_rate_limits(b'{"rateLimits":7}')


def test_limits_of_a_kind_that_no_header_tells_about_change_nothing() -> None:
    hourly = RateLimit(kind=LimitKind.WEIGHT, unit_seconds=3600, units=1, limit=1)
    limits = limits_of(*DEFAULT_LIMITS, hourly)

    assert limits.claim(100) == 0
    assert limits.claim(100) == 0


def test_reads_use_their_share_of_what_the_venue_states() -> None:
    limits = VenueLimits(clock=HandClock(), reads_per_minute=4000)
    assert limits.claim(4000) == 0
    assert limits.claim(1) > 0

    stated = RateLimit(kind=LimitKind.WEIGHT, unit_seconds=60, units=1, limit=1_000_000)
    limits.set_limits([stated])

    assert limits.claim(600_000) == 0


def counted(count: int) -> dict[str, str]:
    return {"X-MBX-ORDER-COUNT-10S": str(count)}


def claimed(clock: HandClock, *answers: tuple[str, int]) -> int:
    """Answer claims with (count or nothing, when its request left); return how many
    orders may still be sent of ten."""
    limits = limits_of(orders(10), clock=clock)
    for _ in answers:
        assert limits.claim_order() is None
    for count, left_ns in answers:
        headers = counted(int(count)) if count else NOTHING
        limits.settle_order(headers, was_sent=True, left_ns=left_ns)
    left = 0
    while limits.claim_order() is None:
        left += 1
    return left


def test_a_lower_count_of_an_answer_that_was_overtaken_does_not_count() -> None:
    assert claimed(HandClock(), ("6", 20), ("5", 10)) == 3


def test_an_overtaken_count_does_not_make_the_next_one_new() -> None:
    assert claimed(HandClock(), ("6", 20), ("5", 10), ("4", 15)) == 3


def test_a_lower_count_of_a_request_that_left_later_counts() -> None:
    assert claimed(HandClock(), ("6", 10), ("5", 20)) == 4


def test_a_higher_count_counts_whenever_its_request_left() -> None:
    assert claimed(HandClock(), ("5", 20), ("6", 10)) == 3


def test_an_order_without_an_answer_is_not_forgotten_by_an_older_count() -> None:
    assert claimed(HandClock(), ("5", 10), ("", 30), ("5", 20)) == 3


MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("hours", [-25, -2, -0.5, 0, 0.5, 2, 25])
def test_the_day_of_the_venue_ends_at_its_midnight_however_our_clock_is_set(
    hours: float,
) -> None:
    """Neither is a day's count forgotten before that, nor does it go on after it."""
    clock = HandClock()
    limits = VenueLimits(clock=clock)
    limits.set_time(MIDNIGHT - timedelta(hours=1))
    place(limits, {"X-MBX-ORDER-COUNT-1D": "159000"})

    clock.set_by(timedelta(hours=hours))
    before = limits.claim_order()
    clock.advance(3601)

    assert before is not None
    assert before.duration == timedelta(hours=1, seconds=0.05)
    assert place(limits)


def test_a_midnight_that_is_seen_twice_grants_no_day_twice() -> None:
    """Two answers on the venue's time differ by what each was on its way."""
    clock = HandClock()
    limits = VenueLimits(clock=clock)
    limits.set_time(MIDNIGHT)
    place(limits, {"X-MBX-ORDER-COUNT-1D": "159000"})

    limits.set_time(MIDNIGHT - timedelta(seconds=1))
    assert limits.claim_order() is not None
    clock.advance(2)

    assert limits.claim_order() is None, "the next answer says what is used"


@pytest.mark.parametrize(("before_s", "more"), [(1.0, 1), (-0.5, 0)])
def test_a_count_of_a_request_that_left_yesterday_is_not_of_today(
    before_s: float, more: int
) -> None:
    clock = HandClock()
    limits = VenueLimits(clock=clock)
    limits.set_time(MIDNIGHT - timedelta(seconds=before_s))
    assert limits.claim_order() is None
    left_ns = clock.monotonic_ns()
    clock.advance(2)

    limits.settle_order(
        {"X-MBX-ORDER-COUNT-1D": "159500"}, was_sent=True, left_ns=left_ns
    )

    assert int(limits.claim_order() is None) == more


def test_an_order_that_left_in_the_last_window_counts_as_one_of_this() -> None:
    clock = HandClock()
    limits = limits_of(orders(10), clock=clock)
    assert limits.claim_order() is None
    clock.advance(11)

    limits.settle_order(counted(9), was_sent=True, left_ns=0)

    assert sum(place(limits) for _ in range(10)) == 8


@pytest.mark.parametrize(("left_s", "wait"), [(59, 0), (60, 59)])
def test_weight_that_was_counted_before_this_minute_is_not_of_it(
    left_s: int, wait: int
) -> None:
    clock = HandClock()
    limits = limits_of(weight(6000), clock=clock)
    clock.advance(61)

    limits.learn({"X-MBX-USED-WEIGHT-1M": "6000"}, left_s * 1_000_000_000)

    assert limits.claim(1) == pytest.approx(wait, abs=0.1)


def test_counts_of_any_length_do_no_harm() -> None:
    limits = limits_of(orders(10))

    assert place(limits, {"X-MBX-ORDER-COUNT-10S": "9" * 5000})
