"""How much of an order one child takes: what the venue accepts, leaving no dust.

For real venues only. In a replay, and on paper, a child takes everything it finds.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from domain.values import (
    ZERO,
    Side,
    ceiling,
    divided,
    divided_up,
    floor,
    is_multiple,
)
from domain.venue.symbol_rules import SymbolRules


_FINEST = Decimal("1e-8")
_ONE = Decimal(1)


def child_limit(
    side: Side, price: Decimal, touch: Decimal | None, rules: SymbolRules
) -> Decimal:
    """Return a limit for a child that the venue accepts, no worse than the order's.

    The venue refuses a limit too far from a reference price of its own, an average that
    is not known here. Half of the distance that it allows, measured from the touch, is
    enough for an order that never rests, and leaves room between touch and average.

    Args:
        side: of the order.
        price: the order's limit.
        touch: the best price that it can take; None if unknown.
        rules: of the symbol.
    """
    if touch is not None:
        if side is Side.SELL and ZERO < rules.sell_price_down < _ONE:
            price = max(price, touch * (_ONE + rules.sell_price_down) / 2)
        if side is Side.BUY and rules.buy_price_up > _ONE:
            price = min(price, touch * (_ONE + rules.buy_price_up) / 2)
    return legal_limit(side, price, rules)


def legal_limit(side: Side, price: Decimal, rules: SymbolRules) -> Decimal:
    """Return the nearest limit on the venue's tick that is no worse for the client.

    An order is on the tick when it is taken in, but the tick may change later.
    """
    tick = rules.tick_size
    if not tick or is_multiple(price, tick):
        return price
    return ceiling(price, tick) if side is Side.SELL else floor(price, tick)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The rules of one symbol that a child's quantity has to satisfy."""

    rules: SymbolRules
    max_notional: Decimal = ZERO
    """The operator's limit of price x quantity of a child, in quote; 0: none."""

    applies_rules: bool = True
    """False on paper, which takes any quantity."""

    def under(self, rules: SymbolRules) -> "Sizing":
        """Return the same sizing under other rules of the venue."""
        return replace(self, rules=rules) if self.applies_rules else self

    def limit(self, side: Side, price: Decimal, touch: Decimal) -> Decimal:
        """Return the limit that the child of an order will have."""
        return child_limit(side, price, touch, self.rules)

    def size(
        self,
        *,
        limit: Decimal,
        touch: Decimal,
        available: Decimal,
        released: Decimal,
        left: Decimal,
    ) -> Decimal:
        """Say how much the next child takes; 0 if that would be too little.

        Args:
            limit: the child's.
            touch: the best price that it can take.
            available: at the limit or better, in base.
            released: of the order, in base: how much of it may be taken now.
            left: of the whole order, in base; at least ``released``.
        """
        least = self.least(limit)
        wanted = self.wanted(limit=limit, touch=touch, released=released)
        quantity = self._floor(min(available, wanted))
        if quantity < least or not quantity:
            return ZERO
        rest = left - quantity
        if not rest or rest >= least:
            return quantity
        # The rest would be dust: take less, if both parts are then large enough.
        smaller = self._floor(left - least)
        if smaller >= least:
            return smaller
        # There is no way to split what is left. While more of it is to be released,
        # the whole may still be taken at once; after that, dust is better than nothing.
        return quantity if released == left else ZERO

    def wanted(self, *, limit: Decimal, touch: Decimal, released: Decimal) -> Decimal:
        """Say how much the next child takes if all of it is there, in base."""
        most = self.most(max(limit, touch))
        return released if most is None else min(released, most)

    def least(self, price: Decimal) -> Decimal:
        """Return the smallest quantity of a child at a price; may be 0."""
        rules = self.rules
        least = rules.min_quantity
        if rules.min_notional and price:
            least = max(least, divided_up(rules.min_notional, price))
        return ceiling(least, rules.step_size) if rules.step_size else least

    def most(self, price: Decimal) -> Decimal | None:
        """Return the largest quantity of a child at a price; None: any.

        A SELL may be executed above its limit, up to the touch.
        """
        rules = self.rules
        limits = [limit for limit in (rules.max_notional, self.max_notional) if limit]
        most = [divided(limit, price) for limit in limits]
        if rules.max_quantity:
            most.append(rules.max_quantity)
        # Never more digits than an amount may have, even without a lot size.
        step = rules.step_size or _FINEST
        return floor(min(most), step) if most else None

    def _floor(self, quantity: Decimal) -> Decimal:
        step = self.rules.step_size
        return floor(quantity, step) if step else quantity
