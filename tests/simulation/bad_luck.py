"""What goes wrong in a world, and when: whatever else a real machine may do."""

from typing import TYPE_CHECKING

from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorEnded
from tests.simulation.feed import MS
from tests.simulation.stage import CrashPoint, SimMailbox
from tests.simulation.violations import SimulatedCrashError


if TYPE_CHECKING:
    from tests.simulation.world import World


REPLACEMENTS_MAX = 2
"""In a round: actors that fail over and over would never come to rest."""

STEPS_MAX = 30
DEPTH_MAX = 3
"""So many handlers may stand still, one in the middle of the other."""


class BadLuck:
    """Strikes a world by its profile."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._depth = 0
        self._replacements_left = REPLACEMENTS_MAX
        self._kill_in: int | None = None
        """So many interruptions from now on the process is killed."""

    def begin_life(self) -> None:
        """Forget what was to happen to the process before."""
        self._kill_in = None

    def interrupt(self, recipient: RuntimeActor | None) -> None:
        """Do what can happen between two messages that one handler sends.

        Others, which have a thread of their own, handle messages, and perhaps fail at
        it; or the process is killed, so that what was sent may be acted upon and on
        disk, and the rest never was.
        """
        world, rng = self._world, self._world.rng
        if self._depth < DEPTH_MAX and rng.random() < world.profile.meanwhile:
            self._depth += 1
            for _ in range(min(1 + int(rng.expovariate(0.25)), STEPS_MAX)):
                if world.dispatcher.is_idle:
                    break
                world.run_one(self.draw_crash())
            self._depth -= 1
        self._draw_replacement(recipient)
        if self._is_killed():
            world.say("KILL MIDWAY")
            world.dispatcher.forget_all()
        elif not self._depth and world.succession.is_due():
            world.take_over()  # the handler goes on, of a service that was succeeded

    def _draw_replacement(self, recipient: RuntimeActor | None) -> None:
        """Have the next of two messages reach another actor than the first one did."""
        world, told = self._world, self._world.dispatcher.told
        chance = world.profile.replaced
        if not chance or not world.has_crashes or self._depth >= DEPTH_MAX:
            return
        if not self._replacements_left:
            return
        if recipient is not None and _has_mail(recipient, world.dispatcher.current):
            told, chance = recipient, chance * 10
        is_target = type(told).__name__ in world.profile.crash_targets
        if told is not None and is_target and world.rng.random() < chance:
            self._replace(told)

    def _replace(self, told: RuntimeActor) -> None:
        """Have an actor fail at the messages that wait for it, and be replaced."""
        self._replacements_left -= 1
        world = self._world
        stage, name = world.dispatcher, told.context.name
        watcher = getattr(told.context.watcher, "name", None)
        if stage.prefer(lambda one: one is told) is None:
            return
        self._depth += 1
        world.run_one(CrashPoint.BEFORE)
        if stage.prefer(lambda one: one.context.name == watcher) is not None:
            world.run_one(None)
        self._depth -= 1
        world.say(f"REPLACED {name.split('/')[0]}")

    def _is_killed(self) -> bool:
        world = self._world
        if not world.has_crashes or world.dispatcher.is_killed:
            return False
        if self._kill_in is not None:
            self._kill_in -= 1
            return self._kill_in < 0
        chance = world.profile.kill_midway
        return chance > 0 and world.rng.random() < chance

    def strike(self) -> None:
        """Do what can happen between two messages."""
        self._replacements_left = REPLACEMENTS_MAX
        world = self._world
        rng, profile = world.rng, world.profile
        root_ended = world.root_watch.all(ActorEnded)
        if root_ended:
            is_ours = isinstance(root_ended[0].failure, SimulatedCrashError)
            world.violations.check(is_ours, "the root failed", root_ended[0].failure)
            world.restart()
        elif rng.random() < profile.kill:
            self._throw_switch_before_kill()
            world.restart()
        elif rng.random() < profile.stop:
            world.stop()
            world.restart()
        self._strike_disk()
        for symbol in world.feed.lines:
            if rng.random() < profile.cut:
                world.feed.cut(symbol, "simulated")
            if rng.random() < profile.freeze:
                world.feed.freeze(symbol)

    def _throw_switch_before_kill(self) -> None:
        world = self._world
        if world.profile.halt and world.rng.random() < 0.3:
            world.operators.throw(world.directory, is_on=world.rng.random() < 0.7)
            for _ in range(world.rng.randrange(20)):
                if not world.dispatcher.is_idle:
                    world.step()

    def _strike_disk(self) -> None:
        world = self._world
        rng, profile = world.rng, world.profile
        if rng.random() < profile.outage:
            world.say("OUTAGE")
            world.disk.problem = "simulated outage"
            span = rng.choice((50, 400, 2_000, 9_000)) * MS
            world.outage_until = world.clock.monotonic_ns() + span
        if rng.random() < profile.doubt:
            world.say("DOUBTFUL COMMIT")
            world.disk.next_commit_lands = rng.random() < 0.5

    def slow_down(self, ledger: RuntimeActor) -> None:
        """Let a commit take its time, while others go on."""
        world = self._world
        chance = world.profile.slow_disk
        if chance and world.has_crashes and world.rng.random() < chance:
            world.say("SLOW DISK")
            span = world.rng.choice((2, 20, 200)) * MS
            world.dispatcher.stall(ledger, world.clock.monotonic_ns() + span)

    def draw_crash(self) -> CrashPoint | None:
        """Choose who runs next, and whether it fails at it."""
        world = self._world
        chance = world.profile.crash
        actor = world.dispatcher.next_actor()
        if not chance or not world.has_crashes:
            return None
        kind = type(actor).__name__
        if kind not in world.profile.crash_targets:
            return None
        if kind == "RootSupervisor":
            chance /= 4
        if world.rng.random() >= chance:
            return None
        self._draw_kill()
        if kind == "Ledger" and world.rng.random() < 0.5:
            world.disk.crash_at_next_write(is_after=world.rng.random() < 0.5)
            world.counts["store crashed"] += 1
            return None
        point = world.rng.choice(tuple(CrashPoint))
        world.counts[f"{kind} crashed {point.name}"] += 1
        return point

    def _draw_kill(self) -> None:
        """Troubles seldom come alone."""
        world = self._world
        if world.rng.random() < world.profile.kill_after_crash:
            self._kill_in = world.rng.randrange(40)


def _has_mail(reader: RuntimeActor, sender: RuntimeActor | None) -> bool:
    """Whether a message of the sender waits for the reader."""
    inbox = reader.actor_inbox
    assert isinstance(inbox, SimMailbox)
    return sender in inbox.senders
