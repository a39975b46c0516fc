"""Orders and trades as the venue writes them (rest-api.md, read 2026-07-21)."""

from adapters.simulated_exchange.market.amounts import to_text
from adapters.simulated_exchange.trading.orders import (
    Amendment,
    ExchangeOrder,
    ExchangeTrade,
    Kind,
)


Reply = dict[str, object]
ZERO = to_text(0)


def placed(order: ExchangeOrder) -> Reply:
    """Return the reply to a placement, as long as the client asked for."""
    kind = order.request.reply
    if not kind:
        kind = "ACK" if order.request.kind is Kind.LIMIT_MAKER else "FULL"
    reply: Reply = {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "transactTime": order.update_time_ms,
    }
    if kind == "ACK":
        return reply
    reply |= _figures(order)
    reply["workingTime"] = order.time_ms
    reply |= _last(order)
    if kind == "FULL":
        reply["fills"] = [
            {
                "price": to_text(trade.price),
                "qty": to_text(trade.quantity),
                "commission": to_text(trade.commission),
                "commissionAsset": trade.commission_asset,
                "tradeId": trade.trade_id,
            }
            for trade in order.trades
        ]
    return reply


def canceled(order: ExchangeOrder, cancel_id: str) -> Reply:
    """Return the reply to a cancel."""
    return {
        "symbol": order.symbol,
        "origClientOrderId": order.client_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": cancel_id,
        "transactTime": order.update_time_ms,
        **_figures(order),
        **_last(order),
    }


def queried(order: ExchangeOrder) -> Reply:
    """Return an order as queries show it."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        **_figures(order),
        "stopPrice": ZERO,
        "icebergQty": ZERO,
        "time": order.time_ms,
        "updateTime": order.update_time_ms,
        "isWorking": True,
        "workingTime": order.time_ms,
        **_last(order),
    }


def amended(order: ExchangeOrder, execution_id: int) -> Reply:
    """Return the reply to an amendment."""
    return {
        "transactTime": order.update_time_ms,
        "executionId": execution_id,
        "amendedOrder": {
            "symbol": order.symbol,
            "orderId": order.order_id,
            "orderListId": -1,
            "origClientOrderId": order.request.client_id,
            "clientOrderId": order.client_id,
            "price": to_text(order.request.price),
            "qty": to_text(order.quantity),
            "executedQty": to_text(order.executed),
            "preventedQty": to_text(order.prevented),
            "quoteOrderQty": to_text(order.request.quote_quantity),
            "cumulativeQuoteQty": to_text(order.quote_executed),
            "status": order.status,
            "timeInForce": order.request.time_in_force,
            "type": order.request.kind,
            "side": _side(order),
            "workingTime": order.time_ms,
            "selfTradePreventionMode": order.prevention,
        },
    }


def amendment(order: ExchangeOrder, one: Amendment) -> Reply:
    """Return one amendment of an order."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "executionId": one.execution_id,
        "origClientOrderId": one.client_id_before,
        "newClientOrderId": one.client_id,
        "origQty": to_text(one.quantity_before),
        "newQty": to_text(one.quantity),
        "time": one.time_ms,
    }


def traded(trade: ExchangeTrade) -> Reply:
    """Return a trade of an account."""
    order = trade.order
    return {
        "symbol": order.symbol,
        "id": trade.trade_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "price": to_text(trade.price),
        "qty": to_text(trade.quantity),
        "quoteQty": to_text(trade.quote_quantity),
        "commission": to_text(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": trade.time_ms,
        "isBuyer": order.is_buy,
        "isMaker": trade.is_maker,
        "isBestMatch": True,
    }


def _figures(order: ExchangeOrder) -> Reply:
    return {
        "price": to_text(order.request.price),
        "origQty": to_text(order.quantity),
        "executedQty": to_text(order.executed),
        "origQuoteOrderQty": to_text(order.request.quote_quantity),
        "cummulativeQuoteQty": to_text(order.quote_executed),
        "status": order.status,
        "timeInForce": order.request.time_in_force,
        "type": order.request.kind,
        "side": _side(order),
    }


def _last(order: ExchangeOrder) -> Reply:
    reply: Reply = {"selfTradePreventionMode": order.prevention}
    request = order.request
    if request.strategy_id is not None:
        reply["strategyId"] = request.strategy_id
    if request.strategy_type is not None:
        reply["strategyType"] = request.strategy_type
    if order.prevented_match_id is not None:
        reply["preventedMatchId"] = order.prevented_match_id
        reply["preventedQuantity"] = to_text(order.prevented)
    if order.expiry_reason:
        reply["expiryReason"] = order.expiry_reason
    return reply


def _side(order: ExchangeOrder) -> str:
    return "BUY" if order.is_buy else "SELL"
