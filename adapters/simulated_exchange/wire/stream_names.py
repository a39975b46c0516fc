"""What the name of a stream asks for."""

import re
from dataclasses import dataclass
from functools import lru_cache

from adapters.simulated_exchange.market.symbols import in_stream, of_stream


FAST_MS = 100
SLOW_MS = 1000
_PARTIAL = re.compile(r"([^@]+)@depth(5|10|20)(@100ms)?")
_AVERAGE = re.compile(r"([^@]+)@avgPrice")


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolStreams:
    """The names of one symbol's streams that follow the market's events."""

    depth_fast: str
    depth_slow: str
    book_ticker: str
    trade: str
    aggregate_trade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStream:
    """A stream that states the present at every full interval."""

    symbol: str
    interval_ms: int
    levels: int
    """Levels a side of a partial book; 0 for the average price."""


def streams_of(symbol: str) -> SymbolStreams:
    """Return the event streams of a symbol given in capitals."""
    lower = in_stream(symbol)
    return SymbolStreams(
        depth_fast=f"{lower}@depth@100ms",
        depth_slow=f"{lower}@depth",
        book_ticker=f"{lower}@bookTicker",
        trade=f"{lower}@trade",
        aggregate_trade=f"{lower}@aggTrade",
    )


@lru_cache(maxsize=8192)
def timed_stream(name: str) -> TimedStream | None:
    """Return what a partial depth or average price name asks for; None for others."""
    if partial := _PARTIAL.fullmatch(name):
        _symbol, levels, fast = partial.groups()
        interval = FAST_MS if fast else SLOW_MS
        return TimedStream(
            symbol=of_stream(name), interval_ms=interval, levels=int(levels)
        )
    if _AVERAGE.fullmatch(name):
        return TimedStream(symbol=of_stream(name), interval_ms=SLOW_MS, levels=0)
    return None
