"""Every signed call by its REST name, with its parameters and weight.

rest-api.md and web-socket-api.md (read 2026-07-21) give both.
"""

from collections.abc import Callable, Mapping

from adapters.simulated_exchange.trading.account_calls import AccountCalls
from adapters.simulated_exchange.trading.call_parameters import SIGNED
from adapters.simulated_exchange.trading.calls import (
    CallKind,
    SignedCall,
    SignedRequest,
)
from adapters.simulated_exchange.trading.order_calls import OrderCalls
from adapters.simulated_exchange.trading.order_requests import ORDER_PARAMETERS


IDS = "symbol orderId origClientOrderId"
CANCEL = f"{IDS} newClientOrderId cancelRestrictions"
REPLACE = (
    f"{ORDER_PARAMETERS} cancelReplaceMode cancelNewClientOrderId"
    " cancelOrigClientOrderId cancelOrderId cancelRestrictions"
    " orderRateLimitExceededMode"
)
RANGE = "startTime endTime limit"
Weigh = Callable[[Mapping[str, str]], int]


def list_calls(orders: OrderCalls, accounts: AccountCalls) -> dict[str, SignedCall]:
    """Return the calls, by method and path behind the version."""
    return {**_order_calls(orders), **_query_calls(orders, accounts)}


def _order_calls(orders: OrderCalls) -> dict[str, SignedCall]:
    return {
        "POST order": _call(
            orders.place, 1, ORDER_PARAMETERS, kind="place", is_free=True, places=True
        ),
        "POST order/test": _call(
            orders.test,
            lambda sent: 20 if sent.get("computeCommissionRates") == "true" else 1,
            f"{ORDER_PARAMETERS} computeCommissionRates",
        ),
        "DELETE order": _call(orders.cancel, 1, CANCEL, kind="cancel", is_free=True),
        "DELETE openOrders": _call(
            orders.cancel_all, 1, "symbol", kind="cancel", is_free=True
        ),
        "POST order/cancelReplace": _call(
            orders.replace, 1, REPLACE, kind="place", is_free=True, places=True
        ),
        "PUT order/amend/keepPriority": _call(
            orders.amend, 4, f"{IDS} newClientOrderId newQty", kind="cancel"
        ),
    }


def _query_calls(orders: OrderCalls, accounts: AccountCalls) -> dict[str, SignedCall]:
    return {
        "GET order": _call(orders.query, 4, IDS),
        "GET openOrders": _call(
            orders.open_orders, lambda sent: 6 if "symbol" in sent else 80, "symbol"
        ),
        "GET allOrders": _call(accounts.all_orders, 20, f"symbol orderId {RANGE}"),
        "GET myTrades": _call(
            accounts.my_trades,
            lambda sent: 5 if "orderId" in sent else 20,
            f"symbol orderId fromId {RANGE}",
        ),
        "GET account": _call(accounts.account, 20, "omitZeroBalances"),
        "GET account/commission": _call(accounts.commission, 20, "symbol"),
        "GET myFilters": _call(accounts.filters, 40, "symbol"),
        "GET order/amendments": _call(
            orders.amendments, 4, "symbol orderId fromExecutionId limit"
        ),
        "GET rateLimit/order": _call(accounts.order_limits, 40, ""),
    }


def _call(
    answer: Callable[[SignedRequest], object],
    weigh: Weigh | int,
    known: str,
    *,
    kind: CallKind = "query",
    is_free: bool = False,
    places: bool = False,
) -> SignedCall:
    return SignedCall(
        known=frozenset(known.split()) | SIGNED,
        weigh=weigh if callable(weigh) else lambda _sent: weigh,
        answer=answer,
        kind=kind,
        is_free=is_free,
        places=places,
    )
