"""Subscribers of committed events, as witnesses of all lives of a world.

Each keeps what it was told together with its position, as one does that writes both to
a file, and comes back with it after every kill. What it is told must be what is on
disk: all of it, in the order of commits, and nothing twice.
"""

from random import Random
from typing import Final

from adapters.events.stream import EventStream, Subscription
from domain.errors import StoreUnavailableError
from domain.orders.committed import BEGINNING, CommittedEvent
from domain.orders.order import OrderEvent
from domain.values import OrderId
from tests.simulation.disk import Disk
from tests.simulation.violations import Violations


WAITING_MAX: Final = (2, 8, 4_096)
"""Events that may wait for one of them; drawn for each life."""

READS: Final = (0.2, 0.01, 0.002)
"""How often each of them reads, at each step: one keeps up, one hardly ever does."""


class Follower:
    """One subscriber."""

    def __init__(self, disk: Disk, violations: Violations) -> None:
        self._disk = disk
        self._check = violations.check
        self.position = BEGINNING
        self.told: list[CommittedEvent] = []
        self.subscription: Subscription | None = None
        self.stream: EventStream | None = None

    def come_back(self, stream: EventStream) -> None:
        """Subscribe at the next look; whether that can be depends on the disk."""
        self.stream, self.subscription = stream, None

    def read(self) -> bool:
        """Read once; False when there was nothing, or nobody could say."""
        assert self.stream is not None
        try:
            if self.subscription is None:
                self.subscription = self.stream.subscribe("witness", self.position)
            events = self.subscription.read()
        except StoreUnavailableError:
            return False
        there = self._disk.after(self.position, len(events))
        is_same = [(one.position, one.event) for one in events] == there
        self._check(is_same, "told another thing than is on disk", events, there)
        for one in events:
            is_known = one.order.version >= one.event.number
            self._check(is_known, "told with an order of before", one)
        self.told += events
        self.position = self.subscription.position
        return bool(events)


class Followers:
    """All of them, with luck of their own."""

    def __init__(self, seed: int, disk: Disk, violations: Violations) -> None:
        self._rng = Random(f"followers {seed}")
        self._disk = disk
        self._check = violations.check
        self._all = [Follower(disk, violations) for _ in READS]

    def begin_life(self) -> EventStream:
        """Come back to a service that has just been started; return its stream."""
        stream = EventStream(self._disk, self._rng.choice(WAITING_MAX))
        for one in self._all:
            one.come_back(stream)
        return stream

    def strike(self) -> None:
        """Read, or do not."""
        for one, chance in zip(self._all, READS, strict=True):
            if self._rng.random() < chance:
                one.read()

    def check_all(self) -> None:
        """Check that all that is on disk was told, once nothing goes on any more."""
        for one in self._all:
            while one.read():
                pass
            by_order: dict[OrderId, list[OrderEvent]] = {}
            for told in one.told:
                by_order.setdefault(told.event.order_id, []).append(told.event)
            there = {
                order_id: list(self._disk.events(order_id))
                for order_id in self._disk.all_orders
            }
            self._check(by_order == there, "not told what is on disk", len(one.told))
            ends = [told.order.order_id for told in one.told if told.is_end]
            is_once = len(ends) == len(set(ends))
            self._check(is_once, "an order ended twice", ends)
