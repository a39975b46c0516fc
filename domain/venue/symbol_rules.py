"""The venue's rules of one symbol: tick, lot, minimum and maximum amounts.

Source: Binance spot filters (PRICE_FILTER, LOT_SIZE, MIN_NOTIONAL, NOTIONAL,
PERCENT_PRICE, PERCENT_PRICE_BY_SIDE). A rule whose value is 0 or absent is off; filters
unknown to us are not represented.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import ZERO, Symbol, format_amount, is_multiple, notional


TRADING: Final = "TRADING"
"""The status of a symbol whose orders the venue takes. It is Binance's word; an adapter
of another venue says this one for its own, such as ``online``."""

DELISTED: Final = "DELISTED"
"""Our word for the status of a symbol that the venue has forgotten."""

RULES_UNREADABLE: Final = "RULES_UNREADABLE"
"""Our word for the status of a symbol whose rules we cannot work with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRules:
    """What an order on this symbol must look like. Zero switches a rule off."""

    symbol: Symbol
    base_asset: str = ""
    quote_asset: str = ""
    status: str = TRADING
    """``TRADING``, or why not: the venue's word for it, or one of ours above. No order
    is taken, and no child leaves, unless it is exactly ``TRADING``."""

    tick_size: Decimal = ZERO
    """Smallest step of a price, in quote."""

    min_price: Decimal = ZERO
    max_price: Decimal = ZERO
    step_size: Decimal = ZERO
    """Smallest step of a quantity, in base."""

    min_quantity: Decimal = ZERO
    max_quantity: Decimal = ZERO
    min_notional: Decimal = ZERO
    """Smallest price x quantity, in quote."""

    max_notional: Decimal = ZERO
    sell_price_down: Decimal = ZERO
    buy_price_up: Decimal = ZERO
    """How far from a reference price a limit may be, as a factor of that price: how low
    for a SELL, such as 0.2, and how high for a BUY, such as 5."""

    def check(self, *, price: Decimal, quantity: Decimal) -> Refusal | None:
        """Say why the venue would refuse this order; None if it would not."""
        return next(self.refusals(price=price, quantity=quantity), None)

    def refusals(self, *, price: Decimal, quantity: Decimal) -> Iterator[Refusal]:
        """Yield every reason for which the venue would refuse this order."""
        yield from filter(None, (self.check_status(),))
        yield from filter(None, (self.check_price(price),))
        yield from filter(None, (self.check_quantity(quantity),))
        yield from filter(None, (self.check_notional(notional(price, quantity)),))

    def is_tradeable(self, *, price: Decimal, quantity: Decimal) -> bool:
        """Whether an order of this size reaches the venue's minimums."""
        return (
            quantity >= self.min_quantity
            and notional(price, quantity) >= self.min_notional
        )

    def check_status(self) -> Refusal | None:
        """Say that the venue takes no orders of the symbol now, if that is so."""
        if self.status == TRADING:
            return None
        return Refusal(
            code=RefusalCode.SYMBOL_NOT_TRADING,
            field="symbol",
            detail=f"{self.symbol} is in status {self.status} at the venue",
        )

    def check_price(self, price: Decimal) -> Refusal | None:
        """Say why the venue would refuse this limit."""
        if price < self.min_price:
            return _beyond(RefusalCode.PRICE_BELOW_MINIMUM, "price", self.min_price)
        if self.max_price and price > self.max_price:
            return _beyond(RefusalCode.PRICE_ABOVE_MAXIMUM, "price", self.max_price)
        if self.tick_size and not is_multiple(price, self.tick_size):
            return _off_step(RefusalCode.PRICE_OFF_TICK, "price", self.tick_size)
        return None

    def check_quantity(self, quantity: Decimal) -> Refusal | None:
        """Say why the venue would refuse this quantity."""
        if quantity < self.min_quantity:
            code = RefusalCode.QUANTITY_BELOW_MINIMUM
            return _beyond(code, "quantity", self.min_quantity)
        if self.max_quantity and quantity > self.max_quantity:
            code = RefusalCode.QUANTITY_ABOVE_MAXIMUM
            return _beyond(code, "quantity", self.max_quantity)
        if self.step_size and not is_multiple(quantity, self.step_size):
            return _off_step(RefusalCode.QUANTITY_OFF_LOT, "quantity", self.step_size)
        return None

    def check_notional(self, amount: Decimal) -> Refusal | None:
        """Say why the venue would refuse this amount of the quote asset."""
        if amount < self.min_notional:
            code = RefusalCode.NOTIONAL_BELOW_MINIMUM
            return _beyond(code, "quantity", self.min_notional, "price x quantity")
        if self.max_notional and amount > self.max_notional:
            code = RefusalCode.NOTIONAL_ABOVE_MAXIMUM
            return _beyond(code, "quantity", self.max_notional, "price x quantity")
        return None


def _beyond(
    code: RefusalCode, field: str, limit: Decimal, subject: str = ""
) -> Refusal:
    word = "at least" if code.value.endswith("MINIMUM") else "at most"
    detail = f"{subject or field} must be {word} {format_amount(limit)}"
    return Refusal(code=code, field=field, detail=detail)


def _off_step(code: RefusalCode, field: str, step: Decimal) -> Refusal:
    detail = f"{field} must be a multiple of {format_amount(step)}"
    return Refusal(code=code, field=field, detail=detail)
