"""The pure objects that keep us below the venue's limits."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.market_data.context import ConnectPace
from adapters.binance.market_data.outbox import Outbox
from adapters.network.pacing import SECOND_NS, Backoff, CalendarBudget, SlidingWindow
from tests.adapters.binance.witnesses import HandClock


NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


class WireTap:
    """The sending side of a websocket, written down."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_text(self, text_data: str) -> int:
        self.sent.append(text_data)
        return len(text_data)

    def ping(self, payload: bytes) -> None:
        self.sent.append(f"ping {payload.decode()}")

    def send_pong(self, payload: bytes) -> None:
        self.sent.append(f"pong {payload.decode()}")


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


def test_three_hundred_connections_take_more_than_five_minutes() -> None:
    clock = HandClock()
    pace = ConnectPace(clock)

    for _ in range(300):
        while wait_seconds := pace.claim():
            clock.advance(wait_seconds)

    assert clock.passed_ns >= 300 * SECOND_NS


def test_outbox_stays_below_five_messages_a_second() -> None:
    requests = [f"request {number}" for number in range(12)]
    outbox = Outbox(lambda _now_ns: requests.pop(0) if requests else None)
    tap, sent_at = WireTap(), []

    for tick in range(200):
        now_ns = tick * SECOND_NS // 10
        before = len(tap.sent)
        outbox.answer_ping(tap, b"flood", now_ns)
        outbox.send_due(tap, now_ns)
        sent_at += [now_ns] * (len(tap.sent) - before)

    assert "request 11" in tap.sent
    for start in sent_at:
        assert sum(start <= time <= start + SECOND_NS for time in sent_at) < 5


def test_pong_goes_out_at_once_while_requests_wait() -> None:
    outbox = Outbox(lambda _now_ns: "request")
    tap = WireTap()

    outbox.send_due(tap, 0)
    outbox.answer_ping(tap, b"1", 0)

    assert tap.sent == ["request"] * 3 + ["pong 1"]


def test_probe_waits_for_the_pace_like_any_message() -> None:
    outbox = Outbox(lambda _now_ns: None)
    tap = WireTap()

    sent = [outbox.send_ping(tap, now_ns) for now_ns in range(7, 11)]

    assert sent == [True, True, True, False]
    assert tap.sent == ["ping 7", "ping 8", "ping 9"]


def test_flood_of_pings_is_answered_by_the_latest_payload() -> None:
    outbox = Outbox(lambda _now_ns: None)
    tap = WireTap()

    for number in range(10):
        outbox.answer_ping(tap, str(number).encode(), 0)
    outbox.send_due(tap, 2 * SECOND_NS)

    assert tap.sent == ["pong 0", "pong 1", "pong 9"]
