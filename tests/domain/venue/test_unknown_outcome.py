from datetime import timedelta

import pytest

from domain.venue.unknown_outcome import ResolutionTimes


@pytest.mark.parametrize(
    ("look_ups", "seconds"),
    [(0, 1), (1, 2), (2, 4), (9, 512), (10, 1024), (11, 1024), (10**9, 1024)],
)
def test_each_wait_is_twice_the_one_before_up_to_ten_times(
    look_ups: int, seconds: int
) -> None:
    times = ResolutionTimes(first=timedelta(seconds=1), longest=timedelta(days=1))

    assert times.pause(look_ups) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("look_ups", "seconds"), [(0, 0.25), (1, 0.5), (4, 4), (5, 5), (99, 5)]
)
def test_no_wait_is_longer_than_the_longest(look_ups: int, seconds: float) -> None:
    assert ResolutionTimes().pause(look_ups) == timedelta(seconds=seconds)
