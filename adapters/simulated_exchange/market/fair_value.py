"""Where a seeded market's price wants to be, and how busy it is.

A mean-reverting walk that moves in jumps, with calm and busy spells and with trades
exciting more trades: moves cluster and come back, as they do on the venue. Floats stay
inside; only a whole tick leaves.
"""

import math
import random

from adapters.simulated_exchange.market.instruments import Instrument


REVERSION_SECONDS = 40.0
"""Time in which a deviation shrinks to 1/e: a nearby price is met within a minute."""
SIGMA_PER_ROOT_SECOND = 2e-4
SIGMA_TICKS_MIN = 0.7
"""Never less than this, in ticks: coarse ticks would freeze the touch."""
JUMPS_PER_CHANGE = 0.15
CALM_SECONDS, BUSY_SECONDS = 30.0, 8.0
CALM_FACTOR, BUSY_FACTOR = 0.7, 2.5
EXCITEMENT_SECONDS = 1.5
EXCITEMENT_PER_TRADE = 0.35
EXCITEMENT_MAX = 6.0
DEVIATION_MAX = 0.03
"""The price stays within this fraction of where it began."""


class FairValue:
    """The unseen price of one symbol, in ticks, and the intensity of its market."""

    __slots__ = (
        "_anchor",
        "_busy_until_ms",
        "_chance",
        "_excitement",
        "_factor",
        "_moved_ms",
        "_rate",
        "_sigma",
        "_value",
    )

    def __init__(self, instrument: Instrument, chance: random.Random) -> None:
        """Begin at the instrument's price, calm."""
        self._chance = chance
        self._anchor = instrument.price / instrument.tick
        self._value = self._anchor
        self._sigma = max(SIGMA_PER_ROOT_SECOND * self._anchor, SIGMA_TICKS_MIN)
        self._rate = instrument.changes_per_second
        self._moved_ms = 0
        self._busy_until_ms = 0
        self._factor = CALM_FACTOR
        self._excitement = 0.0

    def move(self, now_ms: int) -> int:
        """Advance to the moment and return the price in whole ticks, rounded down."""
        seconds = (now_ms - self._moved_ms) / 1000
        self._moved_ms = now_ms
        self._excitement *= math.exp(-seconds / EXCITEMENT_SECONDS)
        if now_ms >= self._busy_until_ms:
            self._change_spell(now_ms)
        self._value += (self._anchor - self._value) * min(
            seconds / REVERSION_SECONDS, 1.0
        )
        jumps_per_second = self._rate * self._factor * JUMPS_PER_CHANGE
        if self._chance.random() < jumps_per_second * seconds:
            # Rare and larger: the variance of many small steps, but in bursts.
            spread = self._sigma * math.sqrt(self._factor / jumps_per_second)
            self._value += self._chance.gauss(0.0, spread)
        room = self._anchor * DEVIATION_MAX
        self._value = min(max(self._value, self._anchor - room), self._anchor + room)
        return int(self._value)

    def _change_spell(self, now_ms: int) -> None:
        calm = self._factor == BUSY_FACTOR
        self._factor = CALM_FACTOR if calm else BUSY_FACTOR
        mean = CALM_SECONDS if calm else BUSY_SECONDS
        length_ms = int(self._chance.expovariate(1 / mean) * 1000)
        self._busy_until_ms = now_ms + 1000 + length_ms

    def excite(self) -> None:
        """Note a trade: more will follow for a second or two."""
        self._excitement = min(self._excitement + EXCITEMENT_PER_TRADE, EXCITEMENT_MAX)

    def pause_ms(self) -> int:
        """Draw the time until the market's next action; at least 1 ms."""
        rate = self._rate * self._factor * (1.0 + self._excitement)
        return 1 + int(self._chance.expovariate(rate) * 1000)
