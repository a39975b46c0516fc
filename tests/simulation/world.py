"""A whole service in one thread; its market, disk and clients; and bad luck."""

from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar

from actors.executor.executor import Executor
from actors.gateway.access import VenueAccess
from actors.gateway.paper_venue import PaperVenue
from actors.listener import Listener
from actors.messages.recording import WriteRecord, Written
from actors.messages.venue import SubmitChild
from actors.router.router import Router
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress, Directory
from actors.runtime.deterministic import VirtualClock, VirtualTimers
from actors.runtime.runtime import ActorEnded, Runtime
from actors.runtime.timers import NANOSECONDS
from actors.supervision import RestartBudget
from actors.system import Surroundings, drain, start_system
from domain.ports import TradeStore
from domain.reasons import BookState
from domain.records import Stored
from domain.values import Side, Symbol
from tests.fakes import FakeAnnouncer, FakeMeter, Recorder
from tests.simulation.clients import Clients
from tests.simulation.disk import Disk
from tests.simulation.feed import MS, SimFeed
from tests.simulation.leaving import Leaving
from tests.simulation.liquidity import Liquidity
from tests.simulation.mirror import MirroredDisk
from tests.simulation.profile import draw_profile
from tests.simulation.stage import CrashPoint, SimDispatcher
from tests.simulation.venue import SimVenue, rules_of
from tests.simulation.violations import (
    SimulatedCrashError,
    ViolationError,
    Violations,
)


A = TypeVar("A", bound=RuntimeActor)

START = datetime(2026, 1, 1, tzinfo=UTC)
SPANS_MS = (*(2, 10, 10, 30, 100, 100) * 4, 300, 300, 1_000, 1_000, 12_000)
"""How long a round takes."""

STEPS_MAX = 50_000
"""More than any world needs to come to rest; beyond it, actors keep each other busy."""

PATIENT = RestartBudget(restarts=1_000_000, within_seconds=1.0)


class World:
    """One seed's world. Everything that happens in it follows from the seed."""

    def __init__(self, seed: int, mirror: TradeStore | None = None) -> None:
        """Make a world.

        Args:
            seed: decides everything.
            mirror: a real store that is to say the same as the simulated disk.
        """
        rng = self.rng = Random(seed)
        self.profile = draw_profile(rng)
        self.clock = VirtualClock(START)
        self.violations = Violations()
        symbols = [Symbol(f"SYM{number}") for number in range(self.profile.symbols)]
        self.venues = {symbol: SimVenue(symbol, rng) for symbol in symbols}
        self.disk = (
            Disk(self.violations)
            if mirror is None
            else MirroredDisk(self.violations, mirror)
        )
        self.feed = SimFeed(
            self.venues, rng=rng, clock=self.clock, profile=self.profile
        )
        self.clients = Clients(
            rng=rng,
            clock=self.clock,
            disk=self.disk,
            venues=self.venues,
            violations=self.violations,
        )
        self.liquidity = Liquidity(self.venues, self.disk, self.violations)
        self.leaving = Leaving(self.disk, self.clock, self.violations)
        self.disk.on_commit = self.liquidity.check_fills
        self.announcer = FakeAnnouncer()
        self.outage_until: int | None = None
        self.has_crashes = True
        self.steps = 0
        self.lives = 0
        self.counts: Counter[str] = Counter()
        """How often what happened, to see that a seed tests anything."""

        self.trace: Any = None
        self.start()

    # Lives of the process.

    def start(self) -> None:
        self.lives += 1
        self.dispatcher = SimDispatcher(self.rng, self.violations, self.profile.slow)
        self.dispatcher.observers = {
            **self.liquidity.observers(),
            SubmitChild: self._child_leaves,
            WriteRecord: self.leaving.recorded,
            Written: self._check_written,
        }
        self.dispatcher.note_read = self.leaving.note_read
        self.dispatcher.trace = self.trace
        self.timers = VirtualTimers(self.clock)
        self.directory = Directory()
        self.runtime = Runtime(
            dispatcher=self.dispatcher,
            clock=self.clock,
            timers=self.timers,
            directory=self.directory,
        )
        around = Surroundings(
            rules={symbol: rules_of(symbol) for symbol in self.venues},
            feed=self.feed,
            store=self.disk,
            announcer=self.announcer,
            meter=FakeMeter(),
            access=VenueAccess(venue=PaperVenue(self.clock.now)),
            matches_max=self.profile.limits.matches,
            symbol_budget=PATIENT,
            root_budget=PATIENT,
        )
        self.root_watch = Recorder()
        self.root: ActorAddress = start_system(self.runtime, around, self.root_watch)

    def restart(self) -> None:
        """Kill the process, and start it again on the same disk."""
        self.say("KILL")
        self.dispatcher.forget_all()
        self.clients.lose_connections()
        self.feed.reset()
        self.disk.crash_before_commit = self.disk.crash_after_commit = None
        self.start()

    def stop(self) -> None:
        """Stop the process in order; nothing may be left of it."""
        self.say("STOP")
        self._end_outage()
        drain(self.root)
        for second in range(100):
            self.has_crashes = self.has_crashes and second < 3
            self.run_until_idle()
            if self.root_watch.received:
                break
            self.pass_time(NANOSECONDS)
        check = self.violations.check
        check(bool(self.root_watch.received), "the service did not stop")
        self.violations.raise_first()
        if self.root_watch.only(ActorEnded).failure is not None:
            self.run_until_idle()
        for actor in self.dispatcher.actors:
            is_alive = actor.actor_ref.is_alive()
            check(not is_alive, "outlived the service", actor.place.name)
        self.has_crashes = True
        self.violations.raise_first()

    # Time, market, clients, faults.

    def round(self) -> None:
        """Let a little of everything happen."""
        rng, profile = self.rng, self.profile
        span = rng.choice(SPANS_MS)
        self.pass_time(span * MS)
        for venue in self.venues.values():
            if rng.random() < 0.7:
                self.feed.send(venue.change())
        self.clients.act(self.directory, profile)
        self._strike()
        steps = min(int(rng.expovariate(1 / profile.steps_per_round)), 200)
        for _ in range(steps):
            if self.dispatcher.is_idle:
                self._check_idle()
                break
            self.step()
        self.violations.raise_first()

    def step(self) -> None:
        """Let one actor handle one message, and check what it left behind."""
        self.steps += 1
        actor = self.dispatcher.run_next(self._draw_crash())
        if isinstance(actor, Executor):
            self._check_executor(actor)
        elif isinstance(actor, Router):
            self._check_router(actor)
        if self.clients.to_resend:
            self.clients.go_on()
        if self.violations.found:
            self.violations.raise_first()

    def run_until_idle(self) -> None:
        """Let everybody finish what they have to do now."""
        for _ in range(STEPS_MAX):
            if self.dispatcher.is_idle:
                self._check_idle()
                return
            self.step()
        raise ViolationError("the actors keep each other busy")

    def pass_time(self, span_ns: int) -> None:
        """Move the clock, stopping wherever something is due."""
        until = self.clock.monotonic_ns() + span_ns
        while True:
            dues = (self.timers.next_due_ns(), self.feed.next_due_ns())
            due = min((one for one in dues if one is not None), default=until)
            if due >= until:
                break
            if due > self.clock.monotonic_ns():
                self.clock.set_ns(due)
            self._tell_due()
        self.clock.set_ns(until)
        self._tell_due()

    def _tell_due(self) -> None:
        now = self.clock.monotonic_ns()
        if self.outage_until is not None and self.outage_until <= now:
            self._end_outage()
        self.timers.tell_due()
        self.feed.deliver()
        self.clients.go_on(is_idle=self.dispatcher.is_idle)
        for _ in range(self.rng.randrange(12)):
            if self.dispatcher.is_idle:
                break
            self.step()

    def _strike(self) -> None:
        rng, profile = self.rng, self.profile
        root_ended = self.root_watch.all(ActorEnded)
        if root_ended:
            is_ours = isinstance(root_ended[0].failure, SimulatedCrashError)
            self.violations.check(is_ours, "the root failed", root_ended[0].failure)
            self.restart()
        elif rng.random() < profile.kill:
            self.restart()
        elif rng.random() < profile.stop:
            self.stop()
            self.restart()
        self._strike_disk()
        for symbol, line in self.feed.lines.items():
            if rng.random() < profile.cut:
                self.feed.cut(symbol, "simulated")
            if rng.random() < profile.freeze:
                line.is_frozen = True

    def _strike_disk(self) -> None:
        rng, profile = self.rng, self.profile
        if rng.random() < profile.outage:
            self.say("OUTAGE")
            self.disk.problem = "simulated outage"
            span = rng.choice((50, 400, 2_000, 9_000)) * MS
            self.outage_until = self.clock.monotonic_ns() + span
        if rng.random() < profile.doubt:
            self.say("DOUBTFUL COMMIT")
            self.disk.next_commit_lands = rng.random() < 0.5

    def _end_outage(self) -> None:
        self.disk.problem = None
        self.outage_until = None

    def _draw_crash(self) -> CrashPoint | None:
        chance = self.profile.crash
        actor = self.dispatcher.next_actor()
        if not chance or not self.has_crashes:
            return None
        kind = type(actor).__name__
        if kind not in self.profile.crash_targets:
            return None
        if kind == "RootSupervisor":
            chance /= 4
        if self.rng.random() >= chance:
            return None
        if kind == "Ledger" and self.rng.random() < 0.5:
            self.disk.crash_at_next_write(is_after=self.rng.random() < 0.5)
            self.counts["store crashed"] += 1
            return None
        point = self.rng.choice(tuple(CrashPoint))
        self.counts[f"{kind} crashed {point.name}"] += 1
        return point

    # Checks after every step.

    def _child_leaves(self, sender: Any, owner: Any, message: SubmitChild) -> None:
        self.leaving.submitted(sender, message)
        self.liquidity.observers()[SubmitChild](sender, owner, message)

    def _check_written(self, _sender: Any, _owner: Any, message: Written) -> None:
        if not isinstance(message.outcome, Stored) or message.outcome.repeated:
            return
        order = self.disk.order(message.order_id)
        is_kept = order is not None and order.version >= message.version
        self.violations.check(is_kept, "written, but not on disk", message, order)

    def _check_executor(self, executor: Executor) -> None:
        order = executor._record.order
        if order is None or not executor.actor_ref.is_alive():
            return
        kept = self.disk.order(order.order_id)
        check = self.violations.check
        check(kept is not None, "works an order that is not on disk", order)
        if kept is None:
            return
        check(kept.version <= order.version, "works an old order", order, kept)
        if executor._record.is_on_disk:
            check(kept == order, "not the same as on disk", order, kept)

    def _check_router(self, router: Router) -> None:
        if router._state is not BookState.SYNCED or not router.actor_ref.is_alive():
            return
        book = router._book
        venue = self.venues[book.symbol]
        stated = venue.books.get(book.update_id)
        check = self.violations.check
        check(stated is not None, "a book the venue never had", book.update_id)
        for number, side in enumerate((book.bids, book.asks)):
            held = {price: quantity for price, quantity, _ in side._best_first()}
            is_same = stated is not None and held == stated[number]
            check(is_same, "another book than the venue's", book.update_id, held)

    def _check_idle(self) -> None:
        """Check that every book is traded on, if it is in step, and only then."""
        listeners = {
            one._symbol: one for one in self.living(Listener) if one._was_set_up
        }
        for router in self.living(Router):
            listener = listeners.get(router._symbol)
            is_in_step = listener is None or listener._synchroniser.is_in_step
            is_trading = router._state is BookState.SYNCED
            text = "trades on a book that is not in step"
            self.violations.check(is_in_step or not is_trading, text, router._symbol)
            if is_trading:
                for waiting in router._matcher._waiting.values():
                    self.liquidity.check_nothing_left(router, waiting)

    def living(self, kind: type[A]) -> list[A]:
        """Return the living actors of a kind."""
        return [
            actor
            for actor in self.dispatcher.actors
            if isinstance(actor, kind) and actor.actor_ref.is_alive()
        ]

    def sweep(self, side: Side) -> None:
        """Let the market come to every waiting order of a side."""
        for venue in self.venues.values():
            self.feed.send(venue.sweep(side))

    def say(self, text: str) -> None:
        """Add a line to the trace."""
        self.counts[text] += 1
        if self.trace is not None:
            self.trace(text)
