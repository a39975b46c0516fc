import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from adapters.ids import OrderIds
from domain.ports.runtime import Clock


class SetClock(Clock):
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic_ns(self) -> int:
        return 0


START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_an_id_is_26_letters_without_the_ones_that_are_misread() -> None:
    new_id = OrderIds(SetClock(START))()

    assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", new_id)


def test_the_time_stands_in_front_as_the_ulid_specification_says() -> None:
    # The specification's own example of a time: 01ARYZ6S41 is 1469918176385.
    clock = SetClock(datetime.fromtimestamp(1469918176, UTC))
    clock.time += timedelta(milliseconds=385)

    assert OrderIds(clock)()[:10] == "01ARYZ6S41"


def test_ids_of_one_millisecond_ascend_and_differ() -> None:
    new_id = OrderIds(SetClock(START))

    made = [new_id() for _ in range(1000)]

    assert made == sorted(set(made))


def test_ids_ascend_when_the_clock_goes_back() -> None:
    clock = SetClock(START)
    new_id = OrderIds(clock)
    first = new_id()

    clock.time -= timedelta(hours=1)

    assert new_id() > first


def test_a_later_millisecond_gives_a_higher_id() -> None:
    clock = SetClock(START)
    new_id = OrderIds(clock)
    first = new_id()

    clock.time += timedelta(milliseconds=1)
    second = new_id()

    assert second > first
    assert second[10:] != first[10:]


def test_two_makers_at_the_same_instant_do_not_meet() -> None:
    makers = [OrderIds(SetClock(START)) for _ in range(100)]

    assert len({new_id() for new_id in makers}) == 100


def test_threads_never_get_the_same_id() -> None:
    new_id = OrderIds(SetClock(START))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(4000)))

    assert len(set(made)) == 4000
