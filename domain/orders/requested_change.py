"""What a client's request changes in an order that has no child in flight."""

from datetime import datetime
from typing import Final, assert_never

from domain.orders import lifecycle
from domain.orders.amendment import amended_terms, check_amendment, is_more
from domain.orders.child_settlement import child_settled
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    OrderCommand,
    PauseOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.order import Order
from domain.orders.pausing import requested_pause
from domain.orders.records import OrderChange
from domain.reasons import EndReason
from domain.refusals import Refusal
from domain.risk.limits import RiskLimits, check_order_risk
from domain.venue.symbol_rules import SymbolRules


NONE_IN_FLIGHT: Final = child_settled("the order has none in flight")


def requested_change(
    order: Order,
    command: OrderCommand,
    *,
    sequence: int,
    rules: SymbolRules,
    limits: RiskLimits,
    now: datetime,
) -> OrderChange | Order | Refusal:
    """Say what a request changes.

    Args:
        order: open, with nothing in flight.
        command: of the request.
        sequence: the new rank, if an amendment loses the order its place in line.
        rules: of the symbol.
        limits: of the operator.
        now: aware UTC.

    Returns:
        The change; or the order, if it already is as requested; or a refusal.
    """
    match command:
        case CancelOrder():
            reason = EndReason.CANCELED_BY_CLIENT
            order, event = lifecycle.end(order, reason=reason, now=now)
            return OrderChange(order=order, events=(event,))
        case ReleaseOrder():
            if not order.is_on_hold:
                return order
            order, event = lifecycle.release(order, now=now)
            return OrderChange(order=order, events=(event,))
        case PauseOrder():
            return requested_pause(order, command, now=now)
        case AmendOrder():
            return _amended(order, command, sequence, rules, limits, now)
        case SettleChild():
            return NONE_IN_FLIGHT
        case _:
            assert_never(command)


def _amended(
    order: Order,
    command: AmendOrder,
    sequence: int,
    rules: SymbolRules,
    limits: RiskLimits,
    now: datetime,
) -> OrderChange | Refusal:
    """Give an order new terms; that also releases one that is on hold."""
    terms = amended_terms(order, command, sequence)
    refusal = check_amendment(order, terms, rules)
    if refusal is None and is_more(order, terms):
        # Asking for less is no risk, even if a limit was lowered meanwhile.
        refusal = check_order_risk(
            limits,
            rules,
            price=terms.price,
            quantity=terms.quantity,
            time_in_force=order.time_in_force,
        )
    if refusal is not None:
        return refusal
    order, event = lifecycle.amend(order, terms, now=now)
    events = [event]
    if order.is_on_hold:
        order, event = lifecycle.release(order, now=now)
        events.append(event)
    return OrderChange(order=order, events=tuple(events))
