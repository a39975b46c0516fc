"""Reads a recording once, before it is streamed, to learn what it holds.

Symbols and their price scale follow from the frames. A symbol without a snapshot gets
the book that its bookTicker frames prove: a best price that no depth event before had
stated must have stood there from the start, with the quantity shown.
"""

from math import gcd

from adapters.replay.recordings import Recording, RecordingError, split_frame
from adapters.simulated_exchange.market.amounts import SCALE, to_scaled
from adapters.simulated_exchange.market.instruments import Instrument, split_assets
from adapters.simulated_exchange.market.recorded_book import RecordedBook
from adapters.simulated_exchange.market.recorded_events import (
    DepthEvent,
    RecordedEvent,
    Snapshot,
    TickerEvent,
    read_event,
    read_snapshot,
)
from adapters.simulated_exchange.market.source import TextLevels
from adapters.simulated_exchange.market.symbols import is_of_all, of_stream


Level = tuple[str, str]
Shown = tuple[int, Level]
"""A best level by bookTicker, and the update id of which it was told."""


class SymbolSurvey:
    """What the frames say of one symbol."""

    def __init__(self, symbol: str) -> None:
        """Begin knowing nothing."""
        self.symbol = symbol
        self.streams: set[str] = set()
        """Names of the streams that were recorded, those of all symbols among them."""
        self.first_id: int | None = None
        """`U` of the first depth event; None when there is none."""
        self.price = 0
        self._tick = 0
        self._step = 0
        self._stated: tuple[set[str], set[str]] = (set(), set())
        self._shown: tuple[dict[str, Shown], dict[str, Shown]] = ({}, {})
        self.proven: tuple[dict[str, Level], dict[str, Level]] = ({}, {})
        """Bids and asks, by price, that stood in the book before the first event."""

    def read(self, event: RecordedEvent) -> None:
        """Learn from one event."""
        if isinstance(event, DepthEvent):
            self._learn_levels([*event.b, *event.a])
            self._read_depth(event)
        elif isinstance(event, TickerEvent):
            levels = ((event.b, event.B), (event.a, event.A))
            self._learn_levels(list(levels))
            for side, level in enumerate(levels):
                if level[0] not in self._stated[side]:
                    self._shown[side].setdefault(level[0], (event.u, level))
        else:
            self._learn_levels([(event.p, event.q)])

    def read_snapshot(self, snapshot: Snapshot) -> None:
        """Learn from the recorded book."""
        self._learn_levels([*snapshot.bids, *snapshot.asks])

    def _read_depth(self, event: DepthEvent) -> None:
        if self.first_id is None:
            self.first_id = event.U
        for side, levels in enumerate((event.b, event.a)):
            changed = {price for price, _quantity in levels}
            shown = self._shown[side]
            for price, (update_id, level) in tuple(shown.items()):
                if price in changed:
                    del shown[price]
                elif update_id <= event.u:
                    # Shown at the touch, and not because it had just been stated.
                    self.proven[side].setdefault(price, level)
                    del shown[price]
            self._stated[side].update(changed, self.proven[side])

    def _learn_levels(self, levels: TextLevels) -> None:
        for price, quantity in levels:
            self._tick = gcd(self._tick, to_scaled(price))
            self._step = gcd(self._step, to_scaled(quantity))
        if not self.price and levels:
            self.price = to_scaled(levels[0][0])

    def instrument(self) -> Instrument:
        """Return the symbol with the widest rules that every amount seen obeys."""
        base, quote = split_assets(self.symbol)
        step = _power_of_ten(self._step)
        return Instrument(
            symbol=self.symbol,
            base_asset=base,
            quote_asset=quote,
            tick=_power_of_ten(self._tick),
            step=step,
            price=self.price or SCALE,
            min_notional=1,
            level_quantity=step,
            changes_per_second=0.0,
            levels=0,
        )

    def initial_book(self, body: bytes | None) -> RecordedBook:
        """Return the book to begin with: the snapshot, or what the frames prove."""
        if body is not None:
            return RecordedBook.of_snapshot(self.symbol, body)
        bids, asks = (list(side.values()) for side in self.proven)
        return RecordedBook((self.first_id or 1) - 1, bids, asks)


def survey(recording: Recording, wanted: tuple[str, ...]) -> dict[str, SymbolSurvey]:
    """Read all frames and return the symbols in order of appearance.

    Raises:
        RecordingError: The recording is malformed, or lacks a wanted symbol.
    """
    found = _read_frames(recording)
    for symbol, known in found.items():
        body = recording.snapshot(symbol)
        if body is not None:
            known.read_snapshot(read_snapshot(symbol, body))
    for symbol in wanted:
        if symbol not in found:
            message = f"recording {recording.folder} holds no symbol {symbol}"
            raise RecordingError(message)
    return {symbol: found[symbol] for symbol in wanted or found}


def _read_frames(recording: Recording) -> dict[str, SymbolSurvey]:
    found: dict[str, SymbolSurvey] = {}
    of_all: set[str] = set()
    for _receipt_ns, frame in recording.frames():
        stream, data = split_frame(frame)
        if is_of_all(stream):
            of_all.add(stream)
            continue
        symbol = of_stream(stream)
        event = read_event(stream, data)
        if symbol not in found:
            found[symbol] = SymbolSurvey(symbol)
        found[symbol].streams.add(stream)
        if event is not None:
            found[symbol].read(event)
    for known in found.values():
        known.streams |= of_all
    return found


def _power_of_ten(value: int) -> int:
    """Return the largest power of ten that divides the value, at least 1."""
    power = 1
    while value and value % (power * 10) == 0:
        power *= 10
    return power
