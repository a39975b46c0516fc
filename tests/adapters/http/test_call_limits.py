"""A token may make so many calls a second, but can always stop what it began."""

import pytest

from adapters.access.scopes import Scope
from tests.adapters.http.test_tokens import CALLS, Doorstep


WRITES, READS = 3, 5
LIMITED = (429, "TOO_MANY_CALLS")


@pytest.fixture
def service() -> Doorstep:
    return Doorstep(writes=WRITES, reads=READS)


def test_calls_beyond_the_limit_are_refused_and_do_nothing(service: Doorstep) -> None:
    token = service.make(Scope.TRADE)
    found = [service.answer(CALLS["place"], token) for _ in range(WRITES + 2)]

    assert found == [(201, None)] * WRITES + [LIMITED] * 2
    assert len(service.desk.placed) == WRITES
    assert service.call(CALLS["place"], token).headers["Retry-After"] == "1"


def test_limit_comes_back_with_time(service: Doorstep) -> None:
    token = service.make(Scope.TRADE)
    for _ in range(WRITES):
        service.answer(CALLS["place"], token)
    service.now += 1 / WRITES

    assert service.answer(CALLS["place"], token)[0] == 201
    assert service.answer(CALLS["place"], token) == LIMITED


def test_writes_and_reads_and_other_tokens_have_limits_of_their_own(
    service: Doorstep,
) -> None:
    wild, calm = service.make(Scope.TRADE, "wild"), service.make(Scope.TRADE, "calm")
    for _ in range(WRITES + READS):
        service.answer(CALLS["place"], wild)

    found = [service.answer(CALLS["read an order"], wild) for _ in range(READS + 1)]
    assert found == [(200, None)] * READS + [LIMITED]
    assert service.answer(CALLS["place"], calm)[0] == 201


@pytest.mark.parametrize("name", ["cancel", "cancel all", "halt"])
def test_a_wild_client_can_always_stop(service: Doorstep, name: str) -> None:
    token = service.make(Scope.TRADE)
    for _ in range(WRITES + 1):
        service.answer(CALLS["place"], token)

    assert [service.answer(CALLS[name], token)[0] for _ in range(20)] == [200] * 20


def test_refusals_for_the_limit_do_not_fill_the_audit_trail(service: Doorstep) -> None:
    token = service.make(Scope.TRADE)
    for _ in range(50):
        service.answer(CALLS["place"], token)
    service.audit.write()

    assert len(service.trail.entries) == WRITES


def test_callers_without_a_token_have_no_limit() -> None:
    service = Doorstep(needs_token=False, writes=1)

    assert [service.answer(CALLS["place"])[0] for _ in range(5)] == [201] * 5
