"""The execution report of one order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from domain.market.public_trades import TradedSecond, Volume, volume_of
from domain.market.touch import Touch
from domain.orders.child_order import Fill
from domain.orders.order import Order
from domain.orders.stored_orders import OrderTouches
from domain.reports.figures import HORIZONS, Figure, Measure, Missing, added
from domain.values import (
    ZERO,
    ChildId,
    Side,
    average_price,
    difference,
    notional,
    total,
)
from domain.venue.symbol_rules import SymbolRules


_BOTH_SIDES: Final = Decimal(2)
"""A spread has two halves, and the mid lies between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was recorded of an order, as far as its report needs it."""

    order: Order
    touches: OrderTouches
    fills: Sequence[Fill]
    offers: Mapping[ChildId, Touch]
    """When each child was offered what it is made of; without those not recorded."""

    mids: Mapping[int, Decimal]
    """Of the price path, in quote, by second of Unix time."""

    traded: Sequence[TradedSecond] | Missing
    """All public trades from the second in which it came to the one in which it ended,
    or why they are not known."""

    rules: SymbolRules | None
    """They name the assets of the pair; None if it is not traded any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What an order's execution cost, by every measure."""

    order: Order
    arrival_mid: Decimal | None
    """In quote."""

    end_mid: Decimal | None
    fill_count: int
    filled: Decimal
    """In base: what the fills sum to, also if the order has gone on since."""

    figures: Mapping[Measure, Figure]


def report_on(evidence: Evidence) -> OrderReport:
    """Work out the report of an order, open or ended."""
    found = _Measured(evidence)
    figures = {
        Measure.ARRIVAL: found.arrival(),
        **found.shortfall(),
        Measure.PRICE_IMPROVEMENT: found.of_fills(found.price_improvement),
        Measure.EFFECTIVE_SPREAD: found.of_fills(found.effective_spread),
    }
    for measure, seconds in HORIZONS.items():
        figures[measure] = found.of_fills(found.markout_after(seconds))
    figures |= found.against_trades()
    return OrderReport(
        order=evidence.order,
        arrival_mid=found.arrival_mid,
        end_mid=mid_of(evidence.touches.end),
        fill_count=len(evidence.fills),
        filled=found.filled,
        figures=MappingProxyType({measure: figures[measure] for measure in Measure}),
    )


def mid_of(touch: Touch | None) -> Decimal | None:
    """Return the middle of a touch; None if there is none, or one side only."""
    return None if touch is None else middle(touch.bid, touch.ask)


def middle(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """Return the price between best bid and best ask, exact; None if one is missing."""
    if bid is None or ask is None:
        return None
    return notional(total(bid, ask), Decimal("0.5"))


def second_of(fill: Fill) -> int:
    """Return the second of Unix time in which a fill was executed."""
    return int(fill.executed_at.timestamp())


class _Measured:
    """Measures one order."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence: Final = evidence
        self._fills: Final = evidence.fills
        self._is_buy: Final = evidence.order.side is Side.BUY
        self.arrival_mid: Final = mid_of(evidence.touches.arrival)
        self.filled: Final = _sum(fill.quantity for fill in evidence.fills)

    def of_fills(self, measure: Callable[[Fill], Figure]) -> Figure:
        """Measure every fill."""
        return added(measure(fill) for fill in self._fills)

    def arrival(self) -> Figure:
        """What was paid over the mid at arrival, or received below it."""
        return self.of_fills(self._against_arrival)

    def shortfall(self) -> Mapping[Measure, Figure]:
        """Compare with a trade of the whole quantity at the mid at arrival, for free.

        All parts are of the same reference, so that their basis points add up.
        """
        parts = (Measure.EXECUTION, Measure.UNFILLED, Measure.FEES)
        mid = self.arrival_mid
        if mid is None:
            missing = Figure(missing=Missing.NO_ARRIVAL_MID)
            return dict.fromkeys((Measure.SHORTFALL, *parts), missing)
        reference = notional(mid, self._evidence.order.quantity)
        costs = (self._execution(), self._unfilled(mid), self._fees())
        found = {
            part: replace(cost, reference=ZERO if cost.missing else reference)
            for part, cost in zip(parts, costs, strict=True)
        }
        found[Measure.SHORTFALL] = self._whole(tuple(found.values()), reference)
        return found

    def price_improvement(self, fill: Fill) -> Figure:
        """How much better than the far touch: what the child could count on."""
        touch = self._evidence.offers.get(fill.child_id)
        far = None if touch is None else touch.far(self._evidence.order.side)
        if far is None:
            return Figure(missing=Missing.NO_OFFER_TOUCH)
        return _figure(fill, self._over(far, fill.price), far)

    def effective_spread(self, fill: Fill) -> Figure:
        """Twice the distance from the mid: a round trip at such prices."""
        mid = mid_of(self._evidence.offers.get(fill.child_id))
        if mid is None:
            return Figure(missing=Missing.NO_OFFER_TOUCH)
        both_ways = notional(self._over(fill.price, mid), _BOTH_SIDES)
        return _figure(fill, both_ways, mid)

    def markout_after(self, seconds: int) -> Callable[[Fill], Figure]:
        """How far the mid has gone the client's way since the fill."""

        def markout(fill: Fill) -> Figure:
            mid = self._evidence.mids.get(second_of(fill) + seconds)
            if mid is None:
                return Figure(missing=Missing.NO_PRICE_THEN)
            return _figure(fill, self._over(mid, fill.price), fill.price)

        return markout

    def against_trades(self) -> Mapping[Measure, Figure]:
        """Compare with what others traded while the order was open."""
        traded, order = self._evidence.traded, self._evidence.order
        if isinstance(traded, Missing):
            vwaps = Measure.INTERVAL_VWAP, Measure.LIMIT_VWAP, Measure.PARTICIPATION
            return dict.fromkeys(vwaps, Figure(missing=traded))
        every = volume_of(traded)
        within = volume_of(traded, order.side, order.price)
        return {
            Measure.INTERVAL_VWAP: self._against_average(every),
            Measure.LIMIT_VWAP: self._against_average(within),
            Measure.PARTICIPATION: self._participation(every),
        }

    def _against_average(self, volume: Volume) -> Figure:
        average = average_price(volume.quote, volume.quantity)
        if average is None:
            return Figure(missing=Missing.NO_TRADES)
        return self.of_fills(
            lambda fill: _figure(fill, self._over(fill.price, average), average)
        )

    def _participation(self, volume: Volume) -> Figure:
        if not volume.quote:
            return Figure(missing=Missing.NO_TRADES)
        ours = _sum(notional(fill.price, fill.quantity) for fill in self._fills)
        return Figure(amount=ours, reference=volume.quote, quantity=self.filled)

    def _against_arrival(self, fill: Fill) -> Figure:
        mid = self.arrival_mid
        if mid is None:
            return Figure(missing=Missing.NO_ARRIVAL_MID)
        return _figure(fill, self._over(fill.price, mid), mid)

    def _execution(self) -> Figure:
        return replace(self.arrival(), missing=None)

    def _unfilled(self, arrival_mid: Decimal) -> Figure:
        """What has become of the part that was not traded."""
        order = self._evidence.order
        open_quantity = difference(order.quantity, self.filled)
        if not open_quantity:
            return Figure()
        if not order.status.is_final:
            return Figure(missing=Missing.ORDER_OPEN)
        end_mid = mid_of(self._evidence.touches.end)
        if end_mid is None:
            return Figure(missing=Missing.NO_END_MID)
        missed = notional(self._over(end_mid, arrival_mid), open_quantity)
        return Figure(amount=missed, quantity=open_quantity)

    def _fees(self) -> Figure:
        """All fees in quote; those in base at the price of their fill."""
        fees = [self._fee_of(fill) for fill in self._fills]
        known = [fee for fee in fees if fee is not None]
        if len(known) < len(fees):
            return Figure(missing=Missing.FEE_NOT_VALUED)
        return Figure(amount=_sum(known), quantity=self.filled)

    def _fee_of(self, fill: Fill) -> Decimal | None:
        rules = self._evidence.rules
        if not fill.fee:
            return ZERO
        if rules is None or not fill.fee_asset:
            return None
        if fill.fee_asset == rules.quote_asset:
            return fill.fee
        if fill.fee_asset == rules.base_asset:
            return notional(fill.price, fill.fee)
        return None

    def _whole(self, parts: Sequence[Figure], reference: Decimal) -> Figure:
        missing = next((one.missing for one in parts if one.missing), None)
        if missing is not None:
            return Figure(missing=missing)
        return Figure(
            amount=_sum(one.amount for one in parts),
            reference=reference,
            quantity=self._evidence.order.quantity,
        )

    def _over(self, price: Decimal, benchmark: Decimal) -> Decimal:
        """How much worse a price is than the benchmark, for a trade on this side."""
        higher, lower = (price, benchmark) if self._is_buy else (benchmark, price)
        return difference(higher, lower)


def _figure(fill: Fill, amount: Decimal, reference: Decimal) -> Figure:
    """Make a fill's figure of what it is for one unit of base."""
    return Figure(
        amount=notional(amount, fill.quantity),
        reference=notional(reference, fill.quantity),
        quantity=fill.quantity,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    found = ZERO
    for amount in amounts:
        found = total(found, amount)
    return found
