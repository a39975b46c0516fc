"""A stage for actors, and the promise that none is left on it."""

from collections.abc import Iterator

import pykka
import pytest

from tests.actors.stage import Stage


@pytest.fixture(autouse=True)
def no_actor_is_left() -> Iterator[None]:
    """Fail a test that leaves an actor alive."""
    yield
    left = pykka.ActorRegistry.get_all()
    for ref in left:
        ref.actor_stopped.set()
        pykka.ActorRegistry.unregister(ref)
    assert not left


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.clear()
