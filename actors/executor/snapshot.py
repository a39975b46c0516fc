"""An executor's state, for inspection."""

from dataclasses import dataclass

from actors.messages.routing import Offer
from domain.orders.child_order import ChildOrder
from domain.orders.order import Order
from domain.values import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSnapshot:
    """An executor's state between two messages, or while it handles one."""

    order_id: OrderId
    order: Order | None
    """The order after all steps taken; None while it is being read."""

    is_on_disk: bool
    """Whether all of these steps are on disk."""

    child: ChildOrder | None
    """The child in flight."""

    offer: Offer | None
    """The offer the child in flight is made of."""

    ticket: int
    """The ticket of valid offers."""

    is_finished: bool
    """Whether it has stopped working the order."""
