from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated_exchange.history.candles import (
    KEPT,
    Candle,
    Candles,
    Printed,
)
from adapters.simulated_exchange.history.intervals import (
    DAY,
    HOUR,
    INTERVALS,
    MINUTE,
    SECOND,
    read_zone,
)
from adapters.simulated_exchange.market.amounts import SCALE


BEGIN_MS = 1_700_000_000_000
"""2023-11-14 22:13:20 UTC, a Tuesday."""
ZONES = (0, 8 * HOUR, -HOUR, 5 * HOUR + 45 * MINUTE)


def printed(number: int, at_ms: int, price: int = 5, quantity: int = 2) -> Printed:
    return Printed(
        first_id=number,
        last_id=number,
        price=price * SCALE,
        quantity=quantity * SCALE,
        at_ms=at_ms,
        buyer_is_maker=bool(number % 2),
    )


def counted(prints: Sequence[Printed]) -> Candles:
    candles = Candles()
    for one in prints:
        candles.count(one)
    return candles


@given(
    pauses=st.lists(st.integers(0, 3 * HOUR), min_size=1, max_size=40),
    prices=st.lists(st.integers(1, 99), min_size=40, max_size=40),
    name=st.sampled_from(sorted(INTERVALS)),
    zone_ms=st.sampled_from(ZONES),
)
def test_candles_are_what_the_trades_of_their_time_add_up_to(
    pauses: list[int], prices: list[int], name: str, zone_ms: int
) -> None:
    at_ms, prints = BEGIN_MS, []
    for number, pause in enumerate(pauses):
        at_ms += pause
        prints.append(printed(number, at_ms, prices[number]))
    interval = INTERVALS[name]

    found = counted(prints).of(interval, zone_ms, at_ms, (None, None), 1000)

    assert found[-1].open_ms == interval.open_of(at_ms, zone_ms)
    for candle in found:
        until_ms = interval.next_open(candle.open_ms, zone_ms)
        own = [one for one in prints if candle.open_ms <= one.at_ms < until_ms]
        assert candle.count == len(own)
        assert candle.volume == sum(one.quantity for one in own)
        if own:
            own_prices = [one.price for one in own]
            assert (candle.open, candle.close) == (own_prices[0], own_prices[-1])
            assert (candle.high, candle.low) == (max(own_prices), min(own_prices))
            assert (candle.first_id, candle.last_id) == (
                own[0].first_id,
                own[-1].last_id,
            )
            assert candle.quote_volume == sum(
                one.price * one.quantity // SCALE for one in own
            )
            assert candle.taker_volume == sum(
                one.quantity for one in own if not one.buyer_is_maker
            )


@given(
    at_ms=st.integers(0, 4_102_444_800_000),
    name=st.sampled_from(sorted(INTERVALS)),
    zone_ms=st.sampled_from(ZONES),
)
def test_every_moment_is_in_the_interval_that_holds_it(
    at_ms: int, name: str, zone_ms: int
) -> None:
    interval = INTERVALS[name]

    open_ms = interval.open_of(at_ms, zone_ms)

    assert open_ms <= at_ms < interval.next_open(open_ms, zone_ms)
    assert interval.open_of(open_ms, zone_ms) == open_ms


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    monday = int(datetime(2023, 11, 13, tzinfo=UTC).timestamp()) * SECOND
    first = int(datetime(2023, 11, 1, tzinfo=UTC).timestamp()) * SECOND
    december = int(datetime(2023, 12, 1, tzinfo=UTC).timestamp()) * SECOND
    january = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * SECOND

    assert INTERVALS["1w"].open_of(BEGIN_MS, 0) == monday
    assert INTERVALS["1M"].open_of(BEGIN_MS, 0) == first
    assert INTERVALS["1M"].opens(first, january, 0) == [first, december, january]


def test_a_time_without_trades_keeps_the_last_price() -> None:
    candles = counted([printed(1, BEGIN_MS, 5), printed(2, BEGIN_MS + 3 * SECOND, 9)])

    found = candles.of(INTERVALS["1s"], 0, BEGIN_MS + 5 * SECOND, (None, None), 1000)

    assert [one.close // SCALE for one in found] == [5, 5, 5, 9, 9, 9]
    assert [one.count for one in found] == [1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("between", "limit", "expected"),
    [
        ((None, None), 2, [4, 5]),
        ((1, None), 2, [1, 2]),
        ((None, 3), 2, [2, 3]),
        ((1, 3), 1000, [1, 2, 3]),
        ((-9, 0), 1000, [0]),
        ((6, None), 1000, []),
        ((3, 1), 1000, []),
    ],
)
def test_a_range_chooses_by_where_candles_begin(
    between: tuple[int | None, int | None], limit: int, expected: list[int]
) -> None:
    candles = counted([printed(n, BEGIN_MS + n * SECOND) for n in range(6)])
    since, until = (None if one is None else BEGIN_MS + one * SECOND for one in between)

    now_ms = BEGIN_MS + 5 * SECOND
    found = candles.of(INTERVALS["1s"], 0, now_ms, (since, until), limit)

    assert [(one.open_ms - BEGIN_MS) // SECOND for one in found] == expected


def test_an_interval_of_which_a_part_is_forgotten_is_not_shown() -> None:
    seconds = KEPT[SECOND] + 30
    candles = counted([printed(n, BEGIN_MS + n * SECOND) for n in range(seconds)])

    now_ms = BEGIN_MS + (seconds - 1) * SECOND
    by_second = candles.of(INTERVALS["1s"], 0, now_ms, (None, None), 5000)
    by_minute = candles.of(INTERVALS["1m"], 0, now_ms, (None, None), 5000)

    assert len(by_second) == KEPT[SECOND]
    assert sum(one.count for one in by_minute) == seconds


def test_minutes_of_the_last_hours_and_the_one_before_are_found() -> None:
    candles = counted([printed(n, BEGIN_MS + n * HOUR, n + 1) for n in range(4)])

    found, before = candles.recent(BEGIN_MS + 2 * HOUR - MINUTE)

    assert [one.close // SCALE for one in found] == [3, 4]
    assert before is not None
    assert before.close // SCALE == 2


@pytest.mark.parametrize(
    ("text", "zone_ms"),
    [
        ("0", 0),
        ("8", 8 * HOUR),
        ("-1:00", -HOUR),
        ("05:45", 5 * HOUR + 45 * MINUTE),
        ("-12:00", -12 * HOUR),
        ("+14:00", 14 * HOUR),
        ("14:01", None),
        ("-13", None),
        ("1:60", None),
        ("UTC", None),
        ("", None),
    ],
)
def test_a_zone_is_read_as_the_venue_takes_it(text: str, zone_ms: int | None) -> None:
    assert read_zone(text) == zone_ms


def test_no_day_is_longer_than_what_is_counted_in_days() -> None:
    prints = [printed(n, BEGIN_MS + n * DAY) for n in range(40)]

    now_ms = BEGIN_MS + 39 * DAY
    found: list[Candle] = counted(prints).of(
        INTERVALS["1M"], 0, now_ms, (None, None), 1000
    )

    assert [one.count for one in found] == [17, 23]
