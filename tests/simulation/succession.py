"""A second service takes the database while the first one runs on, whole or in parts.

What must hold then: the first one writes nothing more, so that no child of its own is
made after that; it sends at most what was on disk as an intent before, and only for as
long as the permit lasts; and it ends as soon as it has found out.
"""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, Final

from actors.messages.gateway import SubmitChild
from actors.messages.ledger import WriteRecord
from actors.messages.routing import Offer
from actors.runtime.addresses import Directory
from actors.runtime.runtime import ActorEnded
from domain.errors import TenureLostError
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.market.updates import DepthUpdate
from domain.orders.child_order import ChildOrder, Fill
from domain.orders.committed import CommittedBatch
from domain.orders.records import Record, RecordOutcome
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.risk.halt import Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan
from tests.simulation.disk import Disk
from tests.simulation.feed import MS
from tests.simulation.stage import CrashPoint
from tests.simulation.violations import SimulatedCrashError


if TYPE_CHECKING:
    from tests.simulation.world import World


SLEEPS_MS: Final = (0, 0, 0, 200, 1_500, 4_000, 8_000, 60_000)
"""For how long the first one may be stopped when the second one comes."""

CRASH: Final = 0.005
"""Of an actor of the first one, per message."""

STEPS_MAX: Final = 6


class OwnedDisk:
    """The disk as one life of the service has it, until another life takes it over.

    ``SqlTradeStore`` does the same in each transaction, and has tests of its own.
    """

    def __init__(self, disk: Disk) -> None:
        """Take the disk over."""
        disk.epoch += 1
        self._disk = disk
        self._epoch = disk.epoch
        self.is_lost_and_told = False
        """Whether this life has found out that another has the disk."""

    def check_tenure(self) -> None:
        newest = self._disk.epoch
        if newest != self._epoch:
            self.is_lost_and_told = True
            raise TenureLostError(epoch=self._epoch, newer=newest, owner="another")

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        self.check_tenure()
        return self._disk.write(records)

    def committed(self) -> CommittedBatch:
        return self._disk.committed()

    def save_halt(self, halt: Halt) -> None:
        self.check_tenure()
        self._disk.save_halt(halt)

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        self.check_tenure()
        self._disk.save_prices(points, keep_from, traded)

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        self.check_tenure()
        self._disk.save_rate_limit_ban(ban)

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        return self._disk.open_orders(symbol, after_sequence, limit)

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        return self._disk.open_order(order_id)

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        return self._disk.fills_between(symbol, since, until)

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        return self._disk.children_in_flight(symbol)

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        return self._disk.child_history(child_id)

    def last_sequence(self) -> int:
        return self._disk.last_sequence()

    def halt(self) -> Halt:
        return self._disk.halt()

    def close(self) -> None:
        """Do nothing: the disk stays."""


class Predecessor:
    """A life of the service that was succeeded, and does not know it yet."""

    def __init__(self, world: "World") -> None:
        """Detach the life that runs now from the world's other checks."""
        self._world = world
        self.dispatcher = world.dispatcher
        self.directory = world.directory
        self.feed = world.feed
        self._timers = world.timers
        self._root_watch = world.root_watch
        self._disk = world.owned_disk
        self._is_stopping = world.is_stopping
        self._intended = frozenset(world.disk.intents)
        sleep_ms = world.rng.choice(SLEEPS_MS)
        self._wakes_ns = world.clock.monotonic_ns() + sleep_ms * MS
        self.dispatcher.observers = {
            Offer: lambda _sender, _owner, message: world.leaving.offered(message),
            WriteRecord: world.leaving.recorded,
            SubmitChild: self._child_leaves,
        }
        self.dispatcher.note_read = world.leaving.note_read
        self.dispatcher.interrupt = lambda _: None
        self.dispatcher.expected = (SimulatedCrashError, TenureLostError)

    def run(self, steps: int) -> None:
        """Let it do something, unless it is stopped."""
        world, now = self._world, self._world.clock.monotonic_ns()
        if now < self._wakes_ns:
            return
        self.dispatcher.wake(now)
        self._timers.tell_due()
        self.feed.deliver()
        for _ in range(steps):
            if self.dispatcher.is_idle:
                break
            self.dispatcher.next_actor()
            fails = world.has_crashes and world.rng.random() < CRASH
            self.dispatcher.run_next(CrashPoint.BEFORE if fails else None)

    def _child_leaves(self, sender: Any, _owner: Any, message: SubmitChild) -> None:
        self._world.leaving.submitted(sender, message)
        self._world.liquidity.sent_by_others.add(message.child.child_id)

    def wake(self) -> None:
        """Let it run from now on."""
        self._wakes_ns = 0

    @property
    def has_ended(self) -> bool:
        """Whether its root has ended; it must have found out why."""
        ended = self._root_watch.all(ActorEnded)
        if ended:
            failure = ended[0].failure
            knows = isinstance(failure, TenureLostError)
            is_else = isinstance(failure, SimulatedCrashError) or self._is_stopping
            check = self._world.violations.check
            check(knows or is_else, "succeeded, and ended otherwise", failure)
            self._world.counts["predecessor found out"] += knows
        return bool(ended)

    def check_sending(self, child: ChildOrder) -> None:
        """Check a child that it sends, with another service on its database."""
        check = self._world.violations.check
        is_earlier = child.child_id in self._intended
        check(is_earlier, "sent without a tenure", child)
        knows = self._disk.is_lost_and_told
        check(not knows, "sent although it had found out", child)
        self._world.counts["predecessor sent a child"] += 1


class Succession:
    """All earlier lives that still run."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.running: Predecessor | None = None
        """The one whose actors run just now."""

        self.predecessors: list[Predecessor] = []

    def is_due(self) -> bool:
        """Whether another service comes now."""
        world = self._world
        chance = world.profile.succeeded
        if not chance or not world.has_crashes or world.dispatcher.is_killed:
            return False
        return len(self.predecessors) < 2 and world.rng.random() < chance

    def begin(self) -> None:
        """Have the life that runs now be succeeded."""
        self.predecessors.append(Predecessor(self._world))

    def go_on(self) -> None:
        """Let each do something."""
        rng: Random = self._world.rng
        for one in tuple(self.predecessors):
            self.running = one
            one.run(rng.randrange(STEPS_MAX))
            self.running = None
            if one.has_ended:
                self._forget(one)

    def send(self, update: DepthUpdate) -> None:
        """Show them the market, too."""
        for one in self.predecessors:
            one.feed.send(update)

    def heal(self) -> None:
        """Let all of them go on."""
        for one in self.predecessors:
            one.feed.heal()
            one.wake()

    def draw_door(self) -> Directory:
        """Return the service that a client comes to."""
        world = self._world
        if self.predecessors and world.rng.random() < 0.2:
            return world.rng.choice(self.predecessors).directory
        return world.directory

    def kill_all(self) -> None:
        """Have none of them ever run again."""
        for one in tuple(self.predecessors):
            self._forget(one)

    def _forget(self, one: Predecessor) -> None:
        one.dispatcher.forget_all()
        self._world.clients.lose_connections(one.directory)
        self._world.operators.lose_connections(one.directory)
        self.predecessors.remove(one)


def check_sending(world: "World", child: ChildOrder) -> None:
    """Check that whoever sends a child now may do so."""
    running: Any = world.succession.running
    if running is not None:
        running.check_sending(child)
    else:
        world.operators.check_permission(child)
    world.leaving.check_sending(child)
