"""Changing the terms of an open order."""

from dataclasses import dataclass, replace
from decimal import Decimal

from domain.orders.commands import AmendOrder
from domain.orders.order import Order
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import difference, format_amount, notional
from domain.venue.symbol_rules import DELISTED, SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """An order's terms after an amendment."""

    price: Decimal
    quantity: Decimal
    sequence: int
    """Its rank among equal limits."""


def amended_terms(order: Order, command: AmendOrder, new_sequence: int) -> Terms:
    """Return the terms after an amendment.

    As at venues, reducing the quantity keeps the place in line; anything else loses it.
    """
    price = order.price if command.price is None else command.price
    quantity = order.quantity if command.quantity is None else command.quantity
    keeps_place = price == order.price and quantity <= order.quantity
    sequence = order.sequence if keeps_place else new_sequence
    return Terms(price=price, quantity=quantity, sequence=sequence)


def check_amendment(order: Order, terms: Terms, rules: SymbolRules) -> Refusal | None:
    """Refuse terms that cannot be; the order has no child in flight.

    Only what changes is checked: the venue's rules may have changed since the order was
    taken in, and what stays as it is was not asked for. For a quantity, what would be
    left to trade is checked; what is filled no longer concerns the venue. A halt of the
    symbol by the venue is no reason to refuse: the order waits for its end anyway.
    """
    if terms.quantity <= order.filled:
        return Refusal(
            code=RefusalCode.QUANTITY_NOT_ABOVE_FILLED,
            field="quantity",
            detail=f"{format_amount(order.filled)} is filled already",
        )
    has_price, has_quantity = _changes(order, terms)
    if rules.status == DELISTED and (has_price or has_quantity):
        return rules.check_status()  # it is unknown what would be legal
    refusal = rules.check_price(terms.price) if has_price else None
    if refusal is None and has_quantity:
        refusal = _check_rest(order, terms, rules)
    elif refusal is None and has_price:
        refusal = _check_new_notional(order, terms, rules)
    return refusal


def is_more(order: Order, terms: Terms) -> bool:
    """Whether the terms ask for more of the quote asset than the order did."""
    before = notional(order.price, order.quantity)
    return notional(terms.price, terms.quantity) > before


def _changes(order: Order, terms: Terms) -> tuple[bool, bool]:
    return terms.price != order.price, terms.quantity != order.quantity


def _check_rest(order: Order, terms: Terms, rules: SymbolRules) -> Refusal | None:
    rest = difference(terms.quantity, order.filled)
    amount = notional(terms.price, rest)
    refusal = rules.check_quantity(rest) or rules.check_notional(amount)
    if refusal is None or not order.filled:
        return refusal
    left, filled = format_amount(rest), format_amount(order.filled)
    detail = f"{refusal.detail}: {left} would be left to trade, {filled} is filled"
    return replace(refusal, detail=detail)


def _check_new_notional(
    order: Order, terms: Terms, rules: SymbolRules
) -> Refusal | None:
    """Check a new price by the notional of the rest, unless that was illegal before."""
    refusal = rules.check_notional(notional(terms.price, order.remaining))
    before = rules.check_notional(notional(order.price, order.remaining))
    if refusal is None or refusal == before:
        return None
    return replace(refusal, field="price")
