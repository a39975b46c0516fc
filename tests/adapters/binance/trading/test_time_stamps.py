"""Requests bear the venue's time, whatever this machine's clock says."""

import pytest

from adapters.binance.trading.venue import BinanceVenue
from domain.orders.child_order import ChildStatus
from domain.venue.answers import PauseReason
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


LATE = error(-1021, "Timestamp for this request is outside of the recvWindow.")
FILLED = said(order_body(child(), fills=[fill_body("2")]))


def test_late_order_is_sent_again_once_with_a_new_time(
    server: TradingServer, venue: BinanceVenue
) -> None:
    replies = [LATE, FILLED]

    def answers(asked: Asked) -> Said | None:
        if asked.call == "GET time":
            server.now_ms += 60_000
            return None
        return replies.pop(0)

    server.answers = answers

    answer = venue.place(child(), ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    stamps = [
        int(asked.fields["timestamp"])
        for asked in server.asked
        if asked.method == "POST"
    ]
    assert stamps[1] - stamps[0] == 60_000


def test_second_attempt_that_is_not_answered_is_unknown(
    server: TradingServer, venue: BinanceVenue
) -> None:
    replies = [LATE, Said(cut=True)]
    server.answers = lambda asked: replies.pop(0) if asked.method == "POST" else None

    answer = venue.place(child(), ALLOWED)

    assert (answer.result, answer.is_absent) == (None, False)
    assert server.calls() == ["POST order", "POST order"]


def test_late_question_is_asked_again_once(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    replies = [LATE, said(order_body(child(), "0"))]
    server.answers = lambda asked: replies.pop(0) if asked.call == "GET order" else None

    answer = venue.look_up(child(), since=clock.now(), thoroughly=False)

    assert answer.result is not None


@pytest.mark.parametrize(
    "trouble", [Said(status=502), Said(cut=True), said({"serverTime": "soon"})]
)
def test_nothing_is_sent_when_the_venue_does_not_tell_its_time(
    server: TradingServer, venue: BinanceVenue, trouble: Said
) -> None:
    server.answers = lambda _asked: trouble

    answer = venue.place(child(), ALLOWED)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.NEVER_SENT
    assert answer.pause is not None
    assert answer.pause.reason is PauseReason.VENUE_UNAVAILABLE
    assert server.calls() == []
