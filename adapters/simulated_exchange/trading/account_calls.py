"""The calls about accounts and their past, independent of how they come in."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.market.amounts import to_text
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading import order_replies
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.calls import SignedRequest
from adapters.simulated_exchange.trading.order_counts import OrderCounts
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.order_replies import Reply
from adapters.simulated_exchange.trading.orders import ExchangeOrder, ExchangeTrade
from adapters.simulated_exchange.trading.symbol_rules import RuleBook


LIMIT_DEFAULT, LIMIT_MAX = 500, 1000
RANGE_MS_MAX = 86_400_000
ZERO = to_text(0)
NO_RATES: Reply = {"maker": ZERO, "taker": ZERO, "buyer": ZERO, "seller": ZERO}
BASIS_POINTS = 10_000
Item = TypeVar("Item", ExchangeOrder, ExchangeTrade)


class AccountCalls:
    """Shows accounts to their owners."""

    def __init__(
        self,
        rules: RuleBook,
        ledger: OrderLedger,
        counts: OrderCounts,
        clock: WallClock,
    ) -> None:
        """Show these; the clock is the right one, whatever clients are told."""
        self._rules = rules
        self._ledger = ledger
        self._counts = counts
        self._clock = clock

    def all_orders(self, request: SignedRequest) -> list[Reply]:
        """Show the orders of a symbol, open or not."""
        parameters, account = request.parameters, request.caller.account
        symbol = self._symbol(parameters)
        limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)
        since, until = _time_range(parameters)
        found = [
            order
            for order in self._ledger.orders(account, symbol)
            if since <= order.time_ms <= until and self._visible(order)
        ]
        first_id = parameters.integer("orderId")
        chosen = _page(found, first_id, limit, lambda order: order.order_id, since)
        return [order_replies.queried(order) for order in chosen]

    def my_trades(self, request: SignedRequest) -> list[Reply]:
        """Show the trades of a symbol."""
        parameters, account = request.parameters, request.caller.account
        symbol = self._symbol(parameters)
        limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)
        since, until = _time_range(parameters)
        order_id, from_id = parameters.integer("orderId"), parameters.integer("fromId")
        if from_id is not None and (since or until < RANGE_END):
            raise VenueError(-1128, "Combination of optional parameters invalid.")
        trades: Iterable[ExchangeTrade] = self._ledger.trades(account, symbol)
        if order_id is not None:
            order = self._ledger.by_id(account, symbol, order_id)
            trades = order.trades if order is not None else ()
        found = [
            trade
            for trade in trades
            if since <= trade.time_ms <= until and self._visible(trade.order)
        ]
        chosen = _page(found, from_id, limit, lambda trade: trade.trade_id, since)
        return [order_replies.traded(trade) for trade in chosen]

    def _visible(self, order: ExchangeOrder) -> bool:
        return order.hidden_until_ms <= self._clock()

    def account(self, request: SignedRequest) -> Reply:
        """Show balances and rates."""
        account = request.caller.account
        rate = to_text(account.commission)
        points = account.commission * BASIS_POINTS // 10**8
        is_sparse = request.parameters.flag("omitZeroBalances")
        return {
            "makerCommission": points,
            "takerCommission": points,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {**NO_RATES, "maker": rate, "taker": rate},
            "canTrade": True,
            "canWithdraw": False,
            "canDeposit": False,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": account.update_time_ms,
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": free, "locked": locked}
                for asset, free, locked in self._balances(account)
                if not is_sparse or (free, locked) != (ZERO, ZERO)
            ],
            "permissions": ["SPOT"],
            "uid": account.uid,
        }

    def _balances(self, account: TraderAccount) -> list[tuple[str, str, str]]:
        if account.lag is not None and account.lag[0] > self._clock():
            return account.lag[1]
        return account.shown()

    def commission(self, request: SignedRequest) -> Reply:
        """Show what trading in a symbol costs."""
        symbol = self._symbol(request.parameters)
        rate = to_text(request.caller.account.commission)
        return {
            "symbol": symbol,
            "standardCommission": {**NO_RATES, "maker": rate, "taker": rate},
            "specialCommission": NO_RATES,
            "taxCommission": NO_RATES,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": ZERO,
            },
        }

    def filters(self, request: SignedRequest) -> Reply:
        """Show the filters that an account meets in a symbol; none is its own."""
        symbol = request.parameters.symbol()
        return {
            "exchangeFilters": [],
            "symbolFilters": self._rules.of(symbol).described.get("filters", []),
            "assetFilters": [],
        }

    def order_limits(self, request: SignedRequest) -> list[Reply]:
        """Show how many orders the account has placed of those it may."""
        return self._counts.describe(request.caller.account)

    def _symbol(self, parameters: CallParameters) -> str:
        symbol = parameters.symbol()
        self._rules.of(symbol)
        return symbol


RANGE_END = 1 << 62


def _time_range(parameters: CallParameters) -> tuple[int, int]:
    since, until = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    if since is not None and until is not None:
        if until < since:
            raise VenueError(-1127, "Start time is greater than end time.")
        if until - since > RANGE_MS_MAX:
            raise VenueError(-1127, "More than 24 hours between startTime and endTime.")
    return since or 0, RANGE_END if until is None else until


def _page(
    found: list[Item],
    first_id: int | None,
    limit: int,
    id_of: Callable[[Item], int],
    since: int,
) -> list[Item]:
    """Return what follows an id or a start time, else the latest."""
    if first_id is not None:
        return [one for one in found if id_of(one) >= first_id][:limit]
    return found[:limit] if since else found[-limit:]
