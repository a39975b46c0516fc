"""When an order ends by itself, and when its child is withheld."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.orders.order import Order, OrderStatus
from domain.reasons import BookState, EndReason, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.values import AT_ONCE, TimeInForce
from domain.venue.symbol_rules import SymbolRules


OFFER_AGE_MAX_NS: Final = 5_000_000_000
"""How old an offer may be whose child still leaves; an older one is of a past book.

Not shorter, or a burst of orders for which the disk needs seconds would never get
through: each order that is too late queues for the disk again, behind all others.
"""


class WithheldReason(StrEnum):
    """Why a child whose intent is on disk may not leave."""

    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    STOPPING = "STOPPING"
    RECORDS_DIFFER = "RECORDS_DIFFER"
    """The venue's records differ from ours; how much is open will be known soon."""

    ORDER_PAUSED = "ORDER_PAUSED"
    ORDER_EXPIRED = "ORDER_EXPIRED"
    OFFER_TOO_OLD = "OFFER_TOO_OLD"
    EXECUTOR_ENDED = "EXECUTOR_ENDED"
    """No executor works the order just now; the next one decides anew."""

    GATEWAY_REPLACED = "GATEWAY_REPLACED"
    TENURE_LOST = "TENURE_LOST"
    """Another service has taken the database over, and sends now."""


def why_withheld(
    order: Order,
    *,
    is_cancel_waiting: bool,
    is_draining: bool,
    has_breaks: bool,
    offer_age_ns: int,
    now: datetime,
) -> WithheldReason | None:
    """Say why a child that was certainly not sent may not leave; None if it may."""
    if is_cancel_waiting or order.status is OrderStatus.PENDING_CANCEL:
        return WithheldReason.CANCEL_REQUESTED
    if is_draining:
        return WithheldReason.STOPPING
    if has_breaks:
        return WithheldReason.RECORDS_DIFFER
    if _has_expired(order, now):
        return WithheldReason.ORDER_EXPIRED
    if offer_age_ns > OFFER_AGE_MAX_NS:
        return WithheldReason.OFFER_TOO_OLD
    return None


def due_end(
    order: Order,
    *,
    rules: SymbolRules,
    now: datetime,
    never_sent: int = 0,
    at_stop: bool = False,
) -> EndReason | None:
    """Say why an open order with no child in flight must end now; None if it goes on.

    Args:
        order: the order.
        rules: of its symbol.
        now: aware UTC.
        never_sent: how many of the order's children certainly did not reach the
            venue; unless refused, they do not count as the single try of IOC and FOK.
        at_stop: whether the service is stopping and cancels what is open.
    """
    if order.status is OrderStatus.PENDING_CANCEL:
        by_stop, by_client = EndReason.CANCELED_AT_STOP, EndReason.CANCELED_BY_CLIENT
        return by_stop if at_stop else by_client
    if order.time_in_force in AT_ONCE and order.reason is WaitReason.CHILD_REFUSED:
        return EndReason.REFUSED_FOR_NOW
    if order.time_in_force in AT_ONCE and order.children > never_sent:
        is_none = order.time_in_force is TimeInForce.FOK and not order.filled
        return EndReason.FOK_NOT_FILLABLE if is_none else EndReason.IOC_REMAINDER
    if _has_expired(order, now):
        return EndReason.EXPIRED_AT_TIME
    if not rules.is_tradeable(price=order.price, quantity=order.remaining):
        return EndReason.REMAINDER_BELOW_MINIMUM
    return None


def nothing_found(
    order: Order,
    state: BookState,
    is_paused: bool,  # noqa: FBT001 - as the offer says it
) -> EndReason:
    """Say why an IOC or FOK order ends if it was offered nothing."""
    if is_paused:
        return EndReason.TRADING_PAUSED
    if state is not BookState.SYNCED:
        return EndReason.BOOK_UNUSABLE
    if order.time_in_force is TimeInForce.FOK:
        return EndReason.FOK_NOT_FILLABLE
    return EndReason.IOC_REMAINDER


def _has_expired(order: Order, now: datetime) -> bool:
    return order.expires_at is not None and now >= order.expires_at


def has_ended(order: Order) -> Refusal:
    """Refuse a request because its order has ended."""
    return Refusal(
        code=RefusalCode.ORDER_ENDED,
        detail=f"the order has ended: {order.status}, {order.reason}",
    )
