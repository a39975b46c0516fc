"""When an order has to end by itself."""

from datetime import datetime

from domain.instrument import SymbolRules
from domain.order import Order, OrderStatus
from domain.reasons import BookState, EndReason, RefusalCode
from domain.refusals import Refusal
from domain.values import TimeInForce


_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


def due_end(order: Order, *, rules: SymbolRules, now: datetime) -> EndReason | None:
    """Say why an open order with no child in flight must end now, if it must."""
    if order.status is OrderStatus.PENDING_CANCEL:
        return EndReason.CANCELED_BY_CLIENT
    if order.time_in_force in _AT_ONCE and order.children:
        return EndReason.IOC_REMAINDER
    if order.expires_at is not None and now >= order.expires_at:
        return EndReason.EXPIRED_AT_TIME
    if order.filled and not rules.is_tradeable(
        price=order.price, quantity=order.remaining
    ):
        return EndReason.REMAINDER_BELOW_MINIMUM
    return None


def nothing_found(order: Order, state: BookState) -> EndReason:
    """Say why an IOC or FOK order ends that was offered nothing."""
    if state is not BookState.SYNCED:
        return EndReason.BOOK_UNUSABLE
    if order.time_in_force is TimeInForce.FOK:
        return EndReason.FOK_NOT_FILLABLE
    return EndReason.IOC_REMAINDER


def has_ended(order: Order) -> Refusal:
    """Refuse a request because its order has ended."""
    return Refusal(
        code=RefusalCode.ORDER_ENDED,
        detail=f"the order has ended: {order.status}, {order.reason}",
    )
