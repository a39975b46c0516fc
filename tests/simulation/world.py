"""A whole service in one thread; its market, disk and clients; and bad luck."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any, TypeVar

from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.gateway.permits import Permits
from actors.messages.gateway import PlaceCall, SubmitChild
from actors.messages.ledger import WriteRecord, Written
from actors.messages.routing import Offer
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress
from actors.runtime.deterministic import VirtualClock
from actors.runtime.runtime import ActorEnded, Runtime
from actors.runtime.timers import NANOSECONDS
from actors.supervision.specifications import RestartBudget
from actors.system import SystemDependencies, drain, start_system
from domain.market.updates import DepthUpdate
from domain.orders.records import Record
from domain.ports.store import TradeStore
from domain.values import Side, Symbol
from tests.fakes import Recorder
from tests.simulation.absence import Absences
from tests.simulation.bad_luck import BadLuck
from tests.simulation.clients import Clients
from tests.simulation.disk import Disk
from tests.simulation.engine import Engine
from tests.simulation.evidence import Evidence
from tests.simulation.feed import MS, SimFeed
from tests.simulation.followers import Followers
from tests.simulation.hand_settlement import see_to_orders_on_hold
from tests.simulation.inspection import Inspection
from tests.simulation.interruptible import SimDirectory, SimTimers
from tests.simulation.leaving import Leaving
from tests.simulation.liquidity import Liquidity
from tests.simulation.mirror import MirroredDisk
from tests.simulation.obedience import Obedience
from tests.simulation.operators import Operators
from tests.simulation.paced import drawn_algorithm
from tests.simulation.profile import draw_profile
from tests.simulation.stage import CrashPoint, SimDispatcher
from tests.simulation.succession import OwnedDisk, Succession, check_sending
from tests.simulation.trading_venue import SimTradingVenue
from tests.simulation.venue import SimVenue, rules_of
from tests.simulation.violations import (
    ViolationError,
    Violations,
)
from tests.simulation.wall_clock import WallClockSettings


A = TypeVar("A", bound=RuntimeActor)

START = datetime(2026, 1, 1, tzinfo=UTC)
SEEN_TO_CHANCE = 0.2
"""That an operator looks at the orders on hold, at each round."""

SPANS_MS = (*(2, 10, 10, 30, 100, 100) * 4, 300, 300, 1_000, 1_000, 12_000)
"""How long a round takes."""

STORM_STEPS_MAX = 25_000
"""In a row in which things may go wrong. A recovery is so much work that, with enough
orders, another crash is due within it: a storm of them feeds itself."""

STEPS_MAX = 200_000
"""More than any world needs to come to rest, even after a storm, which leaves a
recovery of hundreds of orders; beyond it, actors keep each other busy."""

STOP_SECONDS_MAX = 600
"""While keys are rejected, children in doubt wait for probes, ever more seldom ones. (A
real stop does not wait that long, and leaves them to the next start.)"""

PATIENT = RestartBudget(restarts=1_000_000, within_seconds=1.0)


class World:
    """One seed's world. Everything that happens in it follows from the seed."""

    outage_until: int | None

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
        self.wall_clock = WallClockSettings(seed, is_paper=self.profile.trading is None)
        self.absences = Absences(
            seed, clock=self.clock, venues=self.venues, violations=self.violations
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
        self.operators = Operators(
            rng=rng, clock=self.clock, disk=self.disk, violations=self.violations
        )
        self.liquidity = Liquidity(
            self.venues,
            self.disk,
            self.violations,
            is_paper=self.profile.trading is None,
        )
        self.evidence = Evidence(self.venues, self.disk, self.violations)
        self.leaving = Leaving(self.disk, self.clock, self.violations)
        self.inspection = Inspection(
            disk=self.disk,
            venues=self.venues,
            liquidity=self.liquidity,
            leaving=self.leaving,
            violations=self.violations,
        )
        trading = self.profile.trading
        self.obedience = Obedience(
            self.clock, trading.limits if trading else None, self.violations
        )
        self.trading = self._make_trading_venue()
        self.disk.on_commit, self.disk.on_halt = (
            self._check_records,
            self.operators.saved,
        )
        self.followers = Followers(seed, self.disk, self.violations)
        self.outage_until, self.has_crashes = None, True
        self.luck, self.succession = BadLuck(self), Succession(self)
        self.algorithm_of = drawn_algorithm(seed, self._released_in_part)
        self.steps = self.lives = 0
        self.counts: Counter[str] = Counter()
        """How often what happened, to see that a seed tests anything."""

        self.trace: Callable[[str], None] | None = None
        self.start()

    def _released_in_part(self) -> None:
        self.counts["released in part"] += 1

    def _make_trading_venue(self) -> SimTradingVenue | None:
        if self.profile.trading is None:
            return None
        known: dict[str, Any] = {
            "rng": self.rng,
            "clock": self.clock,
            "trading": self.profile.trading,
            "disk": self.disk,
            "violations": self.violations,
        }
        engine = Engine(markets=self.venues, **known)
        venue = SimTradingVenue(engine, **known)
        venue.note = engine.note = self.say
        venue.check_permission = partial(check_sending, self)
        return venue

    def _access(self) -> GatewayConfig:
        trading = self.profile.trading
        if self.trading is None or trading is None:
            paper = PaperVenue(self.clock.now)
            return GatewayConfig(venue=paper, permits=self.permits)
        return GatewayConfig(
            venue=self.trading,
            workers=trading.workers,
            times=trading.times,
            limits=trading.limits,
            permits=self.permits,
        )

    # Lives of the process.

    def start(self) -> None:
        self.lives += 1
        self.is_stopping = False
        self.permits, self.owned_disk = Permits(), OwnedDisk(self.disk)
        self.luck.begin_life()
        self.dispatcher = SimDispatcher(self.rng, self.violations, self.profile.slow)
        self.dispatcher.observers = {
            **self.liquidity.observers(),
            SubmitChild: self.inspection.child_leaves,
            WriteRecord: self._record_is_told,
            Written: self.inspection.written,
            **self.obedience.observers(),
            Offer: partial(self._is_offered, self.feed),
            PlaceCall: self._child_is_handed_over,
        }
        self.dispatcher.note_read = self._note_read
        self.dispatcher.interrupt = self.luck.interrupt
        self.dispatcher.trace = self.trace
        self.timers = SimTimers(self.dispatcher, self.clock)
        self.directory = SimDirectory(self.dispatcher)
        self.runtime = Runtime(
            dispatcher=self.dispatcher,
            clock=self.clock,
            timers=self.timers,
            directory=self.directory,
            stalls=self.absences,
        )
        dependencies = SystemDependencies(
            rules={symbol: rules_of(symbol) for symbol in self.venues},
            feed=self.feed,
            store=self.owned_disk,
            publisher=self.followers.begin_life(),
            access=self._access(),
            algorithm_of=self.algorithm_of,
            price_path_days=1,
            matches_max=self.profile.limits.matches,
            symbol_budget=PATIENT,
            root_budget=PATIENT,
        )
        self.root_watch = Recorder()
        self.root: ActorAddress = start_system(
            self.runtime, dependencies, self.root_watch
        )

    def restart(self) -> None:
        """Kill the process, and start it again on the same disk."""
        self.say("KILL")
        self.dispatcher.forget_all()
        self.clients.lose_connections(self.directory)
        self.operators.lose_connections(self.directory)
        self.feed.reset()
        self.disk.crash_before_commit = self.disk.crash_after_commit = None
        self.start()

    def take_over(self) -> None:
        """Start a second process on the same disk; the first one runs on."""
        self.say("TAKEN OVER")
        self.succession.begin()
        self.operators.be_succeeded()
        self.feed = SimFeed(
            self.venues, rng=self.rng, clock=self.clock, profile=self.profile
        )
        self.disk.crash_before_commit = self.disk.crash_after_commit = None
        self.start()

    def stop(self) -> None:
        """Stop the process in order; nothing may be left of it."""
        self.say("STOP")
        life = self.lives
        self.end_outage()
        self.is_stopping = True
        drain(self.root)
        for second in range(STOP_SECONDS_MAX):
            self.has_crashes = self.has_crashes and second < 3
            self.run_until_idle()
            if self.lives != life:
                return  # it was killed at it
            if self.root_watch.received:
                break
            self.pass_time(NANOSECONDS)
        check = self.violations.check
        check(bool(self.root_watch.received), "the service did not stop")
        self.violations.raise_first()
        if self.root_watch.only(ActorEnded).failure is not None:
            self.run_until_idle()
            while self.dispatcher.next_wake_ns() is not None:
                self.pass_time(NANOSECONDS)  # a call to the venue still takes its time
                self.run_until_idle()
        for actor in self.dispatcher.actors:
            is_alive = actor.actor_ref.is_alive()
            check(not is_alive, "outlived the service", actor.context.name)
        self.has_crashes = True
        self.violations.raise_first()

    # Time, market, clients, faults.

    def see_to_orders_on_hold(self) -> None:
        """Have a person look at them."""
        if self.trading is not None:
            count = see_to_orders_on_hold(
                self.disk, self.trading.engine, self.directory
            )
            self.counts["seen to by hand"] += count

    def round(self) -> None:
        """Let a little of everything happen."""
        rng, profile = self.rng, self.profile
        span = rng.choice(SPANS_MS)
        self.pass_time(span * MS)
        for venue in self.venues.values():
            if rng.random() < 0.7:
                self.move(venue)
        self.clients.act(self.succession.draw_door(), profile)
        self.operators.act(self.directory, profile.halt)
        if rng.random() < SEEN_TO_CHANCE:
            self.see_to_orders_on_hold()
        self.luck.strike()
        self.absences.strike(self)
        self.wall_clock.strike(self)
        steps = min(int(rng.expovariate(1 / profile.steps_per_round)), 200)
        for _ in range(steps):
            if self.dispatcher.is_idle:
                self.inspection.look_at_rest(self.living)
                break
            self.step()
        self.violations.raise_first()

    def step(self) -> None:
        """Let one actor handle one message, and check what it left behind."""
        self.run_one(self.luck.draw_crash())
        if self.dispatcher.is_killed:
            self.restart()
        elif self.succession.is_due():
            self.take_over()
        self.succession.go_on()
        self.followers.strike()
        if self.clients.to_resend:
            self.clients.go_on()
        if self.operators.to_resend:
            self.operators.go_on()
        if self.violations.found:
            self.violations.raise_first()

    def run_one(self, crash: CrashPoint | None) -> None:
        """Let the chosen actor handle one message, perhaps inside another's step."""
        self.steps += 1
        dispatcher = self.dispatcher
        actor = dispatcher.run_next(crash)
        if dispatcher is self.dispatcher:  # it was not succeeded meanwhile
            self.inspection.look_at(actor)

    def run_until_idle(self) -> None:
        """Let everybody finish what they have to do now."""
        had_crashes = self.has_crashes
        for steps in range(STEPS_MAX):
            if self.dispatcher.is_idle:
                self.inspection.look_at_rest(self.living)
                self.has_crashes = had_crashes
                return
            if steps == STORM_STEPS_MAX:
                self.has_crashes = False
            self.step()
        raise ViolationError("the actors keep each other busy")

    def pass_time(self, span_ns: int) -> None:
        """Move the clock, stopping wherever something is due."""
        until = self.clock.monotonic_ns() + span_ns
        while True:
            dues = [self.timers.next_due_ns(), self.feed.next_due_ns()]
            dues.append(self.dispatcher.next_wake_ns())
            if self.trading is not None:
                dues.append(self.trading.engine.next_due_ns())
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
            self.end_outage()
        if self.trading is not None:
            self.trading.engine.arrive()
        self.dispatcher.wake(now)
        self.timers.tell_due()
        self.feed.deliver()
        self.succession.go_on()
        self.clients.go_on(is_idle=self.dispatcher.is_idle)
        self.operators.go_on(is_idle=self.dispatcher.is_idle)
        for _ in range(self.rng.randrange(12)):
            if self.dispatcher.is_idle:
                break
            self.step()

    def move(self, venue: SimVenue) -> None:
        """Let a market move, and put it on its way to us."""
        self._show(self.absences.change(venue, venue.change))

    def _show(self, update: DepthUpdate) -> None:
        self.feed.send(update)
        self.succession.send(update)

    def _check_records(self, changed: Sequence[Record]) -> None:
        self.liquidity.check_fills(changed)
        self.evidence.check(changed)
        if self.trading is not None:
            self.trading.engine.check_results(changed)

    def _note_read(self, reader: RuntimeActor, message: object) -> None:
        self.leaving.note_read(reader, message)
        self.obedience.note_read(reader, message)

    def _record_is_told(self, sender: Any, owner: Any, message: WriteRecord) -> None:
        self.leaving.recorded(sender, owner, message)
        self.luck.slow_down(owner)

    def _is_offered(
        self, feed: SimFeed, sender: Any, owner: Any, message: Offer
    ) -> None:
        self.absences.check_offer(feed, sender, message)
        self.leaving.offered(message)
        self.liquidity.observers()[Offer](sender, owner, message)

    def _child_is_handed_over(self, sender: Any, owner: Any, message: Any) -> None:
        self.operators.check_call(sender, owner, message)
        self.obedience.observers()[PlaceCall](sender, owner, message)
        trading, venue = self.profile.trading, self.trading
        is_faulty = trading is not None and venue is not None and venue.has_faults
        if trading is not None and is_faulty and self.rng.random() < trading.stall:
            self.say("STALL", owner.context.name)
            span = self.rng.choice((100, 1_000, 5_000, 10_000)) * MS
            self.dispatcher.stall(owner, self.clock.monotonic_ns() + span)

    def end_outage(self) -> None:
        """Let the database be reached again."""
        self.disk.problem = None
        self.outage_until = None

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
            change = partial(venue.sweep, side)
            self._show(self.absences.change(venue, change))

    def say(self, text: str, about: object = "") -> None:
        """Count what happened, and add a line to the trace."""
        self.counts[text] += 1
        if self.trace is not None:
            self.trace(f"{text} {about}")
