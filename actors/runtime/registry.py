"""Pykka's registry of living actors, with removal in constant time.

Pykka keeps the refs in a list and scans it twice whenever an actor ends: with 100,000
open orders that held up everything for 2 ms at the end of each. Only the list is
replaced; what Pykka does with it stays.
"""

from collections.abc import Iterable, Iterator
from typing import Any, overload

import pykka


AnyRef = pykka.ActorRef[Any]


class RefList:
    """The part of a list's interface that the registry uses; each ref is in it once.

    Appending, removing and looking up a ref take constant time.
    """

    def __init__(self, refs: Iterable[AnyRef] = ()) -> None:
        self._refs: dict[AnyRef, None] = dict.fromkeys(refs)

    def __len__(self) -> int:
        """Count the refs."""
        return len(self._refs)

    def __iter__(self) -> Iterator[AnyRef]:
        """Iterate over the refs in the order in which they were appended."""
        return iter(self._refs)

    def __contains__(self, ref: object) -> bool:
        """Whether the ref is in the list."""
        return ref in self._refs

    @overload
    def __getitem__(self, index: int) -> AnyRef: ...

    @overload
    def __getitem__(self, index: slice) -> list[AnyRef]: ...

    def __getitem__(self, index: int | slice) -> AnyRef | list[AnyRef]:
        """Return the ref at an index, or a plain list of those in a slice."""
        return list(self._refs)[index]

    def append(self, ref: AnyRef) -> None:
        """Append a ref."""
        self._refs[ref] = None

    def remove(self, ref: AnyRef) -> None:
        """Remove a ref.

        Raises:
            ValueError: when the ref is not in the list.
        """
        if ref not in self._refs:
            raise ValueError(f"{ref} is not registered")
        del self._refs[ref]


def keep_refs_by_hash() -> None:
    """Make Pykka's registry use a ``RefList``; idempotent."""
    registry: Any = pykka.ActorRegistry
    with registry._actor_refs_lock:
        if not isinstance(registry._actor_refs, RefList):
            registry._actor_refs = RefList(registry._actor_refs)
