"""The machine's wall clock is set, while time goes on as ever."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tests.simulation.world import World


CHANCE = 0.02
"""Of a round, in a world in which the clock is set at all."""

SPANS = tuple(timedelta(seconds=span) for span in (-3_600, -5, -1, 1, 5, 3_600, 86_400))


class WallClockSettings:
    """Sets the clock now and then, from a source of randomness of its own.

    On paper only: how long ago something was sent to a venue is counted by this clock.
    """

    def __init__(self, seed: int, *, is_paper: bool) -> None:
        self._rng = Random(f"wall clock {seed}")
        is_set = is_paper and self._rng.random() < 0.3
        self._chance = CHANCE if is_set else 0.0

    def strike(self, world: "World") -> None:
        """Set the clock, perhaps."""
        if self._chance and self._rng.random() < self._chance:
            span = self._rng.choice(SPANS)
            world.say("WALL CLOCK SET", span)
            world.clock.set_wall(span)
