"""The contract of execution algorithms: what they are asked, what they answer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from domain.orders.order import Order
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """How far an order may have come by now."""

    target: Decimal
    """In base: everything filled or in flight. Cumulative, so that what one child did
    not get is in the target of the next."""

    limit: Decimal
    """In quote."""

    ask_again_at: datetime | None = None
    """Aware UTC: when the answer will be another one if nothing happens until then.
    None, or a time that has come: only what happens to the order can change it."""


class Algorithm(Protocol):
    """Says how much of an order may be done by now; it never sends.

    It has no state: an answer follows from the order, which is on disk, from the time
    and from the rules. So a restart changes nothing.

    ``domain.orders.next_action`` clamps the answer to what the order leaves open and to
    its limit: a wrong answer can make an order late, but never sell too much of it.
    """

    def want(self, order: Order, *, now: datetime, rules: SymbolRules) -> Want:
        """Say how far the order may have come by now.

        Asked whenever the order could be enlisted, or stands in the router's index:
        when it is taken up, after each child, an amendment, the end of a hold or of a
        retry backoff, and at ``Want.ask_again_at``. Not while a child is in flight.
        What differs from what is enlisted is enlisted in its place; but if it is too
        little for a child, what was enlisted before stays. So no target should fall.

        An IOC or FOK order has one try. All of it has to be released at once.

        Args:
            order: with nothing in flight, as it is on disk.
            now: aware UTC, by the wall clock, which may be set back.
            rules: of its symbol, such as the smallest step of a quantity; a release
                that is too small for them waits until it has grown.
        """
        ...
