"""The gateway's workers, and which call each of them is making."""

from collections import deque
from collections.abc import Iterator

from actors.messages.gateway import PlaceCall, VenueCall, WorkerBarrier
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext


RESERVED = 2
"""Workers kept free of reads, so that orders never wait for reads. In a pool that is
too small, one worker reads all the same, or no doubt would ever be resolved."""


_AnyCall = VenueCall | WorkerBarrier


class WorkerPool:
    """The gateway's workers; without any, the gateway makes its calls itself."""

    def __init__(self, context: ActorContext, workers: tuple[str, ...]) -> None:
        self._context = context
        self._is_needed = bool(workers)
        self._free = deque(workers)
        self._reserved = min(RESERVED, len(workers) - 1)
        self._at_work: dict[str, tuple[ActorAddress | None, _AnyCall]] = {}

    def begin_barrier(self) -> None:
        """Find out which workers are still busy with calls of an earlier gateway."""
        for worker in tuple(self._there()):
            self._give(worker, WorkerBarrier())

    @property
    def has_free(self) -> bool:
        """Whether a worker is free to send an order."""
        return not self._is_needed or any(self._there())

    @property
    def has_free_for_reads(self) -> bool:
        """Whether a worker is free for a call that is not an order."""
        return not self._is_needed or len(list(self._there())) > self._reserved

    @property
    def may_look_up(self) -> bool:
        """Whether a worker may look up now: no call of an earlier gateway is left."""
        return not self._awaited() and self.has_free_for_reads

    def hand_over(self, call: VenueCall) -> None:
        """Give a call to a free worker."""
        self._give(next(self._there()), call)

    def _there(self) -> Iterator[str]:
        """Yield the free workers that are alive; a failed one returns as NameTaken."""
        directory = self._context.runtime.directory
        for worker in self._free:
            address = directory.lookup(worker)
            if address is not None and address.ref.is_alive():
                yield worker

    def _give(self, worker: str, call: _AnyCall) -> None:
        address = self._context.runtime.directory.lookup(worker)
        self._free.remove(worker)
        self._at_work[worker] = address, call
        if address is not None:  # if it has just failed, NameTaken reports that
            address.tell(call)

    def done(self, worker: str, call: _AnyCall) -> None:
        """Note that a worker has done a call; ignores one from an earlier gateway."""
        if self._at_work.get(worker, (None, None))[1] is call:
            del self._at_work[worker]
            self._free.append(worker)

    def restarted(self, worker: str) -> _AnyCall | None:
        """Return the call that was lost with a worker's predecessor, if any."""
        address, call = self._at_work.get(worker, (None, None))
        is_of_successor = address is self._context.runtime.directory.lookup(worker)
        if call is None or is_of_successor:
            return None
        del self._at_work[worker]
        self._free.append(worker)
        return call

    @property
    def in_flight(self) -> int:
        """At most how many unanswered children were sent, or may still be sent."""
        calls = [call for _, call in self._at_work.values()]
        placing = [call for call in calls if isinstance(call, PlaceCall)]
        return sum(call.permit.may_be_executed for call in placing) + self._awaited()

    def _awaited(self) -> int:
        """Count the workers that may still be making an earlier gateway's call."""
        return sum(
            isinstance(call, WorkerBarrier) for _, call in self._at_work.values()
        )
