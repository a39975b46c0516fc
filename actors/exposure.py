"""What is open in each symbol, and whether another order may join it."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from domain.commands import PlaceOrder
from domain.instrument import SymbolRules
from domain.order import Order
from domain.refusals import Refusal
from domain.risk import RiskLimits, check_balance, check_order_risk
from domain.values import ZERO, OrderId, Symbol, difference, notional, total
from domain.venue import Account


class Exposure:
    """The manager's part that knows what the open orders could still trade."""

    def __init__(self, rules: Mapping[Symbol, SymbolRules], limits: RiskLimits) -> None:
        self._rules = rules
        self._limits = limits
        self._of_order: dict[OrderId, tuple[Symbol, Decimal]] = {}
        self._of_symbol: defaultdict[Symbol, Decimal] = defaultdict(lambda: ZERO)
        self.account: Account | None = None
        """As it was read last; None while it is not known."""

    def refusal(self, command: PlaceOrder) -> Refusal | None:
        """Say which limit a new order would break, and its value."""
        rules = self._rules[command.symbol]
        price, quantity = command.price, command.quantity
        return check_order_risk(
            self._limits,
            rules,
            price=price,
            quantity=quantity,
            open_notional=self._of_symbol[command.symbol],
        ) or check_balance(
            self.account, rules, side=command.side, price=price, quantity=quantity
        )

    def of_others(self, symbol: Symbol, order_id: OrderId) -> Decimal:
        """Return the open notional of a symbol without one of its orders."""
        own = self._of_order.get(order_id, (symbol, ZERO))[1]
        return difference(self._of_symbol[symbol], own)

    def note(self, order: Order) -> None:
        """Take an order as it is now; one that has ended is not open any more."""
        if not self._limits.max_open_notional:
            return
        self.forget(order.order_id)
        if order.status.is_final:
            return
        amount = notional(order.price, order.remaining)
        self._of_order[order.order_id] = order.symbol, amount
        of_symbol = self._of_symbol
        of_symbol[order.symbol] = total(of_symbol[order.symbol], amount)

    def forget(self, order_id: OrderId) -> None:
        """Take an order out: it was refused, or is being noted anew."""
        symbol, amount = self._of_order.pop(order_id, (None, ZERO))
        if symbol is not None:
            self._of_symbol[symbol] = difference(self._of_symbol[symbol], amount)
