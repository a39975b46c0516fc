"""The garbage collector keeps away from what is made to stay."""

import gc
from collections.abc import Iterator

import pytest

from actors.runtime.threaded import made_to_stay


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.unfreeze()


def test_what_is_made_to_stay_is_never_gone_through() -> None:
    with made_to_stay():
        assert not gc.isenabled()
        made: list[list[int]] = [[number] for number in range(1_000)]

    assert gc.isenabled()
    collected = gc.get_objects()
    assert not any(one is made for one in collected)


def test_a_start_that_fails_leaves_the_collector_on() -> None:
    with pytest.raises(ZeroDivisionError), made_to_stay():
        1 / 0  # noqa: B018 - for its error

    assert gc.isenabled()
