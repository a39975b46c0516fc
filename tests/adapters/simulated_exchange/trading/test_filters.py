from typing import Any

import pytest

from adapters.simulated_exchange.market.amounts import to_scaled
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.filters import FilterInputs, Filters
from adapters.simulated_exchange.trading.orders import Kind, OrderRequest


FILTERS: dict[str, dict[str, Any]] = {
    "PRICE_FILTER": {"minPrice": "1", "maxPrice": "100", "tickSize": "0.01"},
    "PERCENT_PRICE": {"multiplierUp": "2", "multiplierDown": "0.5", "avgPriceMins": 5},
    "PERCENT_PRICE_BY_SIDE": {
        "bidMultiplierUp": "1.5",
        "bidMultiplierDown": "0.2",
        "askMultiplierUp": "5",
        "askMultiplierDown": "0.8",
        "avgPriceMins": 5,
    },
    "LOT_SIZE": {"minQty": "0.5", "maxQty": "9", "stepSize": "0.2"},
    "MARKET_LOT_SIZE": {"minQty": "0", "maxQty": "3", "stepSize": "0"},
    "NOTIONAL": {
        "minNotional": "5",
        "applyMinToMarket": True,
        "maxNotional": "50",
        "applyMaxToMarket": False,
        "avgPriceMins": 5,
    },
    "MIN_NOTIONAL": {"minNotional": "5", "applyToMarket": False, "avgPriceMins": 5},
    "MAX_NUM_ORDERS": {"maxNumOrders": 3},
    "MAX_POSITION": {"maxPosition": "10"},
    "TRAILING_DELTA": {"minTrailingAboveDelta": 10},
}
LIMIT, MARKET = Kind.LIMIT, Kind.MARKET


def passes(name: str, order: dict[str, Any], **changed: int) -> bool:
    """Return whether one filter lets an order pass; the reference price is 10."""
    for field in ("price", "quantity", "quote_quantity"):
        order[field] = to_scaled(order.get(field, "0"))
    usual = {"is_buy": False, "kind": LIMIT, "client_id": "x"}
    request = OrderRequest(symbol="S", **{**usual, **order})
    usual_inputs = {"reference": to_scaled("10"), "open_orders": 0, "position": 0}
    inputs = FilterInputs(**{**usual_inputs, **changed})
    filters = Filters([{"filterType": name, **FILTERS[name]}])
    try:
        filters.check(request, inputs)
    except VenueError as refusal:
        told = (refusal.code, refusal.text)
    else:
        return True
    assert told == (-1013, f"Filter failure: {name}")
    return False


@pytest.mark.parametrize(
    ("name", "order", "expected"),
    [
        ("PRICE_FILTER", {"price": "1"}, True),
        ("PRICE_FILTER", {"price": "0.99"}, False),
        ("PRICE_FILTER", {"price": "100"}, True),
        ("PRICE_FILTER", {"price": "100.01"}, False),
        ("PRICE_FILTER", {"price": "5.001"}, False),
        ("PRICE_FILTER", {"kind": MARKET}, True),
        ("PERCENT_PRICE", {"price": "20"}, True),
        ("PERCENT_PRICE", {"price": "20.01"}, False),
        ("PERCENT_PRICE", {"price": "5"}, True),
        ("PERCENT_PRICE", {"price": "4.99"}, False),
        ("PERCENT_PRICE", {"kind": MARKET}, True),
        ("PERCENT_PRICE_BY_SIDE", {"price": "15", "is_buy": True}, True),
        ("PERCENT_PRICE_BY_SIDE", {"price": "15.01", "is_buy": True}, False),
        ("PERCENT_PRICE_BY_SIDE", {"price": "15.01"}, True),
        ("PERCENT_PRICE_BY_SIDE", {"price": "7.99"}, False),
        ("LOT_SIZE", {"quantity": "0.6"}, True),
        ("LOT_SIZE", {"quantity": "0.4"}, False),
        ("LOT_SIZE", {"quantity": "0.7"}, False),
        ("LOT_SIZE", {"quantity": "9.2"}, False),
        ("LOT_SIZE", {"kind": MARKET, "quote_quantity": "7"}, True),
        ("MARKET_LOT_SIZE", {"quantity": "3.01", "kind": MARKET}, False),
        ("MARKET_LOT_SIZE", {"quantity": "2.999", "kind": MARKET}, True),
        ("MARKET_LOT_SIZE", {"quantity": "3.01"}, True),
        ("NOTIONAL", {"price": "10", "quantity": "0.5"}, True),
        ("NOTIONAL", {"price": "9.99", "quantity": "0.5"}, False),
        ("NOTIONAL", {"price": "10.01", "quantity": "5"}, False),
        ("NOTIONAL", {"kind": MARKET, "quantity": "0.49"}, False),
        ("NOTIONAL", {"kind": MARKET, "quantity": "500"}, True),
        ("NOTIONAL", {"kind": MARKET, "quote_quantity": "4.99"}, False),
        ("MIN_NOTIONAL", {"price": "9.99", "quantity": "0.5"}, False),
        ("MIN_NOTIONAL", {"kind": MARKET, "quantity": "0.1"}, True),
        ("TRAILING_DELTA", {"price": "1"}, True),
    ],
)
def test_an_order_passes_a_filter_or_fails_it_by_name(
    name: str, order: dict[str, Any], *, expected: bool
) -> None:
    assert passes(name, dict(order)) is expected


def test_open_orders_and_positions_are_limited() -> None:
    ten = to_scaled("10")

    assert passes("MAX_NUM_ORDERS", {"price": "1"}, open_orders=2)
    assert not passes("MAX_NUM_ORDERS", {"price": "1"}, open_orders=3)
    assert passes("MAX_POSITION", {"quantity": "9", "is_buy": True}, position=ten // 10)
    assert not passes("MAX_POSITION", {"quantity": "1", "is_buy": True}, position=ten)
    assert passes("MAX_POSITION", {"quantity": "1"}, position=ten)
