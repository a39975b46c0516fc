"""Until when a venue wants no requests is on disk."""

from datetime import UTC, datetime, timedelta

from adapters.persistence.store import SqlTradeStore, open_store
from domain.venue.answers import RateLimitBan


UNTIL = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
VENUE = "https://api.example"


def test_the_latest_word_of_each_venue_outlives_the_process(
    store: SqlTradeStore, database_url: str
) -> None:
    for minutes, venue in ((5, VENUE), (1, VENUE), (9, "https://other.example")):
        until = UNTIL + timedelta(minutes=minutes)
        store.save_rate_limit_ban(RateLimitBan(venue=venue, until=until))
    store.close()

    again = open_store(database_url)

    assert again.rate_limited_until(VENUE) == UNTIL + timedelta(minutes=1)
    again.close()


def test_a_venue_that_never_wanted_silence_has_none(store: SqlTradeStore) -> None:
    assert store.rate_limited_until(VENUE) is None
