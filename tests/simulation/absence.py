"""The whole process stands still while the market moves on; then everything is old."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from actors.messages.routing import Offer
from actors.router.router import Router
from actors.runtime.deterministic import VirtualClock
from actors.runtime.timers import NANOSECONDS
from domain.market.updates import LATE_MAX_NS
from domain.orders.completion import OFFER_AGE_MAX_NS
from domain.values import Symbol
from tests.simulation.venue import SimVenue
from tests.simulation.violations import Violations


if TYPE_CHECKING:
    from tests.simulation.feed import SimFeed
    from tests.simulation.world import World


CHANCE = 0.02
"""Of a round, in a world in which the process stands still at all."""

SECONDS = (3, 6, 10, 45, 45, 120)


class Absences:
    """Lets the process stand still, counts how often, and checks what follows.

    It draws from a source of its own, so that a world in which it does nothing is the
    same as without it.
    """

    def __init__(
        self,
        seed: int,
        *,
        clock: VirtualClock,
        venues: dict[Symbol, SimVenue],
        violations: Violations,
    ) -> None:
        self._rng = Random(f"absences {seed}")
        self._chance = CHANCE if self._rng.random() < 0.3 else 0.0
        self._clock = clock
        self._venues = venues
        self._check = violations.check
        self._count = 0
        self._ended_ns = 0
        self._changes: dict[Symbol, list[tuple[int, int]]] = {}
        """(when, id that the venue left then), the oldest first."""

    def look(self) -> int:
        """Count the absences so far: what actors ask before they act on a book."""
        return self._count

    def strike(self, world: "World") -> None:
        """Let the process stand still, perhaps; it wakes up anywhere."""
        rng = self._rng
        if not self._chance or rng.random() >= self._chance:
            return
        world.say("ABSENCE", self._stand_still(world))
        self._step_on(world)
        if rng.random() < 0.5:
            world.feed.deliver()  # late, as if nobody had noticed
            self._step_on(world)
        for symbol in self._venues:
            world.feed.cut(symbol, "it was not read")

    def change(self, venue: SimVenue, change: Callable[[], Any]) -> Any:
        """Have a market move, and remember when which book was left."""
        left = self._clock.monotonic_ns(), venue.update_id
        self._changes.setdefault(venue.symbol, []).append(left)
        return change()

    def _stand_still(self, world: "World") -> float:
        """Let time pass in which only the world outside acts; return the seconds."""
        seconds = self._rng.choice(SECONDS)
        for _ in range(10):
            span_ns = seconds * NANOSECONDS // 10
            self._clock.set_ns(self._clock.monotonic_ns() + span_ns)
            for venue in self._venues.values():
                if self._rng.random() < 0.7:
                    world.move(venue)
            if world.trading is not None:
                world.trading.engine.arrive()
        self._count += 1
        self._ended_ns = self._clock.monotonic_ns()
        return seconds

    def _step_on(self, world: "World") -> None:
        for _ in range(self._rng.randrange(30)):
            if not world.dispatcher.is_idle:
                world.step()

    def check_offer(self, feed: "SimFeed", sender: Any, message: Offer) -> None:
        """Check that nothing is offered of a book from before an absence or silence.

        Args:
            feed: of the sender's process.
            sender: who offers.
            message: the offer.
        """
        if not message.slices or not isinstance(sender, Router):
            return
        now = sender.snapshot()
        silent_ns = feed.silent_ns(now.symbol)
        is_recent = silent_ns <= LATE_MAX_NS
        self._check(is_recent, "offered in a silence", silent_ns, message)
        if not self._ended_ns:
            return
        offered_id = now.book.update_id
        left_ns = next(
            (
                at_ns
                for at_ns, update_id in self._changes.get(now.symbol, ())
                if update_id >= offered_id
            ),
            self._ended_ns,  # it is the venue's book of now
        )
        age_seconds = (self._ended_ns - left_ns) / NANOSECONDS
        is_young = self._ended_ns - left_ns <= OFFER_AGE_MAX_NS
        self._check(is_young, "offered from before an absence", age_seconds, message)
