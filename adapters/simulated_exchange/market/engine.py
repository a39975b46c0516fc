"""The seeded market: a pure object that turns (seed, time) into events.

Time is market milliseconds since the market opened. The events up to a moment do not
depend on the steps in which that moment is reached, and a symbol's events depend on
the seed and its name only, not on what else is listed.
"""

import heapq
from collections.abc import Iterable

from adapters.simulated_exchange.market.instruments import Instrument
from adapters.simulated_exchange.market.market_events import DepthChanged, MarketEvent
from adapters.simulated_exchange.market.symbol_market import SymbolMarket


FAST_MS = 100
SLOW_MS = 1000


class SeededMarket:
    """All listed symbols on one clock."""

    def __init__(self, instruments: Iterable[Instrument], seed: int) -> None:
        """Open every symbol's market at time 0, books filled."""
        self.symbols = {
            instrument.symbol: SymbolMarket(instrument, seed)
            for instrument in instruments
        }
        self.now_ms = 0
        self._due = [(m.next_ms, name) for name, m in self.symbols.items()]
        heapq.heapify(self._due)
        self._dirty: set[str] = set()
        self._slow_dirty: set[str] = set()
        self.halted: set[str] = set()
        """Symbols in which the market's own people do nothing for now."""

    def advance(self, until_ms: int) -> list[MarketEvent]:
        """Let the market live until the moment and return what happened, in order.

        Depth events come at every full 100 ms (and 1000 ms) passed, and hold what
        happened before that instant.
        """
        events: list[MarketEvent] = []
        while (grid := self.now_ms - self.now_ms % FAST_MS + FAST_MS) <= until_ms:
            self._act(grid, events)
            self.now_ms = grid
            self._flush(events)
        self._act(until_ms, events)
        self.now_ms = until_ms
        return events

    def tell(self, name: str) -> list[MarketEvent]:
        """Return what others did to a symbol since its last action."""
        self._dirty.add(name)
        return self.symbols[name].drain()

    def _act(self, until_ms: int, events: list[MarketEvent]) -> None:
        """Run every action due before the moment."""
        due = self._due
        while due and due[0][0] < until_ms:
            at_ms, name = due[0]
            market = self.symbols[name]
            if name in self.halted:
                heapq.heapreplace(due, (at_ms + FAST_MS, name))
                continue
            events += market.act(at_ms)
            self._dirty.add(name)
            heapq.heapreplace(due, (market.next_ms, name))

    def _flush(self, events: list[MarketEvent]) -> None:
        for name in sorted(self._dirty):
            self._flush_symbol(name, FAST_MS, events)
        self._slow_dirty |= self._dirty
        self._dirty.clear()
        if self.now_ms % SLOW_MS == 0:
            for name in sorted(self._slow_dirty):
                self._flush_symbol(name, SLOW_MS, events)
            self._slow_dirty.clear()

    def _flush_symbol(
        self, name: str, interval_ms: int, events: list[MarketEvent]
    ) -> None:
        market = self.symbols[name]
        book = market.book
        changed = book.drain_fast() if interval_ms == FAST_MS else book.drain_slow()
        if changed is None:
            return
        first_id, bids, asks = changed
        events.append(
            DepthChanged(
                symbol=name,
                interval_ms=interval_ms,
                first_id=first_id,
                last_id=book.update_id,
                at_ms=self.now_ms,
                bids=market.scaled(bids, descending=True),
                asks=market.scaled(asks, descending=False),
            )
        )
