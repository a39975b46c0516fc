from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.runtime.registry import RefList, keep_refs_by_hash


class Idle(pykka.ThreadingActor):
    pass


@pytest.fixture
def registry() -> Iterator[Any]:
    """Give the registry its own list back at the end."""
    registry: Any = pykka.ActorRegistry
    before = registry._actor_refs
    keep_refs_by_hash()
    yield registry
    registry._actor_refs = list(before)


def test_the_registry_works_as_with_its_own_list(registry: Any) -> None:
    first, second, third = (Idle.start() for _ in range(3))

    assert registry.get_all() == [first, second, third]
    assert registry.get_by_urn(second.actor_urn) is second
    assert second.stop()
    assert registry.get_all() == [first, third]
    assert registry.stop_all() == [True, True]
    assert registry.get_all() == []


def test_who_is_registered_stays_so_when_the_list_is_changed() -> None:
    registry: Any = pykka.ActorRegistry
    before = registry._actor_refs
    ref = Idle.start()

    keep_refs_by_hash()
    kept = registry._actor_refs
    keep_refs_by_hash()

    assert registry._actor_refs is kept
    assert registry.get_all() == [ref]
    ref.stop()
    registry._actor_refs = before
    before.clear()


def test_a_ref_is_found_without_looking_at_the_others(registry: Any) -> None:
    class Unlike:
        """Hashes as itself, and cannot be compared."""

        __hash__ = object.__hash__

        def __eq__(self, other: object) -> bool:
            raise AssertionError(other)

    refs: list[Any] = [Unlike() for _ in range(100)]
    found = RefList()
    for ref in refs:
        found.append(ref)

    found.remove(refs[50])

    assert len(found) == 99
    assert refs[99] in found
    assert refs[50] not in found
    assert registry.get_all() == []


def test_a_ref_that_is_not_there_cannot_be_removed() -> None:
    ref = Idle.start()

    with pytest.raises(ValueError, match="is not registered"):
        RefList().remove(ref)

    ref.stop()
