import sys
import time
from datetime import UTC, datetime

import pytest

from adapters.clock import SystemClock


def test_the_clock_tells_aware_utc() -> None:
    before = datetime.now(UTC)  # noqa: TID251 - the oracle

    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now >= before


def test_monotonic_nanoseconds_never_go_back() -> None:
    clock = SystemClock()

    readings = [clock.monotonic_ns() for _ in range(1000)]

    assert readings == sorted(readings)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it has another name")
def test_the_clock_read_is_the_one_that_counts_while_the_machine_is_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a machine that never slept the two clocks read alike."""
    monkeypatch.setattr(time, "clock_gettime_ns", lambda number: number)

    assert SystemClock().monotonic_ns() == time.CLOCK_BOOTTIME


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it has another name")
def test_monotonic_nanoseconds_count_while_the_machine_is_suspended() -> None:
    clock = SystemClock()

    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    reading = clock.monotonic_ns()
    after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    assert before <= reading <= after
