"""An order leaves only while it may: the permit is asked after each stamp."""

from collections.abc import Callable

import pytest
from urllib3.connection import HTTPConnection

from adapters.binance.trading.venue import BinanceVenue
from adapters.binance.venue_limits import VenueLimits
from domain.orders.child_order import ChildStatus
from domain.venue.answers import PauseReason, VenueAnswer
from tests.adapters.binance.trading.builders import child, fill_body, order_body
from tests.adapters.binance.trading.loopback import (
    Asked,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import FakePermit


LATE = error(-1021, "Timestamp for this request is outside of the recvWindow.")
FILLED = said(order_body(child(), fills=[fill_body("2")]))


def is_never_sent(answer: VenueAnswer, reason: str) -> bool:
    result = answer.result
    is_withheld = result is not None and result.status is ChildStatus.NEVER_SENT
    return is_withheld and result is not None and result.reason == reason


def is_skewed(answer: VenueAnswer) -> bool:
    return answer.pause is not None and answer.pause.reason is PauseReason.CLOCK_SKEWED


def late_first(
    at_late: Callable[[], object] = lambda: None,
) -> Callable[[Asked], Said | None]:
    """Refuse the time of the first order, and take the second one."""
    replies = [LATE, FILLED]

    def answers(asked: Asked) -> Said | None:
        if asked.method != "POST":
            return None
        if len(replies) == len([LATE, FILLED]):
            at_late()
        return replies.pop(0)

    return answers


def test_an_order_that_may_not_leave_is_not_sent(
    server: TradingServer, venue: BinanceVenue
) -> None:
    answer = venue.place(child(), FakePermit(revoked="HALTED"))

    assert is_never_sent(answer, "HALTED")
    assert server.calls() == []


def test_an_order_that_was_refused_for_its_time_asks_again_before_it_is_repeated(
    server: TradingServer, venue: BinanceVenue
) -> None:
    permit = FakePermit()
    server.answers = late_first()

    answer = venue.place(child(), permit)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.DONE
    assert (permit.claims, permit.is_claimed) == (2, True)


def test_an_order_that_was_refused_for_its_time_is_not_repeated_once_it_may_not_leave(
    server: TradingServer, venue: BinanceVenue
) -> None:
    permit = FakePermit()

    def revoke() -> None:
        permit.revoked = "HALTED"

    server.answers = late_first(revoke)

    answer = venue.place(child(), permit)

    assert is_never_sent(answer, "HALTED")
    assert is_skewed(answer)
    assert server.calls() == ["POST order"]
    assert not permit.is_claimed
    assert [asked.call for asked in server.asked].count("GET time") == 1


def test_an_order_may_not_leave_any_more_while_the_clock_is_measured(
    server: TradingServer, venue: BinanceVenue
) -> None:
    permit = FakePermit()
    replies = [LATE, FILLED]

    def answers(asked: Asked) -> Said | None:
        if asked.method == "POST":
            return replies.pop(0)
        if len(replies) == 1:
            assert not permit.is_claimed  # nobody has to wait for it
            permit.revoked = "STOPPING"
        return None

    server.answers = answers

    answer = venue.place(child(), permit)

    assert is_never_sent(answer, "STOPPING")
    assert is_skewed(answer)  # or nobody would know why nothing is traded
    assert server.calls() == ["POST order"]


def test_the_clock_is_measured_no_longer_than_the_order_may_leave(
    server: TradingServer, venue: BinanceVenue, clock: HandClock
) -> None:
    permit = FakePermit()
    refused = False

    def answers(asked: Asked) -> Said | None:
        nonlocal refused
        if asked.method == "POST":
            refused = True
            return LATE
        if refused:  # slowly enough that it would be asked again
            clock.advance(4)
            permit.revoked = "OFFER_TOO_OLD"
        return None

    server.answers = answers

    answer = venue.place(child(), permit)

    assert is_never_sent(answer, "OFFER_TOO_OLD")
    assert is_skewed(answer)
    assert [asked.call for asked in server.asked].count("GET time") == 2


def test_an_order_withheld_after_its_second_stamp_says_that_the_clock_is_wrong(
    server: TradingServer, venue: BinanceVenue
) -> None:
    class OnceOnly(FakePermit):
        def claim(self) -> str | None:
            self.revoked = "HALTED" if self.claims else None
            return super().claim()

    server.answers = late_first()

    answer = venue.place(child(), OnceOnly())

    assert is_never_sent(answer, "HALTED")
    assert is_skewed(answer)


@pytest.mark.parametrize("is_closed", ["closed", ""])
def test_a_pause_or_an_end_that_came_while_a_line_was_opened_keeps_the_order_back(
    server: TradingServer,
    venue: BinanceVenue,
    limits: VenueLimits,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    is_closed: str,
) -> None:
    server.answers = lambda asked: FILLED if asked.method == "POST" else None
    venue.place(child(), FakePermit())
    clock.advance(60)  # the connection is too old by now
    connect = HTTPConnection.connect

    def connect_meanwhile(connection: HTTPConnection) -> None:
        connect(connection)
        if is_closed:
            venue.close()
        else:
            limits.pause(30)

    monkeypatch.setattr(HTTPConnection, "connect", connect_meanwhile)
    permit = FakePermit()

    answer = venue.place(child(), permit)

    assert answer.result is not None
    assert answer.result.status is ChildStatus.NEVER_SENT
    assert (permit.claims, server.calls()) == (0, ["POST order"])


def test_an_order_may_not_leave_any_more_while_the_first_clock_is_measured(
    server: TradingServer, venue: BinanceVenue
) -> None:
    permit = FakePermit()

    def revoke(_asked: Asked) -> None:
        permit.revoked = "CANCEL_REQUESTED"

    server.answers = revoke

    answer = venue.place(child(), permit)

    assert is_never_sent(answer, "CANCEL_REQUESTED")
    assert server.calls() == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 403, 408, 200])
def test_a_code_proves_nothing_beside_a_status_that_leaves_the_outcome_open(
    server: TradingServer, venue: BinanceVenue, status: int
) -> None:
    server.answers = lambda asked: (
        error(-1021, "Timestamp ...", status) if asked.method == "POST" else None
    )

    answer = venue.place(child(), FakePermit())

    assert (answer.result, answer.is_absent) == (None, False)
    assert server.calls() == ["POST order"]


@pytest.mark.parametrize("code", [-2013, -2026])
def test_an_order_is_not_gone_because_a_broken_server_has_that_code_in_its_words(
    server: TradingServer, venue: BinanceVenue, code: int
) -> None:
    server.answers = lambda asked: (
        error(code, "Order ...", 503) if asked.call == "GET order" else None
    )

    answer = venue.look_up(child(), since=child().intended_at, thoroughly=False)

    assert (answer.result, answer.is_absent) == (None, False)
    assert answer.detail


def test_an_order_that_is_held_back_does_not_use_up_the_venues_limits(
    server: TradingServer, venue: BinanceVenue
) -> None:
    for _ in range(100):
        venue.place(child(), FakePermit(revoked="HALTED"))
    server.answers = lambda asked: FILLED if asked.method == "POST" else None

    assert venue.place(child(), FakePermit()).result is not None
    assert server.calls() == ["POST order"]
