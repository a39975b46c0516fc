from datetime import UTC, datetime

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
