"""Who makes the gateway's calls, and who has which call in hand."""

from collections import deque

from actors.messages.venue import PlaceCall, VenueCall
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import Place
from domain.execution import ChildOrder


RESERVED = 2
"""Workers that reads leave alone, so that orders never wait for reads. Of a crew that
is smaller than that, one reads all the same: or no doubt would ever be resolved."""


class Crew:
    """The gateway's workers."""

    def __init__(self, place: Place, workers: tuple[str, ...]) -> None:
        self._place = place
        self._free = deque(workers)
        self._reserved = min(RESERVED, len(workers) - 1)
        self._at_work: dict[str, tuple[ActorAddress | None, VenueCall]] = {}

    @property
    def has_free(self) -> bool:
        """Whether somebody could send an order now."""
        return bool(self._free)

    @property
    def has_free_for_reads(self) -> bool:
        """Whether somebody could make a call that is no order."""
        return len(self._free) > self._reserved

    def hand_over(self, call: VenueCall) -> None:
        """Give a call to somebody free."""
        worker = self._free.popleft()
        address = self._place.runtime.directory.lookup(worker)
        self._at_work[worker] = address, call
        if address is not None:
            address.tell(call)

    def done(self, worker: str, call: VenueCall) -> None:
        """Note that a worker has done a call; not ours when another gateway gave it."""
        if self._at_work.get(worker, (None, None))[1] is call:
            del self._at_work[worker]
            self._free.append(worker)

    def restarted(self, worker: str) -> VenueCall | None:
        """Return the call that a worker's predecessor took along, if there is one."""
        address, call = self._at_work.get(worker, (None, None))
        is_of_successor = address is self._place.runtime.directory.lookup(worker)
        if call is None or is_of_successor:
            return None
        del self._at_work[worker]
        self._free.append(worker)
        return call

    def children(self) -> list[ChildOrder]:
        """Return the children that were handed over and not answered."""
        calls = [call for _, call in self._at_work.values()]
        return [call.child for call in calls if isinstance(call, PlaceCall)]
