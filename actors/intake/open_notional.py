"""What is open in each symbol, and whether another order may join it."""

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from actors.messages.ledger import OpenOrdersLoaded
from domain.orders.commands import AmendOrder, PlaceOrder
from domain.orders.order import Order
from domain.refusals import Refusal
from domain.risk.limits import (
    RiskLimits,
    check_balance,
    check_open_risk,
    check_order_risk,
)
from domain.values import ZERO, OrderId, Symbol, difference, notional, total
from domain.venue.answers import Account
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reservation:
    """Terms that an amendment on its way would give an order."""

    price: Decimal
    quantity: Decimal

    def is_fulfilled_by(self, order: Order) -> bool:
        return (order.price, order.quantity) == (self.price, self.quantity)


class OpenNotional:
    """The manager's part that knows what the open orders could still trade."""

    def __init__(self, rules: Mapping[Symbol, SymbolRules], limits: RiskLimits) -> None:
        self._rules = rules
        self._limits = limits
        self._orders: dict[OrderId, Order] = {}
        self._wishes: dict[OrderId, _Reservation] = {}
        self._amounts: dict[OrderId, Decimal] = {}
        self._of_symbol: defaultdict[Symbol, Decimal] = defaultdict(lambda: ZERO)
        self._unseen: dict[Symbol, set[OrderId]] = {}
        self._known: set[Symbol] = set()
        self.account: Account | None = None
        """As it was read last; None while it is not known."""

    def refusal(self, command: PlaceOrder) -> Refusal | None:
        """Say which limit a new order would break, and its value."""
        rules = self._rules[command.symbol]
        price, quantity = command.price, command.quantity
        return (
            check_order_risk(
                self._limits,
                rules,
                price=price,
                quantity=quantity,
                time_in_force=command.time_in_force,
            )
            or check_open_risk(
                self._limits,
                rules,
                own=notional(price, quantity),
                others=self._of_symbol[command.symbol],
            )
            or check_balance(
                self.account, rules, side=command.side, price=price, quantity=quantity
            )
        )

    def reserve(self, command: AmendOrder) -> Refusal | None:
        """Count an amendment as done from now on, unless it would break a limit.

        Others that come before its answer see what would be open with it.
        """
        order = self._orders.get(command.order_id)
        if order is None:
            return None
        wish = _Reservation(
            price=command.price or order.price,
            quantity=command.quantity or order.quantity,
        )
        before, own = self._amounts[order.order_id], _open(order, wish)
        refusal = None
        if own > before:  # less is no risk, also where a limit was lowered meanwhile
            others = difference(self._of_symbol[order.symbol], before)
            rules = self._rules[order.symbol]
            refusal = check_open_risk(self._limits, rules, own=own, others=others)
        if refusal is None:
            self._wishes[order.order_id] = wish
            self._set(order)
        return refusal

    def give_back(self, order_id: OrderId) -> None:
        """Count an order as it is: its amendment has come to nothing."""
        order = self._orders.get(order_id)
        if self._wishes.pop(order_id, None) and order is not None:
            self._set(order)

    def note(self, order: Order, *, is_amendment_refused: bool = False) -> None:
        """Take an order as it is now; one that has ended is not open any more."""
        if not self._limits.max_open_notional:
            return
        self._unseen.get(order.symbol, set()).discard(order.order_id)
        known = self._orders.get(order.order_id)
        if known is not None and known.version > order.version:
            return
        wish = self._wishes.get(order.order_id)
        if wish is not None and (is_amendment_refused or wish.is_fulfilled_by(order)):
            del self._wishes[order.order_id]
        self._set(order)

    def is_known(self, symbol: Symbol) -> bool:
        """Whether all that is open of a symbol was read, or need not be."""
        rules, limits = self._rules.get(symbol), self._limits.max_open_notional
        is_free = rules is None or rules.quote_asset not in limits
        return is_free or symbol in self._known

    def page_read(self, page: OpenOrdersLoaded, pending: Container[OrderId]) -> None:
        """Take some of the open orders of a symbol.

        At the first page of a reading, all that is held of the symbol is in doubt.

        Args:
            page: by ascending sequence from the start.
            pending: orders that may not be on disk yet.
        """
        symbol = page.symbol
        if not page.after_sequence:
            self._unseen[symbol] = {
                order.order_id
                for order in self._orders.values()
                if order.symbol == symbol and order.order_id not in pending
            }
        for found in page.orders:
            self.note(found.order)

    def all_read(self, symbol: Symbol) -> None:
        """Take note that a reading has come to its end.

        What was in doubt and seen by nobody until then has ended without a word.
        """
        self._known.add(symbol)
        for order_id in self._unseen.pop(symbol, ()):
            self.forget(order_id)

    def of_symbols(self) -> Mapping[Symbol, Decimal]:
        """Return what is open of each symbol, in quote; a missing one has nothing."""
        return MappingProxyType(self._of_symbol)

    def reserved(self) -> Mapping[OrderId, Decimal]:
        """Return as how much those orders count that are being amended."""
        return {order_id: self._amounts[order_id] for order_id in self._wishes}

    def forget(self, order_id: OrderId) -> None:
        """Take an order out: it was refused, or has ended."""
        order = self._orders.pop(order_id, None)
        self._wishes.pop(order_id, None)
        if order is not None:
            amount = self._amounts.pop(order_id)
            of_symbol = self._of_symbol
            left = difference(of_symbol[order.symbol], amount)
            assert left >= 0, f"less is open in {order.symbol} than its orders have"
            of_symbol[order.symbol] = left

    def _set(self, order: Order) -> None:
        wish = self._wishes.get(order.order_id)
        self.forget(order.order_id)
        if order.status.is_final:
            return
        amount = notional(order.price, order.remaining)
        if wish is not None:
            self._wishes[order.order_id] = wish
            amount = max(amount, _open(order, wish))
        self._orders[order.order_id] = order
        self._amounts[order.order_id] = amount
        of_symbol = self._of_symbol
        of_symbol[order.symbol] = total(of_symbol[order.symbol], amount)


def _open(order: Order, wish: _Reservation) -> Decimal:
    """Return what of an order would be open under other terms, in quote."""
    return notional(wish.price, max(difference(wish.quantity, order.filled), ZERO))
