"""What a trading side asks of one symbol's market, seeded or recorded.

Prices and quantities are integers of 1e-8. Nothing here knows of accounts: an order in
the book has an owner, whatever that may be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from adapters.simulated_exchange.market.level_queue import Resting, Spare


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One trade of a taker."""

    price: int
    quantity: int
    trade_id: int
    maker: Resting | None = None
    """The client's order that was met; None: the market's own quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a taker got."""

    executions: tuple[Execution, ...] = ()
    blocked: Resting | None = None
    """The order that it must not meet and that stood in the way."""


Filled = Callable[[Execution, bool], None]
"""Told of each execution of a client's resting order, and whether the buyer rested."""


class OrderBook(Protocol):
    """One symbol's book, to trade in."""

    on_fill: Filled

    def best(self, *, is_buy: bool) -> int:
        """Return the price that a taker meets first; 0 when there is none."""

    def levels(self, *, is_buy: bool) -> Iterator[tuple[int, int]]:
        """Yield the (price, quantity) that a taker meets, best first."""

    def take(
        self, limit: int | None, quantity: int, *, is_buy: bool, spare: Spare
    ) -> Taken:
        """Take up to a quantity, at the limit or better, or at any price."""

    def rest(self, order: Resting) -> Resting:
        """Put an order behind those of its price; return the handle to remove it."""

    def leave(self, handle: Resting) -> None:
        """Remove a resting order."""

    def shrink(self, handle: Resting, quantity: int) -> None:
        """Make a resting order smaller without moving it."""

    def next_trade_id(self) -> int:
        """Draw the id of a trade that happens outside the book."""

    def tell(self) -> None:
        """Publish what was traded and changed."""

    def halt(self, *, halted: bool) -> None:
        """Stop the market's own trading, or let it go on."""
