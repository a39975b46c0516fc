"""How often an armed fault still does something: by count, by chance, or both."""

import random


class FaultQuota:
    """Decides for one request or event after the other.

    The chance is the fault's own and seeded: the same requests in the same order meet
    the same faults.
    """

    __slots__ = ("_chance", "_left", "_probability")

    def __init__(
        self, count: int | None, probability: float | None, source: str
    ) -> None:
        """Take what was asked for; once, if nothing was."""
        self._left = 1 if count is None and probability is None else count
        self._probability = probability
        self._chance = random.Random(source)  # noqa: S311 - a fault has to repeat

    @property
    def is_used_up(self) -> bool:
        """Whether it will never do anything again."""
        return self._left == 0

    def hit(self) -> bool:
        """Return whether it does something this time."""
        if self._left == 0:
            return False
        if self._probability is not None and self._chance.random() >= self._probability:
            return False
        if self._left is not None:
            self._left -= 1
        return True
