"""The contract of execution algorithms: what they are asked, what they answer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """How far an order may have come by now."""

    target: Decimal
    """In base: everything filled or in flight. Cumulative, so that what one child did
    not get is in the target of the next."""

    limit: Decimal
    """In quote."""


class Algorithm(Protocol):
    """Says how much of an order may be done by now; it never sends.

    ``domain.orders.next_action`` clamps the answer to what the order leaves open and to
    its limit: a wrong answer can make an order late, but never sell too much of it.
    """

    def want(self, order: Order) -> Want:
        """Say how far the order may have come by now."""
        ...
