import pytest

from adapters.simulated_exchange.wire.weights import (
    BAN_MS,
    WARNINGS_MAX,
    ConnectMeter,
    WeightMeter,
)


class ManualClock:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.now_ms = 1_700_000_080_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_weight_is_counted_for_each_address(clock: ManualClock) -> None:
    meter = WeightMeter(clock, enforce=True)

    meter.charge("a", 250)

    assert meter.charge("a", 5).used == 255
    assert meter.charge("b", 5).used == 5


def test_weight_begins_anew_with_the_calendar_minute(clock: ManualClock) -> None:
    meter = WeightMeter(clock, enforce=True)
    meter.charge("a", 250)

    clock.now_ms += 20_000

    assert meter.charge("a", 5).used == 5


def test_over_the_limit_the_wait_lasts_to_the_end_of_the_minute(
    clock: ManualClock,
) -> None:
    meter = WeightMeter(clock, enforce=True)
    clock.now_ms += 21_500

    verdict = meter.charge("a", 6001)

    assert (verdict.retry_after_seconds, verdict.banned_until_ms) == (59, 0)


def test_whoever_goes_on_is_banned_and_longer_each_time(clock: ManualClock) -> None:
    meter = WeightMeter(clock, enforce=True)
    waits = []
    for _ in range(2):
        for _ in range(WARNINGS_MAX + 1):
            verdict = meter.charge("a", 6001)
        waits.append(verdict.retry_after_seconds * 1000)
        clock.now_ms = verdict.banned_until_ms
        assert meter.charge("a", 1).retry_after_seconds == 0

    assert waits == [BAN_MS, 2 * BAN_MS]


def test_lifted_limits_still_count(clock: ManualClock) -> None:
    meter = WeightMeter(clock, enforce=False)

    verdict = meter.charge("a", 60_000)

    assert (verdict.used, verdict.retry_after_seconds) == (60_000, 0)


def test_connects_are_limited_within_five_minutes(clock: ManualClock) -> None:
    meter = ConnectMeter(clock, enforce=True)

    allowed = [meter.allow("a") for _ in range(301)]
    clock.now_ms += 300_001

    assert allowed == [True] * 300 + [False]
    assert meter.allow("a")
