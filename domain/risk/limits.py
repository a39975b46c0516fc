"""The operator's own limits, checked for every order and every child order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.matching.sizing import Sizing
from domain.orders.child_order import ChildOrder
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import (
    AT_ONCE,
    ZERO,
    Side,
    TimeInForce,
    format_amount,
    notional,
    total,
)
from domain.venue.answers import Account
from domain.venue.symbol_rules import SymbolRules


_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """The most that may be traded. Notionals by quote asset; a missing one: any."""

    max_order_notional: Mapping[str, Decimal] = field(default_factory=dict)
    """Of one order, at its limit."""

    max_child_notional: Mapping[str, Decimal] = field(default_factory=dict)
    """Of one child order; a larger order is worked in several parts."""

    max_open_notional: Mapping[str, Decimal] = field(default_factory=dict)
    """Of what is not filled yet, over all open orders of a symbol, at their limits."""

    price_collar: Decimal | None = None
    """How far beyond the touch a limit may be, as a share of it; None: any."""

    max_children_per_second: int | None = None


NO_LIMITS = RiskLimits()


def assets_without_symbol(
    limits: RiskLimits, rules: Iterable[SymbolRules]
) -> tuple[str, ...]:
    """Return the assets, sorted, whose limits apply to no symbol, as when mistyped."""
    limited = (
        limits.max_order_notional,
        limits.max_child_notional,
        limits.max_open_notional,
    )
    quotes = {one.quote_asset for one in rules}
    return tuple(sorted({asset for limit in limited for asset in limit} - quotes))


def check_order_risk(
    limits: RiskLimits,
    rules: SymbolRules,
    *,
    price: Decimal,
    quantity: Decimal,
    time_in_force: TimeInForce,
) -> Refusal | None:
    """Say whether an order is too large, and by which limit.

    Args:
        limits: of the operator.
        rules: of the order's symbol; names its quote asset.
        price: the order's limit.
        quantity: all of it, fills included.
        time_in_force: IOC and FOK orders have a single child, which is all of it.
    """
    risks = order_risks(
        limits, rules, price=price, quantity=quantity, time_in_force=time_in_force
    )
    return next(risks, None)


def order_risks(
    limits: RiskLimits,
    rules: SymbolRules,
    *,
    price: Decimal,
    quantity: Decimal,
    time_in_force: TimeInForce,
) -> Iterator[Refusal]:
    """Yield every limit for which an order is too large; as ``check_order_risk``."""
    asset = rules.quote_asset
    amount = notional(price, quantity)
    most = limits.max_order_notional.get(asset)
    if most is not None and amount > most:
        code = RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT
        yield _above(code, "price x quantity", amount, most, asset)
    most = limits.max_child_notional.get(asset)
    if most is not None and time_in_force in AT_ONCE and amount > most:
        code = RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT
        yield _above(code, f"the only child of {time_in_force}", amount, most, asset)
    smallest = _check_smallest_child(limits, rules, price)
    if smallest is not None:
        yield smallest


def check_open_risk(
    limits: RiskLimits, rules: SymbolRules, *, own: Decimal, others: Decimal
) -> Refusal | None:
    """Refuse an order with which too much of the symbol would be open.

    Args:
        limits: of the operator.
        rules: of the symbol; names its quote asset.
        own: the part of the order that is not filled, at its limit, in quote.
        others: the same of the symbol's other open orders together.
    """
    asset = rules.quote_asset
    most = limits.max_open_notional.get(asset)
    open_with_it = total(others, own)
    if most is None or open_with_it <= most:
        return None
    code = RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT
    subject = f"open notional of {rules.symbol} with this order"
    return _above(code, subject, open_with_it, most, asset)


def _check_smallest_child(
    limits: RiskLimits, rules: SymbolRules, price: Decimal
) -> Refusal | None:
    """Refuse an order whose smallest legal child is above the operator's limit."""
    most = limits.max_child_notional.get(rules.quote_asset)
    if most is None:
        return None
    sizing = Sizing(rules=rules, max_notional=most)
    least = sizing.least(price) or rules.step_size
    largest = sizing.most(price)
    if largest is None or largest >= least:
        return None
    code = RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT
    subject, amount = "the smallest child order", notional(price, least)
    return _above(code, subject, amount, most, rules.quote_asset)


def check_balance(
    account: Account | None,
    rules: SymbolRules,
    *,
    side: Side,
    price: Decimal,
    quantity: Decimal,
) -> Refusal | None:
    """Refuse to give away more than the account holds.

    Args:
        account: as it was last read; None if unknown: then nothing is refused.
        rules: of the symbol; names its assets.
        side: who gives what: SELL the base asset, BUY the quote asset.
        price: the limit.
        quantity: in base.
    """
    if account is None:
        return None
    is_sell = side is Side.SELL
    asset = rules.base_asset if is_sell else rules.quote_asset
    needed = quantity if is_sell else notional(price, quantity)
    held = account.balances.get(asset)
    free = ZERO if held is None else held.free
    if needed <= free:
        return None
    detail = (
        f"needs {format_amount(needed)} {asset}, "
        f"the account has {format_amount(free)} free"
    )
    code = RefusalCode.INSUFFICIENT_BALANCE
    return Refusal(code=code, detail=detail, field="quantity")


def check_child_risk(
    limits: RiskLimits, rules: SymbolRules, child: ChildOrder
) -> Refusal | None:
    """Refuse a child that would break a limit; name the limit and its value."""
    asset = rules.quote_asset
    # A SELL may be executed above its limit, up to the touch.
    amount = notional(max(child.price, child.far_touch or ZERO), child.quantity)
    most = limits.max_child_notional.get(asset)
    if most is not None and amount > most:
        code = RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT
        return _above(code, "the child at its price or the touch", amount, most, asset)
    return _check_collar(limits.price_collar, child)


def _check_collar(collar: Decimal | None, child: ChildOrder) -> Refusal | None:
    touch = child.far_touch
    if collar is None or touch is None:
        return None
    is_sell = child.side is Side.SELL
    edge = notional(touch, _ONE - collar if is_sell else _ONE + collar)
    is_within = child.price >= edge if is_sell else child.price <= edge
    if is_within:
        return None
    word = "below" if is_sell else "above"
    detail = (
        f"limit {format_amount(child.price)} is more than "
        f"{format_amount(collar * 100)} % {word} the touch {format_amount(touch)}"
    )
    return Refusal(code=RefusalCode.PRICE_OUTSIDE_COLLAR, detail=detail, field="price")


def _above(
    code: RefusalCode, subject: str, amount: Decimal, most: Decimal, asset: str
) -> Refusal:
    detail = (
        f"{subject} is {format_amount(amount)} {asset}, "
        f"the limit is {format_amount(most)} {asset}"
    )
    return Refusal(code=code, detail=detail, field="quantity")
