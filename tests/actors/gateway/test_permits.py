"""Until when a child may leave, and who can say that it may not."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from types import FrameType
from typing import Any

import pytest

from actors.gateway import permits as permits_module
from actors.gateway.permits import ChildPermit, Permits
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
def permit(clock: VirtualClock, permits: Permits) -> ChildPermit:
    """One for five seconds."""
    until_ns = clock.monotonic_ns() + 5 * SECOND_NS
    permit = ChildPermit(clock=clock, until_ns=until_ns, expires_at=None)
    permits.admit(permit)
    return permit


def test_a_permit_is_claimed_before_each_send(permit: ChildPermit) -> None:
    assert permit.claim() is None
    permit.give_back()

    assert permit.claim() is None


def test_a_child_that_has_left_does_not_leave_again(permit: ChildPermit) -> None:
    permit.claim()

    with pytest.raises(AssertionError, match="it has left"):
        permit.claim()


def test_a_permit_ends_with_the_offers_age(
    permit: ChildPermit, clock: VirtualClock
) -> None:
    clock.set_ns(clock.monotonic_ns() + 5 * SECOND_NS)
    assert permit.claim() is None
    permit.give_back()

    clock.set_ns(clock.monotonic_ns() + 1)

    assert permit.claim() == "OFFER_TOO_OLD"


def test_a_permit_ends_with_the_orders_time(
    clock: VirtualClock, permits: Permits
) -> None:
    expires_at = START + timedelta(seconds=3)
    permit = ChildPermit(clock=clock, until_ns=60 * SECOND_NS, expires_at=expires_at)
    permits.admit(permit)
    assert permit.claim() is None
    permit.give_back()

    clock.set_ns(3 * SECOND_NS + 1)

    assert permit.claim() == "ORDER_EXPIRED"


def test_a_permit_that_was_refused_once_is_refused_for_good(
    clock: VirtualClock, permits: Permits
) -> None:
    wall = WallClock(clock)
    permit = ChildPermit(clock=wall, until_ns=60 * SECOND_NS, expires_at=START)
    permits.admit(permit)
    assert permit.refusal() == "ORDER_EXPIRED"

    wall.set_back = timedelta(days=1)

    assert permit.claim() == "ORDER_EXPIRED"


def test_a_permit_that_is_revoked_keeps_its_first_reason(permit: ChildPermit) -> None:
    permit.revoke("HALTED")
    permit.revoke("STOPPING")

    assert permit.claim() == "HALTED"


def test_a_child_that_has_left_may_be_executed_whoever_revokes_its_permit(
    permit: ChildPermit,
) -> None:
    permit.claim()

    permit.revoke("HALTED")

    assert permit.may_be_executed


def test_a_child_that_came_back_and_was_revoked_is_never_executed(
    permit: ChildPermit,
) -> None:
    permit.claim()
    permit.revoke("HALTED")

    permit.give_back()

    assert not permit.may_be_executed


def test_whenever_a_permit_is_revoked_its_claim_or_its_revoker_knows_that(
    clock: VirtualClock, permits: Permits
) -> None:
    """Whoever revokes it comes once before each step that a claim takes."""
    steps = 0
    while True:
        permit = ChildPermit(clock=clock, until_ns=60 * SECOND_NS, expires_at=None)
        permits.admit(permit)
        may_be_executed: list[bool] = []

        def revoke(
            permit: ChildPermit = permit, seen: list[bool] = may_be_executed
        ) -> None:
            permit.revoke("HALTED")
            seen.append(permit.may_be_executed)

        with at_step(steps, revoke):
            refusal = permit.claim()
        if not may_be_executed:
            break
        assert refusal == "HALTED" or may_be_executed == [True], f"step {steps}"
        steps += 1

    assert steps > 10


def test_permits_of_before_are_void_and_those_of_afterwards_count(
    permit: ChildPermit, permits: Permits, clock: VirtualClock
) -> None:
    permits.void("GATEWAY_REPLACED")
    other = ChildPermit(clock=clock, until_ns=60 * SECOND_NS, expires_at=None)
    permits.admit(other)

    assert permit.claim() == "GATEWAY_REPLACED"
    assert other.claim() is None


def test_nothing_counts_any_more_once_all_are_closed(
    permit: ChildPermit, permits: Permits
) -> None:
    permits.close("another owns the database")
    permits.close("a later reason")

    permits.admit(permit)

    assert permit.claim() == "another owns the database"


@contextmanager
def at_step(number: int, act: Callable[[], None]) -> Iterator[None]:
    """Act, as another thread might, before the nth step of a ``ChildPermit``."""
    steps = count()

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code.co_filename != permits_module.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == number:
            act()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


class WallClock(VirtualClock):
    """A clock whose wall time somebody sets back."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(START)
        self._clock = clock
        self.set_back = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() - self.set_back
