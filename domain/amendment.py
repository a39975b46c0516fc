"""Changing an order's terms while it is worked."""

from dataclasses import dataclass
from decimal import Decimal

from domain.commands import AmendOrder
from domain.instrument import SymbolRules
from domain.order import Order
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import format_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """An order's terms after an amendment."""

    price: Decimal
    quantity: Decimal
    sequence: int
    """Its place in line among equal limits."""


def amended_terms(order: Order, command: AmendOrder, new_sequence: int) -> Terms:
    """Say what the terms would be.

    As at the venues: asking for less keeps the place in line, anything else costs it.
    """
    price = order.price if command.price is None else command.price
    quantity = order.quantity if command.quantity is None else command.quantity
    keeps_place = price == order.price and quantity <= order.quantity
    sequence = order.sequence if keeps_place else new_sequence
    return Terms(price=price, quantity=quantity, sequence=sequence)


def check_amendment(order: Order, terms: Terms, rules: SymbolRules) -> Refusal | None:
    """Say why the terms cannot be, if so; the order has no child in flight."""
    if terms.quantity <= order.filled:
        return Refusal(
            code=RefusalCode.QUANTITY_NOT_ABOVE_FILLED,
            field="quantity",
            detail=f"{format_amount(order.filled)} is filled already",
        )
    return rules.check(price=terms.price, quantity=terms.quantity)
