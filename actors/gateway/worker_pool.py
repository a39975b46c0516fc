"""Who makes the gateway's calls, and who has which call in hand."""

from collections import deque
from collections.abc import Iterator

from actors.messages.gateway import PlaceCall, VenueCall, WorkerBarrier
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext


RESERVED = 2
"""Workers that reads leave alone, so that orders never wait for reads. Of a pool that
is smaller than that, one reads all the same: or no doubt would ever be resolved."""


_AnyCall = VenueCall | WorkerBarrier


class WorkerPool:
    """The gateway's workers; without any, it makes its calls itself, at once."""

    def __init__(self, context: ActorContext, workers: tuple[str, ...]) -> None:
        self._context = context
        self._is_needed = bool(workers)
        self._free = deque(workers)
        self._reserved = min(RESERVED, len(workers) - 1)
        self._at_work: dict[str, tuple[ActorAddress | None, _AnyCall]] = {}

    def begin_barrier(self) -> None:
        """Find out who still does what an earlier gateway gave out."""
        for worker in tuple(self._there()):
            self._give(worker, WorkerBarrier())

    @property
    def has_free(self) -> bool:
        """Whether somebody could send an order now."""
        return not self._is_needed or any(self._there())

    @property
    def has_free_for_reads(self) -> bool:
        """Whether somebody could make a call that is no order."""
        return not self._is_needed or len(list(self._there())) > self._reserved

    @property
    def may_look_up(self) -> bool:
        """Whether the venue can be asked, and nothing can reach it unseen any more."""
        return not self._awaited() and self.has_free_for_reads

    def hand_over(self, call: VenueCall) -> None:
        """Give a call to somebody free."""
        self._give(next(self._there()), call)

    def _there(self) -> Iterator[str]:
        """Return those who are free; who has failed is back when its name is taken."""
        directory = self._context.runtime.directory
        for worker in self._free:
            address = directory.lookup(worker)
            if address is not None and address.ref.is_alive():
                yield worker

    def _give(self, worker: str, call: _AnyCall) -> None:
        address = self._context.runtime.directory.lookup(worker)
        self._free.remove(worker)
        self._at_work[worker] = address, call
        if address is not None:  # should it fail just now, its successor's name tells
            address.tell(call)

    def done(self, worker: str, call: _AnyCall) -> None:
        """Note that a worker has done a call; not ours when another gateway gave it."""
        if self._at_work.get(worker, (None, None))[1] is call:
            del self._at_work[worker]
            self._free.append(worker)

    def restarted(self, worker: str) -> _AnyCall | None:
        """Return the call that a worker's predecessor took along, if there is one."""
        address, call = self._at_work.get(worker, (None, None))
        is_of_successor = address is self._context.runtime.directory.lookup(worker)
        if call is None or is_of_successor:
            return None
        del self._at_work[worker]
        self._free.append(worker)
        return call

    @property
    def in_flight(self) -> int:
        """How many children at most were sent, or may yet be, and not answered."""
        calls = [call for _, call in self._at_work.values()]
        placing = [call for call in calls if isinstance(call, PlaceCall)]
        return sum(call.permit.may_be_executed for call in placing) + self._awaited()

    def _awaited(self) -> int:
        """Count those who may have something of an earlier gateway in hand."""
        return sum(
            isinstance(call, WorkerBarrier) for _, call in self._at_work.values()
        )
