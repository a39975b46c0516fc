"""Reads an order out of a call's parameters, and refuses what its type does not take.

rest-api.md, "New order (TRADE)" (read 2026-07-21).
"""

from collections.abc import Callable

from adapters.simulated_exchange.rest.parameters import VenueError, missing
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.orders import Kind, OrderRequest


ORDER_PARAMETERS = (
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId"
    " strategyId strategyType stopPrice trailingDelta icebergQty newOrderRespType"
    " selfTradePreventionMode pegPriceType pegOffsetType pegOffsetValue"
)
KNOWN_TYPES = frozenset(
    {"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"}
)
"""Types of the venue that this exchange does not take."""
NEVER_TAKEN = ("stopPrice", "trailingDelta", "pegPriceType", "pegOffsetType")
NOT_OF_TYPE = {
    Kind.LIMIT: ("quoteOrderQty",),
    Kind.LIMIT_MAKER: ("quoteOrderQty", "timeInForce"),
    Kind.MARKET: ("price", "timeInForce"),
}
PREVENTIONS = (
    "NONE",
    "EXPIRE_TAKER",
    "EXPIRE_MAKER",
    "EXPIRE_BOTH",
    "DECREMENT",
    "TRANSFER",
)
STRATEGY_TYPE_MIN = 1_000_000


def read_order(
    parameters: CallParameters, draw_id: Callable[[], str], id_name: str = ""
) -> OrderRequest:
    """Return the order that a call asks for.

    Args:
        parameters: of the call.
        draw_id: makes a client id when none was sent.
        id_name: the parameter that holds the client id.

    Raises:
        VenueError: A parameter is missing, malformed, or not of the order's type.
    """
    symbol = parameters.symbol()
    side = parameters.text("side")
    if side not in {"BUY", "SELL"}:
        raise VenueError(-1117, "Invalid side.")
    kind = _read_kind(parameters)
    _refuse_foreign(parameters, kind)
    quantity, quote_quantity = _read_quantities(parameters, kind)
    strategy_type = parameters.integer("strategyType")
    if strategy_type is not None and strategy_type < STRATEGY_TYPE_MIN:
        text = "Data sent for parameter 'strategyType' is not valid."
        raise VenueError(-1130, text)
    return OrderRequest(
        symbol=symbol,
        is_buy=side == "BUY",
        kind=kind,
        time_in_force=_read_time_in_force(parameters, kind),
        quantity=quantity,
        quote_quantity=quote_quantity,
        price=0 if kind is Kind.MARKET else parameters.amount("price"),
        client_id=parameters.client_id(id_name or "newClientOrderId") or draw_id(),
        prevention=parameters.choice("selfTradePreventionMode", PREVENTIONS) or "",
        reply=parameters.choice("newOrderRespType", ("ACK", "RESULT", "FULL")) or "",
        strategy_id=parameters.integer("strategyId"),
        strategy_type=strategy_type,
    )


def _read_kind(parameters: CallParameters) -> Kind:
    text = parameters.text("type")
    if text in KNOWN_TYPES:
        shown = text.replace("_", " ").capitalize()
        message = f"{shown} orders are not supported for this symbol."
        raise VenueError(-2010, message)
    if text not in set(Kind):
        raise VenueError(-1116, "Invalid orderType.")
    return Kind(text)


def _refuse_foreign(parameters: CallParameters, kind: Kind) -> None:
    if "icebergQty" in parameters:
        text = "Iceberg orders are not supported for this symbol."
        raise VenueError(-2010, text)
    for name in (*NEVER_TAKEN, *NOT_OF_TYPE[kind]):
        if name in parameters:
            raise VenueError(-1106, f"Parameter '{name}' sent when not required.")


def _read_quantities(parameters: CallParameters, kind: Kind) -> tuple[int, int]:
    if kind is not Kind.MARKET or "quoteOrderQty" not in parameters:
        return parameters.amount("quantity"), 0
    if "quantity" in parameters:
        raise VenueError(-1128, "Combination of optional parameters invalid.")
    return 0, parameters.amount("quoteOrderQty")


def _read_time_in_force(parameters: CallParameters, kind: Kind) -> str:
    if kind is not Kind.LIMIT:
        return "GTC"
    value = parameters.optional("timeInForce")
    if value is None:
        raise missing("timeInForce")
    if value not in {"GTC", "IOC", "FOK"}:
        raise VenueError(-1115, "Invalid timeInForce.")
    return value
