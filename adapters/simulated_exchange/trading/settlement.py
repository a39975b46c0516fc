"""Moves balances for each trade, and closes orders that are final."""

from collections.abc import Callable

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.market.amounts import SCALE
from adapters.simulated_exchange.market.order_book import Execution
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import (
    ExchangeOrder,
    ExchangeTrade,
    Kind,
    Status,
)
from adapters.simulated_exchange.trading.user_events import UserEvents


class Settlement:
    """The only place where trading changes balances."""

    def __init__(
        self, ledger: OrderLedger, events: UserEvents, clock: WallClock
    ) -> None:
        """Note trades in the ledger and tell them."""
        self._ledger = ledger
        self.events = events
        self.on_first_fill: Callable[[TraderAccount], None] = lambda _account: None
        """Told when an order is filled for the first time, in part or whole."""
        self._clock = clock

    def settle(
        self, order: ExchangeOrder, execution: Execution, *, is_maker: bool
    ) -> None:
        """Make an order pay and receive the amounts of one of its trades."""
        notional = execution.price * execution.quantity // SCALE
        paid, got = execution.quantity, notional
        if order.is_buy:
            paid, got = got, paid
        if paid > order.locked:  # a MARKET order that had to go deeper than planned
            order.account.lock(order.spends, paid - order.locked)
            order.locked = paid
        order.account.spend(order.spends, paid)
        order.locked -= paid
        now_ms = self._clock()
        trade = ExchangeTrade(
            trade_id=execution.trade_id,
            order=order,
            price=execution.price,
            quantity=execution.quantity,
            quote_quantity=notional,
            commission=order.account.receive(order.receives, got),
            commission_asset=order.receives,
            time_ms=now_ms,
            is_maker=is_maker,
        )
        if not order.executed:
            self.on_first_fill(order.account)
        order.executed += execution.quantity
        order.quote_executed += notional
        order.update_time_ms = now_ms
        order.trades.append(trade)
        self._ledger.add_trade(trade)
        if order.left:
            order.status = Status.PARTIALLY_FILLED
            self.relock(order)
        else:
            self.close(order, Status.FILLED)
        self.events.report(order, "TRADE", trade)

    def relock(self, order: ExchangeOrder) -> None:
        """Give back what an order has set aside and does not need any more."""
        request = order.request
        if request.kind is Kind.MARKET:
            return
        needed = request.price * order.left // SCALE if order.is_buy else order.left
        if order.locked > needed:
            order.account.release(order.spends, order.locked - needed)
            order.locked = needed

    def close(self, order: ExchangeOrder, status: Status) -> None:
        """Make an order final and give back what it had set aside."""
        order.status = status
        order.handle = None
        order.account.release(order.spends, order.locked)
        order.locked = 0
        self._ledger.close(order)

    def tell_position(self, order: ExchangeOrder) -> None:
        """Tell the balances that an order touches."""
        self.events.position(order.account, (order.base, order.quote))
