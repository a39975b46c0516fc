"""Pausing one order, and resuming it."""

from datetime import datetime
from typing import Final

from domain.orders.commands import PauseOrder
from domain.orders.order import WORKING, Order, OrderStep
from domain.orders.records import OrderChange
from domain.orders.transitions import Step, take_step
from domain.reasons import RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.values import AT_ONCE


_STRONGER: Final = (WaitReason.ON_HOLD, WaitReason.CHILD_UNKNOWN)
"""Reasons that are told instead of a pause."""


def pause(order: Order, *, now: datetime) -> Step:
    """Let the order take no offers; a child in flight may still fill."""
    assert not order.is_paused
    assert order.time_in_force not in AT_ONCE, "it does not wait"
    reason = order.reason if order.reason in _STRONGER else WaitReason.PAUSED
    return take_step(order, OrderStep.PAUSED, now=now, is_paused=True, reason=reason)


def resume(order: Order, *, now: datetime) -> Step:
    """Let the order take offers again."""
    assert order.is_paused
    reason = None if order.reason is WaitReason.PAUSED else order.reason
    return take_step(order, OrderStep.RESUMED, now=now, is_paused=False, reason=reason)


def requested_pause(
    order: Order, command: PauseOrder, *, now: datetime
) -> OrderChange | Order | Refusal:
    """Say what a request to pause or to resume changes, child in flight or not.

    Returns:
        The change; or the order, if it is as requested, or only waits for its end; or a
        refusal.
    """
    if command.is_on and order.time_in_force in AT_ONCE:
        detail = f"an {order.time_in_force} order has one try, and never waits"
        return Refusal(code=RefusalCode.ORDER_NEVER_WAITS, detail=detail)
    if order.is_paused is command.is_on or order.status not in WORKING:
        return order
    order, event = (pause if command.is_on else resume)(order, now=now)
    return OrderChange(order=order, events=(event,))
