"""A venue with a seeded book, which remembers every book it ever had."""

from bisect import bisect_right
from collections import defaultdict
from decimal import Decimal
from random import Random

from domain.market.updates import DepthSnapshot, DepthUpdate, statements_of
from domain.values import ZERO, Side, Symbol
from domain.venue.symbol_rules import SymbolRules


Levels = dict[Decimal, Decimal]

DEPTH = 6
"""Ticks on each side of the middle where levels come and go."""

AMOUNTS = tuple(Decimal(number) for number in range(2_000))
"""Prices and quantities are small whole numbers: quick to make and to compare."""


def rules_of(symbol: Symbol) -> SymbolRules:
    """Rules that leave remainders too small to trade now and then."""
    return SymbolRules(
        symbol=symbol,
        tick_size=AMOUNTS[1],
        step_size=AMOUNTS[1],
        min_quantity=AMOUNTS[1],
        min_notional=AMOUNTS[250],
    )


class SimVenue:
    """One symbol's book at the venue."""

    def __init__(self, symbol: Symbol, rng: Random) -> None:
        self.symbol = symbol
        self._rng = rng
        self.middle = 100
        self.update_id = rng.randrange(1, 1000)
        self.bids: Levels = {}
        self.asks: Levels = {}
        for distance in range(1, DEPTH):
            self.bids[AMOUNTS[self.middle - distance]] = self._quantity()
            self.asks[AMOUNTS[self.middle + distance]] = self._quantity()
        self._statements: defaultdict[tuple[Side, Decimal], list[int]]
        self._statements = defaultdict(list)

        self.books: dict[int, tuple[Levels, Levels]] = {}
        self._remember()

    def change(self) -> DepthUpdate:
        """Let the market move, and tell how."""
        bids: Levels = {}
        asks: Levels = {}
        if self._rng.random() < 0.4:
            self.middle += self._rng.choice((-1, 1))
            self.middle = min(max(self.middle, 80), 120)
            self._clear_way(bids, asks)
        for _ in range(self._rng.randrange(4)):
            distance = self._rng.randrange(1, DEPTH)
            quantity = ZERO if self._rng.random() < 0.25 else self._quantity()
            if self._rng.random() < 0.5:
                bids[AMOUNTS[self.middle - distance]] = quantity
            else:
                asks[AMOUNTS[self.middle + distance]] = quantity
        return self.state(bids, asks)

    def sweep(self, side: Side) -> DepthUpdate:
        """Make the touch so good and deep that it fills every order of ``side``."""
        bids: Levels = dict.fromkeys(self.bids, ZERO)
        asks: Levels = dict.fromkeys(self.asks, ZERO)
        self.middle = 300 if side is Side.SELL else 20
        levels, step = (bids, -1) if side is Side.SELL else (asks, 1)
        levels[AMOUNTS[self.middle + step]] = Decimal(1_000_000)
        return self.state(bids, asks)

    def state(self, bids: Levels, asks: Levels) -> DepthUpdate:
        """Set levels; zero removes one."""
        first = self.update_id + 1
        self.update_id += self._rng.randrange(1, 4)
        for side, held, stated in (
            (Side.SELL, self.bids, bids),
            (Side.BUY, self.asks, asks),
        ):
            _set(held, stated)
            for price in stated:
                self._statements[side, price].append(self.update_id)
        self._remember()
        return DepthUpdate(
            symbol=self.symbol,
            first_update_id=first,
            last_update_id=self.update_id,
            bids=statements_of(bids.items()),
            asks=statements_of(asks.items()),
        )

    def snapshot(self, age: int = 0) -> DepthSnapshot:
        """Show the book, or the one that stood ``age`` updates ago."""
        known = list(self.books)
        update_id = known[max(len(known) - 1 - age, 0)]
        bids, asks = self.books[update_id]
        return DepthSnapshot(
            symbol=self.symbol,
            last_update_id=update_id,
            bids=statements_of(sorted(bids.items(), reverse=True)),
            asks=statements_of(sorted(asks.items())),
        )

    def stated(self, side: Side, price: Decimal, update_id: int) -> Decimal | None:
        """Return what the venue said at ``update_id`` of a level taken by ``side``."""
        book = self.books.get(update_id)
        if book is None:
            return None
        return book[0 if side is Side.SELL else 1].get(price)

    def last_statement(self, side: Side, price: Decimal, update_id: int) -> int:
        """Return the id of the latest statement about a level up to ``update_id``."""
        statements = self._statements[side, price]
        number = bisect_right(statements, update_id)
        return statements[number - 1] if number else 0

    def _clear_way(self, bids: Levels, asks: Levels) -> None:
        middle = AMOUNTS[self.middle]
        bids.update(dict.fromkeys((p for p in self.bids if p >= middle), ZERO))
        asks.update(dict.fromkeys((p for p in self.asks if p <= middle), ZERO))

    def _remember(self) -> None:
        self.books[self.update_id] = (dict(self.bids), dict(self.asks))

    def _quantity(self) -> Decimal:
        return AMOUNTS[self._rng.randrange(1, 9)]


def _set(held: Levels, stated: Levels) -> None:
    for price, quantity in stated.items():
        if quantity:
            held[price] = quantity
        else:
            held.pop(price, None)
