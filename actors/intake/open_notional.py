"""The open notional of each symbol, and whether another order fits its limit."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
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
    order_risks,
)
from domain.values import ZERO, OrderId, Symbol, difference, notional, total
from domain.venue.answers import Account
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reservation:
    """The terms that a pending amendment would give an order."""

    price: Decimal
    quantity: Decimal

    def is_fulfilled_by(self, order: Order) -> bool:
        return (order.price, order.quantity) == (self.price, self.quantity)


class OpenNotional:
    """The manager's part that knows how much the open orders could still trade."""

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
        """The account as last read; None while it is not known."""

    def refusal(self, command: PlaceOrder) -> Refusal | None:
        """Say which limit a new order would break, and its value."""
        return next(self.refusals(command), None)

    def refusals(self, command: PlaceOrder) -> Iterator[Refusal]:
        """Yield every limit that a new order would break, with its value."""
        rules = self._rules[command.symbol]
        price, quantity = command.price, command.quantity
        yield from order_risks(
            self._limits,
            rules,
            price=price,
            quantity=quantity,
            time_in_force=command.time_in_force,
        )
        open_risk = check_open_risk(
            self._limits,
            rules,
            own=notional(price, quantity),
            others=self._of_symbol[command.symbol],
        )
        balance = check_balance(
            self.account, rules, side=command.side, price=price, quantity=quantity
        )
        yield from filter(None, (open_risk, balance))

    def reserve(self, command: AmendOrder) -> Refusal | None:
        """Count an amendment as done from now on, unless it would break a limit.

        So that orders that come before its answer are checked with it included.
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
        if own > before:  # a reduction is always allowed, even above a lowered limit
            others = difference(self._of_symbol[order.symbol], before)
            rules = self._rules[order.symbol]
            refusal = check_open_risk(self._limits, rules, own=own, others=others)
        if refusal is None:
            self._wishes[order.order_id] = wish
            self._set(order)
        return refusal

    def give_back(self, order_id: OrderId) -> None:
        """Drop an order's reservation: its amendment was not made."""
        order = self._orders.get(order_id)
        if self._wishes.pop(order_id, None) and order is not None:
            self._set(order)

    def note(self, order: Order, *, is_amendment_refused: bool = False) -> None:
        """Count an order as it is now; one that has ended counts nothing."""
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
        """Whether all open orders of a symbol were read, or need not be."""
        rules, limits = self._rules.get(symbol), self._limits.max_open_notional
        is_free = rules is None or rules.quote_asset not in limits
        return is_free or symbol in self._known

    def page_read(self, page: OpenOrdersLoaded, pending: Container[OrderId]) -> None:
        """Count a page of a symbol's open orders.

        With the first page of a reading, all known orders of the symbol are in doubt.

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
        """Note that a reading is complete.

        An order that was in doubt and has not been seen since has ended unnoticed.
        """
        self._known.add(symbol)
        for order_id in self._unseen.pop(symbol, ()):
            self.forget(order_id)

    def of_symbols(self) -> Mapping[Symbol, Decimal]:
        """Return each symbol's open notional, in quote; a missing one has none."""
        return MappingProxyType(self._of_symbol)

    def reserved(self) -> Mapping[OrderId, Decimal]:
        """Return the notional, in quote, at which orders being amended count."""
        return {order_id: self._amounts[order_id] for order_id in self._wishes}

    def forget(self, order_id: OrderId) -> None:
        """Drop an order: it was refused, or has ended."""
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
    """Return an order's open notional under the terms of an amendment, in quote."""
    return notional(wish.price, max(difference(wish.quantity, order.filled), ZERO))
