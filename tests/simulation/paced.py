"""An algorithm of the simulation: a fifth of an order at once, the rest bit by bit.

Whatever an algorithm does, nothing may be lost, doubled or sold too much of. This one
waits without being enlisted, and has what is enlisted replaced while it waits, while
offers are on their way, and while everything else goes wrong.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from domain.algorithms.choice import AlgorithmOf, algorithm_of
from domain.algorithms.contract import Want
from domain.orders.order import Order
from domain.values import AT_ONCE, floor
from domain.venue.symbol_rules import SymbolRules


CHANCE: Final = 0.25
"""Of a world in which orders are paced."""

PARTS: Final = 5
STEP: Final = timedelta(seconds=1.5)
"""Between two parts."""

LOT: Final = Decimal("0.001")


class Paced:
    """Releases part after part, by the order's age; all of it once the age is odd.

    The wall clock may be set, so an order may be older than it is, or not born yet.
    """

    def __init__(self, note: Callable[[], object]) -> None:
        """Begin.

        Args:
            note: called whenever only a part is released.
        """
        self._note = note

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        age = now - order.created_at
        parts = age // STEP + 1
        is_whole = order.time_in_force in AT_ONCE or not 0 < parts < PARTS
        if is_whole:
            return Want(target=order.quantity, limit=order.price)
        self._note()
        return Want(
            target=floor(order.quantity * parts / PARTS, rules.step_size or LOT),
            limit=order.price,
            ask_again_at=order.created_at + STEP * parts,
        )


def drawn_algorithm(seed: int, note: Callable[[], object]) -> AlgorithmOf:
    """Draw whether the orders of a world are paced, with luck of its own.

    Args:
        seed: of the world.
        note: see ``Paced``.
    """
    if Random(f"algorithm {seed}").random() >= CHANCE:
        return algorithm_of
    paced = Paced(note)
    return lambda _: paced
