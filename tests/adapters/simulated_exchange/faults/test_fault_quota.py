from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated_exchange.faults.fault_quota import FaultQuota


def hits(quota: FaultQuota, times: int) -> list[bool]:
    return [quota.hit() for _ in range(times)]


def test_a_fault_hits_once_unless_asked_otherwise() -> None:
    quota = FaultQuota(None, None, "x")

    assert hits(quota, 3) == [True, False, False]
    assert quota.is_used_up


@given(probability=st.floats(0, 1), source=st.text(max_size=5))
def test_chance_repeats_and_never_ends(probability: float, source: str) -> None:
    first = FaultQuota(None, probability, source)
    again = FaultQuota(None, probability, source)

    assert hits(first, 50) == hits(again, 50)
    assert not first.is_used_up


@given(count=st.integers(1, 5), probability=st.floats(0.3, 1))
def test_count_and_chance_together_hit_at_most_as_often(
    count: int, probability: float
) -> None:
    assert sum(hits(FaultQuota(count, probability, "x"), 200)) <= count
