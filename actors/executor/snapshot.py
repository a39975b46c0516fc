"""An executor's state, for inspection."""

from dataclasses import dataclass

from actors.executor.child_in_flight import ChildInFlight
from actors.executor.order_journal import OrderJournal
from actors.executor.retry_backoff import RetryBackoff
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

    is_sent: bool
    """Whether that may have left."""

    offer: Offer | None
    """The offer the child in flight is made of."""

    next_try_ns: int | None
    """When the next child may leave after a refusal, monotonic; None: it may now."""

    ticket: int
    """The ticket of valid offers."""

    is_finished: bool
    """Whether it has stopped working the order."""


def snapshot_of(
    order_id: OrderId,
    parts: tuple[OrderJournal, ChildInFlight, RetryBackoff],
    *,
    ticket: int,
    is_finished: bool,
) -> ExecutorSnapshot:
    """Put an executor's state together from its parts."""
    journal, in_flight, backoff = parts
    return ExecutorSnapshot(
        order_id=order_id,
        order=journal.order,
        is_on_disk=journal.is_on_disk,
        child=in_flight.child,
        is_sent=in_flight.is_sent,
        offer=in_flight.offer,
        next_try_ns=backoff.next_try_ns,
        ticket=ticket,
        is_finished=is_finished,
    )
