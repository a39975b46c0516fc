"""Taking an order in: the checks that need only the venue's rules."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.orders.commands import PlaceOrder
from domain.orders.order import Order
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules


def check_order(
    command: PlaceOrder, *, rules: Mapping[Symbol, SymbolRules], now: datetime
) -> Refusal | None:
    """Refuse an order that cannot be taken in; arguments as of ``order_refusals``."""
    return next(order_refusals(command, rules=rules, now=now), None)


def order_refusals(
    command: PlaceOrder,
    *,
    rules: Mapping[Symbol, SymbolRules],
    now: datetime,
) -> Iterator[Refusal]:
    """Yield every reason for which an order cannot be taken in.

    Args:
        command: what is asked for.
        rules: of the symbols traded.
        now: aware UTC; ``expires_at`` must be later.
    """
    symbol_rules = rules.get(command.symbol)
    if symbol_rules is None:
        supported = ", ".join(sorted(rules))
        yield Refusal(
            code=RefusalCode.UNKNOWN_SYMBOL,
            field="symbol",
            detail=f"{command.symbol} is not traded here; supported: {supported}",
        )
        return
    expiry = _check_expiry(command, now)
    if expiry is not None:
        yield expiry
    yield from symbol_rules.refusals(price=command.price, quantity=command.quantity)


def new_order(
    command: PlaceOrder, *, order_id: OrderId, sequence: int, now: datetime
) -> Order:
    """Make the order that a command asks for; it is not accepted yet."""
    return Order(
        order_id=order_id,
        sequence=sequence,
        client_order_id=command.client_order_id,
        symbol=command.symbol,
        side=command.side,
        quantity=command.quantity,
        price=command.price,
        time_in_force=command.time_in_force,
        expires_at=command.expires_at,
        created_at=now,
        updated_at=now,
    )


def _check_expiry(command: PlaceOrder, now: datetime) -> Refusal | None:
    expires_at = command.expires_at
    if command.time_in_force is not TimeInForce.GTD:
        if expires_at is None:
            return None
        code = RefusalCode.EXPIRES_AT_UNEXPECTED
        detail = "expires_at goes with time_in_force GTD only"
    elif expires_at is None:
        code = RefusalCode.EXPIRES_AT_MISSING
        detail = "time_in_force GTD needs expires_at"
    elif expires_at <= now:
        code = RefusalCode.EXPIRES_AT_IN_THE_PAST
        detail = f"expires_at must be after {now.isoformat()}"
    else:
        return None
    return Refusal(code=code, field="expires_at", detail=detail)
