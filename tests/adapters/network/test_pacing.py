"""The pure objects that keep us below the venue's limits."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.network.pacing import SECOND_NS, Backoff, CalendarBudget, SlidingWindow


NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@given(st.lists(st.integers(0, SECOND_NS), min_size=1, max_size=60))
def test_window_never_holds_more_than_its_limit(steps: list[int]) -> None:
    window = SlidingWindow(limit=4, span_seconds=1)
    now_ns, sent = 0, []

    for step in steps:
        now_ns += step
        if not window.wait_seconds(now_ns):
            window.note(now_ns)
            sent.append(now_ns)

    for start in sent:
        assert sum(start <= time < start + SECOND_NS for time in sent) <= 4


def test_window_says_exactly_how_long_to_wait() -> None:
    window = SlidingWindow(limit=2, span_seconds=1)
    window.note(0)
    window.note(SECOND_NS // 4)

    wait = window.wait_seconds(SECOND_NS // 2)

    assert wait == 0.5
    assert window.wait_seconds(SECOND_NS // 2, spare=1) == 0.75
    assert window.wait_seconds(SECOND_NS) == 0


def test_backoff_doubles_up_to_its_limit_and_starts_anew() -> None:
    backoff = Backoff(first_seconds=1, max_seconds=30, rng=random.Random(3))

    waits = [backoff.next_seconds() for _ in range(8)]
    backoff.reset()

    for wait, most in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert most / 2 <= wait <= most
    assert 0.5 <= backoff.next_seconds() <= 1


def test_backoffs_of_two_feeds_differ() -> None:
    first, second = (
        Backoff(first_seconds=1, max_seconds=30, rng=random.Random(seed))
        for seed in (1, 2)
    )

    assert first.next_seconds() != second.next_seconds()


def test_budget_is_new_at_every_full_minute() -> None:
    budget = CalendarBudget(limit=100)
    late = NOON + timedelta(seconds=50)
    budget.spend(90, late)

    assert budget.wait_seconds(10, late) == 0
    assert budget.wait_seconds(11, late) == pytest.approx(10.05)
    assert budget.wait_seconds(11, NOON + timedelta(seconds=60)) == 0


def test_budget_is_not_new_because_a_clock_was_set_back() -> None:
    budget = CalendarBudget(limit=100)
    budget.spend(90, NOON)

    assert budget.wait_seconds(20, NOON - timedelta(seconds=1)) > 0
    assert budget.wait_seconds(20, NOON) > 0, "it is the same window again"
    assert budget.wait_seconds(20, NOON + timedelta(seconds=60)) == 0


def test_budget_is_new_in_each_window_behind_a_clock_that_was_set_far_back() -> None:
    budget = CalendarBudget(limit=100)
    budget.spend(90, NOON)
    hour_before = NOON - timedelta(hours=1)

    assert budget.wait_seconds(20, hour_before) > 0
    assert budget.wait_seconds(20, hour_before + timedelta(seconds=60)) == 0


def test_budget_believes_the_venue_when_it_counts_more() -> None:
    budget = CalendarBudget(limit=100)
    budget.spend(5, NOON)
    budget.learn(98, NOON)
    budget.learn(50, NOON)

    assert budget.wait_seconds(5, NOON) > 0


def test_request_above_the_whole_budget_goes_alone() -> None:
    budget = CalendarBudget(limit=100)

    assert budget.wait_seconds(250, NOON) == 0
    budget.spend(250, NOON)
    assert budget.wait_seconds(1, NOON) > 0
