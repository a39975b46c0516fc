"""How an executor stands, for whoever inspects it."""

from dataclasses import dataclass

from actors.messages.routing import Offer
from domain.orders.child_order import ChildOrder
from domain.orders.order import Order
from domain.values import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSnapshot:
    """How an executor stands between two messages, or within the handling of one."""

    order_id: OrderId
    order: Order | None
    """After all steps taken; None while it is being read."""

    is_on_disk: bool
    """Whether all of these steps are on disk."""

    child: ChildOrder | None
    """In flight."""

    offer: Offer | None
    """What the child in flight is made of."""

    ticket: int
    """Of the offers that count."""

    is_finished: bool
    """Whether it works the order no more."""
