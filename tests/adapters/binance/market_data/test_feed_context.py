"""Connection attempts stay below the venue's pace."""

from adapters.binance.market_data.feed_context import ConnectPace
from adapters.network.pacing import SECOND_NS
from tests.adapters.witnesses import HandClock


def test_three_hundred_connections_take_more_than_five_minutes() -> None:
    clock = HandClock()
    pace = ConnectPace(clock)

    for _ in range(300):
        while wait_seconds := pace.claim():
            clock.advance(wait_seconds)

    assert clock.passed_ns >= 300 * SECOND_NS
