"""Until when a child may leave, and who can say that it may not."""

from datetime import datetime, timedelta

import pytest

from actors.permits import Permit, Permits
from actors.runtime.deterministic import VirtualClock
from tests.actors.stage import START


SECOND_NS = 1_000_000_000


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def permits() -> Permits:
    return Permits()


@pytest.fixture
def permit(clock: VirtualClock, permits: Permits) -> Permit:
    """One for five seconds."""
    until_ns = clock.monotonic_ns() + 5 * SECOND_NS
    permit = Permit(clock=clock, until_ns=until_ns, expires_at=None)
    permits.admit(permit)
    return permit


def test_a_permit_is_claimed_before_each_send(permit: Permit) -> None:
    assert permit.claim() is None
    permit.give_back()

    assert permit.claim() is None


def test_a_permit_ends_with_the_offers_age(permit: Permit, clock: VirtualClock) -> None:
    clock.set_ns(clock.monotonic_ns() + 5 * SECOND_NS)
    assert permit.claim() is None
    permit.give_back()

    clock.set_ns(clock.monotonic_ns() + 1)

    assert permit.claim() == "OFFER_TOO_OLD"


def test_a_permit_ends_with_the_orders_time(
    clock: VirtualClock, permits: Permits
) -> None:
    expires_at = START + timedelta(seconds=3)
    permit = Permit(clock=clock, until_ns=60 * SECOND_NS, expires_at=expires_at)
    permits.admit(permit)
    assert permit.claim() is None
    permit.give_back()

    clock.set_ns(3 * SECOND_NS + 1)

    assert permit.claim() == "ORDER_EXPIRED"


def test_a_permit_that_was_refused_once_is_refused_for_good(
    clock: VirtualClock, permits: Permits
) -> None:
    wall = WallClock(clock)
    permit = Permit(clock=wall, until_ns=60 * SECOND_NS, expires_at=START)
    permits.admit(permit)
    assert permit.refusal() == "ORDER_EXPIRED"

    wall.set_back = timedelta(days=1)

    assert permit.claim() == "ORDER_EXPIRED"


def test_a_permit_that_is_revoked_keeps_its_first_reason(permit: Permit) -> None:
    permit.revoke("HALTED")
    permit.revoke("STOPPING")

    assert permit.claim() == "HALTED"


def test_a_child_that_has_left_may_be_executed_whoever_revokes_its_permit(
    permit: Permit,
) -> None:
    permit.claim()

    permit.revoke("HALTED")

    assert permit.may_be_executed


def test_a_child_that_came_back_and_was_revoked_is_never_executed(
    permit: Permit,
) -> None:
    permit.claim()
    permit.revoke("HALTED")

    permit.give_back()

    assert not permit.may_be_executed


def test_permits_of_before_are_void_and_those_of_afterwards_count(
    permit: Permit, permits: Permits, clock: VirtualClock
) -> None:
    permits.void("GATEWAY_REPLACED")
    other = Permit(clock=clock, until_ns=60 * SECOND_NS, expires_at=None)
    permits.admit(other)

    assert permit.claim() == "GATEWAY_REPLACED"
    assert other.claim() is None


def test_nothing_counts_any_more_once_all_are_closed(
    permit: Permit, permits: Permits
) -> None:
    permits.close("another owns the database")
    permits.close("a later reason")

    permits.admit(permit)

    assert permit.claim() == "another owns the database"


class WallClock(VirtualClock):
    """A clock whose wall time somebody sets back."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(START)
        self._clock = clock
        self.set_back = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() - self.set_back
