"""Clients' orders that rest at one price, among the market's own quantity there.

Price-time priority: what the market held at a price when an order came is ahead of it,
what the market adds later is behind. Units are those of the book: ticks and lots in
the seeded market, integers of 1e-8 in a recording.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True, eq=False)
class Resting:
    """One order in the book."""

    owner: object
    """Whatever put it there; nothing here looks inside."""
    is_buy: bool
    price: int
    quantity: int
    ahead: int = 0
    """The market's own quantity at this price that comes first."""


Spare = Callable[[object], bool]
"""Tells of a resting order's owner whether the taker must not meet it."""
Part = tuple[Resting | None, int]
"""Who gives, None for the market itself, and how much."""


def spare_nobody(_owner: object) -> bool:
    """Meet everybody."""
    return False


class LevelQueue:
    """The orders of one price, in order of arrival."""

    __slots__ = ("orders", "quantity")

    def __init__(self) -> None:
        """Begin empty."""
        self.orders: list[Resting] = []
        self.quantity = 0

    def join(self, order: Resting, own: int) -> None:
        """Append an order behind what the market holds at this price."""
        order.ahead = own
        self.orders.append(order)
        self.quantity += order.quantity

    def leave(self, order: Resting) -> None:
        """Remove an order, wherever it is in the queue."""
        self.orders.remove(order)
        self.quantity -= order.quantity

    def shrink(self, order: Resting, quantity: int) -> None:
        """Make an order smaller; it keeps its place."""
        self.quantity -= order.quantity - quantity
        order.quantity = quantity

    def clip(self, own: int) -> None:
        """Note how much the market still holds; its last to come is first to go."""
        for order in self.orders:
            order.ahead = min(order.ahead, own)

    def take(
        self, wanted: int, own: int, spare: Spare = spare_nobody
    ) -> tuple[list[Part], Resting | None]:
        """Take up to `wanted`; return who gave, in order, and who was in the way."""
        parts: list[Part] = []
        left, passed, blocked = wanted, 0, None
        for order in self.orders:
            before = min(order.ahead - passed, left)
            if before > 0:
                parts.append((None, before))
                passed, left = passed + before, left - before
            if not left:
                break
            if spare(order.owner):
                blocked = order
                break
            size = min(order.quantity, left)
            order.quantity -= size
            left -= size
            self.quantity -= size
            parts.append((order, size))
        if left and blocked is None and own > passed:
            last = min(own - passed, left)
            parts.append((None, last))
            passed += last
        for order in self.orders:
            order.ahead = max(order.ahead - passed, 0)
        self.orders = [order for order in self.orders if order.quantity]
        return parts, blocked
