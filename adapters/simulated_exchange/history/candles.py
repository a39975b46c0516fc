"""Candles of one symbol: counted as the tape runs, joined into any interval.

Prices and quantities are integers of 1e-8.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from adapters.simulated_exchange.history.intervals import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Interval,
)
from adapters.simulated_exchange.market.amounts import SCALE


NOBODY: Final = -1
"""In place of a trade's id where there was no trade."""
KEPT: Final = {SECOND: 1000, MINUTE: 3000, HOUR: 1000, DAY: 1000}
"""Length of the candles that are counted -> how many of them are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What the tape printed at one price: a trade, or those of one taker."""

    first_id: int
    last_id: int
    price: int
    quantity: int
    at_ms: int
    buyer_is_maker: bool


@dataclass(slots=True, kw_only=True)
class Candle:
    """What was traded from one moment on."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    quote_volume: int = 0
    taker_volume: int = 0
    """Of takers who bought."""
    taker_quote_volume: int = 0
    count: int = 0
    first_id: int = NOBODY
    last_id: int = NOBODY

    def add(self, one: "Candle") -> None:
        """Take in what was traded right after."""
        if not one.count:
            return
        if not self.count:
            self.open = self.high = self.low = one.open
            self.first_id = one.first_id
        self.high, self.low = max(self.high, one.high), min(self.low, one.low)
        self.close, self.last_id = one.close, one.last_id
        self.volume += one.volume
        self.quote_volume += one.quote_volume
        self.taker_volume += one.taker_volume
        self.taker_quote_volume += one.taker_quote_volume
        self.count += one.count


def flat(open_ms: int, price: int) -> Candle:
    """Return the candle of a time without trades."""
    return Candle(open_ms=open_ms, open=price, high=price, low=price, close=price)


def _of(one: Printed, open_ms: int) -> Candle:
    candle = flat(open_ms, one.price)
    notional = one.price * one.quantity // SCALE
    candle.volume, candle.quote_volume = one.quantity, notional
    if not one.buyer_is_maker:
        candle.taker_volume, candle.taker_quote_volume = one.quantity, notional
    candle.first_id, candle.last_id = one.first_id, one.last_id
    candle.count = one.last_id - one.first_id + 1
    return candle


class Candles:
    """Candles of four lengths, counted at the same time."""

    def __init__(self) -> None:
        """Begin before any trade."""
        self._series: dict[int, deque[Candle]] = {
            length: deque(maxlen=kept) for length, kept in KEPT.items()
        }
        self._complete_from_ms = dict.fromkeys(KEPT, 0)
        """Of each length, from when on nothing was forgotten."""

    def count(self, one: Printed) -> None:
        """Count what the tape printed; times never go back by more than a candle."""
        for length, series in self._series.items():
            open_ms = one.at_ms - one.at_ms % length
            if series and open_ms <= series[-1].open_ms:
                series[-1].add(_of(one, open_ms))
                continue
            if len(series) == series.maxlen:
                self._complete_from_ms[length] = series[0].open_ms + length
            series.append(_of(one, open_ms))

    def recent(
        self, since_ms: int, length: int = MINUTE
    ) -> tuple[list[Candle], Candle | None]:
        """Return the candles that begin at a moment or later, and the one before."""
        series = self._series[length]
        found = list(takewhile(lambda one: one.open_ms >= since_ms, reversed(series)))
        before = series[-len(found) - 1] if len(found) < len(series) else None
        return found[::-1], before

    def of(
        self,
        interval: Interval,
        zone_ms: int,
        now_ms: int,
        between: tuple[int | None, int | None],
        limit: int,
    ) -> list[Candle]:
        """Return candles, oldest first; times without trades have theirs, too.

        Args:
            interval: how long each is.
            zone_ms: in whose local time intervals begin.
            now_ms: the last one holds this moment.
            between: the earliest and the latest beginning, where they matter.
            limit: at most so many: the first, where the earliest is given, else the
                last.
        """
        length = _base_of(interval, zone_ms)
        series = self._series[length]
        if not series:
            return []
        first = interval.open_of(series[0].open_ms, zone_ms)
        if first < self._complete_from_ms[length]:
            first = interval.next_open(first, zone_ms)
        latest = interval.open_of(max(now_ms, series[-1].open_ms), zone_ms)
        opens = _chosen(interval, zone_ms, (first, latest), between, limit)
        if not opens:
            return []
        counted, before = self.recent(opens[0], length)
        joined: dict[int, Candle] = {}
        for one in counted:
            open_ms = interval.open_of(one.open_ms, zone_ms)
            joined.setdefault(open_ms, flat(open_ms, one.open)).add(one)
        return _filled(joined, before, opens)


def _chosen(
    interval: Interval,
    zone_ms: int,
    known: tuple[int, int],
    between: tuple[int | None, int | None],
    limit: int,
) -> Sequence[int]:
    """Return the beginnings asked for, from the first to the last that are known."""
    (first, latest), (since_ms, until_ms) = known, between
    if until_ms is not None:
        latest = min(latest, interval.open_of(until_ms, zone_ms))
    if since_ms is None:
        return interval.opens(first, latest, zone_ms)[-limit:]
    if since_ms > first:
        before = interval.open_of(since_ms - 1, zone_ms)
        first = interval.next_open(before, zone_ms)
    return interval.opens(first, latest, zone_ms)[:limit]


def _base_of(interval: Interval, zone_ms: int) -> int:
    """Return the longest of the counted lengths that the interval is made of."""
    longest = interval.length_ms or DAY
    return next(
        length
        for length in sorted(KEPT, reverse=True)
        if length <= longest and zone_ms % length == 0
    )


def _filled(
    joined: dict[int, Candle], before: Candle | None, opens: Iterable[int]
) -> list[Candle]:
    """Return a candle for each beginning; without trades the price stays."""
    found: list[Candle] = []
    for open_ms in opens:
        candle = joined.get(open_ms)
        if candle is None:
            last = found[-1] if found else before
            assert last is not None  # the first one begins with a trade
            candle = flat(open_ms, last.close)
        found.append(candle)
    return found
