"""An order that a newcomer can place at once."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from domain.market.updates import Level
from domain.orders.commands import PlaceOrder
from domain.values import ZERO, Side
from domain.venue.symbol_rules import SymbolRules


_BELOW_BID = Decimal("0.99")
_ABOVE_MINIMUM = 10


def example_sell(rules: SymbolRules, best_bid: Level) -> PlaceOrder:
    """Make a sell order that the market soon fills and the venue would accept.

    Its limit is one per cent below the best bid, so that a moving market still meets
    it; its quantity ten times the smallest one, or the best bid's where none is set.
    """
    bid_price, bid_quantity = best_bid
    price = _in_steps(bid_price * _BELOW_BID, rules.tick_size, ROUND_FLOOR)
    wanted = max(rules.min_quantity, rules.min_notional / price) * _ABOVE_MINIMUM
    quantity = _in_steps(wanted or bid_quantity, rules.step_size, ROUND_CEILING)
    if rules.max_quantity:
        quantity = min(quantity, rules.max_quantity)
    return PlaceOrder(
        symbol=rules.symbol, side=Side.SELL, quantity=quantity, price=price
    )


def _in_steps(amount: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step == ZERO:
        return amount
    return (amount / step).to_integral_value(rounding) * step
