"""How old events are, by the venue's own times."""

import pytest

from adapters.market_data.event_ages import EventAges


SECOND_NS = 1_000_000_000
EPOCH_MS = 1_700_000_000_000
"""The venue's time when our clock is at zero."""


@pytest.fixture
def ages() -> EventAges:
    ages = EventAges()
    ages.epoch_ns = EPOCH_MS * 1_000_000
    return ages


def test_an_event_is_as_old_as_the_venues_clock_is_past_it(ages: EventAges) -> None:
    stated_ns = ages.stated_ns(EPOCH_MS + 3_000, 10 * SECOND_NS)

    assert stated_ns == 3 * SECOND_NS
    assert ages.age_ns == 7 * SECOND_NS


def test_no_event_is_stated_after_it_was_received(ages: EventAges) -> None:
    assert ages.stated_ns(EPOCH_MS + 10_050, 10 * SECOND_NS) == 10 * SECOND_NS


def test_ages_are_unknown_before_the_venue_told_its_time() -> None:
    assert EventAges().stated_ns(EPOCH_MS, 10 * SECOND_NS) == 0


def test_times_of_another_clock_say_nothing(ages: EventAges) -> None:
    """A recording with its own times, say, or a server without any."""
    for number in range(3):
        assert ages.stated_ns(number, 10 * SECOND_NS) == 0
    assert ages.age_ns == 0


def test_an_hour_late_is_late_once_the_times_were_seen_to_fit(ages: EventAges) -> None:
    ages.stated_ns(EPOCH_MS + 1_000, SECOND_NS)

    assert ages.stated_ns(EPOCH_MS + 1_000, 7201 * SECOND_NS) == SECOND_NS
    assert ages.age_ns == 7200 * SECOND_NS
