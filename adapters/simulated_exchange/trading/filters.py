"""The venue's filters: what prices and quantities an order may have.

filters.md (read 2026-07-21). Each rule is off where its figure is zero.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.simulated_exchange.market.amounts import SCALE, to_scaled
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.orders import Kind, OrderRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterInputs:
    """What an order meets beside its own figures."""

    reference: int
    """Average price of the last minutes, in 1e-8."""
    open_orders: int
    """Of the account, in the symbol."""
    position: int
    """Free and locked base asset, and what open BUY orders would add."""


Fields = Mapping[str, int | bool]
"""A filter's figures: texts in 1e-8, numbers and flags as they are."""
Rule = Callable[[Fields, OrderRequest, FilterInputs], bool]


class Filters:
    """The filters of one symbol."""

    def __init__(self, described: Iterable[Mapping[str, Any]]) -> None:
        """Take filters as exchangeInfo lists them; those unknown here pass always."""
        self.fields: dict[str, Fields] = {
            one["filterType"]: {
                name: to_scaled(value) if isinstance(value, str) else value
                for name, value in one.items()
                if name != "filterType"
            }
            for one in described
        }

    def check(self, request: OrderRequest, inputs: FilterInputs) -> None:
        """Let an order pass.

        Raises:
            VenueError: -1013 with the name of the first filter that fails.
        """
        for name, fields in self.fields.items():
            rule = RULES.get(name)
            if rule is not None and not rule(fields, request, inputs):
                raise VenueError(-1013, f"Filter failure: {name}")

    def figure(self, name: str, field: str, default: int = 0) -> int:
        """Return one figure of a filter."""
        return int(self.fields.get(name, {}).get(field, default))


def _within(value: int, least: int, most: int, step: int) -> bool:
    if (least and value < least) or (most and value > most):
        return False
    return not step or value % step == 0


def _price(fields: Fields, request: OrderRequest, _inputs: FilterInputs) -> bool:
    if request.kind is Kind.MARKET:
        return True
    least, most = fields.get("minPrice", 0), fields.get("maxPrice", 0)
    return _within(request.price, least, most, fields.get("tickSize", 0))


def _percent(
    price: int, reference: int, fields: Fields, names: tuple[str, str]
) -> bool:
    up, down = (fields.get(name, 0) for name in names)
    if not reference:  # nothing has been traded or quoted yet
        return True
    return reference * down <= price * SCALE <= reference * up


def _percent_price(fields: Fields, request: OrderRequest, inputs: FilterInputs) -> bool:
    names = ("multiplierUp", "multiplierDown")
    return request.kind is Kind.MARKET or _percent(
        request.price, inputs.reference, fields, names
    )


def _percent_by_side(
    fields: Fields, request: OrderRequest, inputs: FilterInputs
) -> bool:
    side = "bid" if request.is_buy else "ask"
    names = (f"{side}MultiplierUp", f"{side}MultiplierDown")
    return request.kind is Kind.MARKET or _percent(
        request.price, inputs.reference, fields, names
    )


def _lot(fields: Fields, request: OrderRequest, _inputs: FilterInputs) -> bool:
    if request.quote_quantity:
        return True
    least, most = fields.get("minQty", 0), fields.get("maxQty", 0)
    return _within(request.quantity, least, most, fields.get("stepSize", 0))


def _market_lot(fields: Fields, request: OrderRequest, inputs: FilterInputs) -> bool:
    return request.kind is not Kind.MARKET or _lot(fields, request, inputs)


def _notional_of(request: OrderRequest, inputs: FilterInputs) -> int:
    """Return price times quantity in 1e-16."""
    if request.quote_quantity:
        return request.quote_quantity * SCALE
    is_market = request.kind is Kind.MARKET
    return (inputs.reference if is_market else request.price) * request.quantity


def _notional(fields: Fields, request: OrderRequest, inputs: FilterInputs) -> bool:
    notional, is_market = _notional_of(request, inputs), request.kind is Kind.MARKET
    least, most = fields.get("minNotional", 0), fields.get("maxNotional", 0)
    if (not is_market or fields.get("applyMinToMarket")) and notional < least * SCALE:
        return False
    applies = not is_market or fields.get("applyMaxToMarket")
    return not (applies and most and notional > most * SCALE)


def _min_notional(fields: Fields, request: OrderRequest, inputs: FilterInputs) -> bool:
    if request.kind is Kind.MARKET and not fields.get("applyToMarket"):
        return True
    return _notional_of(request, inputs) >= fields.get("minNotional", 0) * SCALE


def _max_orders(fields: Fields, _request: OrderRequest, inputs: FilterInputs) -> bool:
    return inputs.open_orders < fields.get("maxNumOrders", 1 << 62)


def _max_position(fields: Fields, request: OrderRequest, inputs: FilterInputs) -> bool:
    limit = fields.get("maxPosition", 0)
    return not request.is_buy or inputs.position + request.quantity <= limit


RULES: dict[str, Rule] = {
    "PRICE_FILTER": _price,
    "PERCENT_PRICE": _percent_price,
    "PERCENT_PRICE_BY_SIDE": _percent_by_side,
    "LOT_SIZE": _lot,
    "MARKET_LOT_SIZE": _market_lot,
    "NOTIONAL": _notional,
    "MIN_NOTIONAL": _min_notional,
    "MAX_NUM_ORDERS": _max_orders,
    "MAX_POSITION": _max_position,
}
