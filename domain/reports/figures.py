"""Figures of a report: what was paid more, or less, than a benchmark says.

A figure is two amounts in the quote asset, both exact, so figures add up: those of
fills to an order's, those of orders to a symbol's. Only the ratio is rounded, and once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from domain.values import ZERO, notional, total


_PER_UNIT: Final = 10_000
"""Basis points in the whole."""

_LAST_PLACE: Final = Decimal("0.0001")
"""To which basis points are rounded, half to even."""

_LAST_PLACES_PER_POINT: Final = 10_000


class Measure(StrEnum):
    """What a report says; ``docs/execution-report.md`` has the formulas."""

    ARRIVAL = "arrival"
    SHORTFALL = "shortfall"
    EXECUTION = "execution"
    UNFILLED = "unfilled"
    FEES = "fees"
    PRICE_IMPROVEMENT = "price_improvement"
    EFFECTIVE_SPREAD = "effective_spread"
    MARKOUT_1S = "markout_1s"
    MARKOUT_10S = "markout_10s"
    MARKOUT_60S = "markout_60s"
    INTERVAL_VWAP = "interval_vwap"
    LIMIT_VWAP = "limit_vwap"
    PARTICIPATION = "participation"


BENCHMARKS: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        Measure.ARRIVAL: "mid at arrival",
        Measure.SHORTFALL: "whole quantity at the mid at arrival",
        Measure.EXECUTION: "whole quantity at the mid at arrival",
        Measure.UNFILLED: "whole quantity at the mid at arrival",
        Measure.FEES: "whole quantity at the mid at arrival",
        Measure.PRICE_IMPROVEMENT: "far touch at the offer",
        Measure.EFFECTIVE_SPREAD: "mid at the offer",
        Measure.MARKOUT_1S: "mid 1 s after the fill",
        Measure.MARKOUT_10S: "mid 10 s after the fill",
        Measure.MARKOUT_60S: "mid 60 s after the fill",
        Measure.INTERVAL_VWAP: "average of public trades while it was open",
        Measure.LIMIT_VWAP: "average of those at its limit or better",
        Measure.PARTICIPATION: "all public trades while it was open",
    }
)

HORIZONS: Final[Mapping[Measure, int]] = MappingProxyType(
    {Measure.MARKOUT_1S: 1, Measure.MARKOUT_10S: 10, Measure.MARKOUT_60S: 60}
)
"""Seconds after a fill."""

_GAINS: Final = frozenset({Measure.PRICE_IMPROVEMENT, *HORIZONS})
"""Measures that are a gain above zero; the others are a cost."""

_NEUTRAL: Final = frozenset({Measure.PARTICIPATION})
"""Measures that are neither."""


class Missing(StrEnum):
    """Why a figure is missing, or of a part only."""

    NOTHING_FILLED = "NOTHING_FILLED"
    NO_ARRIVAL_MID = "NO_ARRIVAL_MID"
    """The book was not usable when the order came, or had one side only, or the touch
    was not recorded yet in that version. Likewise the others."""

    NO_END_MID = "NO_END_MID"
    NO_OFFER_TOUCH = "NO_OFFER_TOUCH"
    NO_PRICE_THEN = "NO_PRICE_THEN"
    """The price path has no point there: the book was not usable, the point is not
    written yet, or it is not kept any more."""

    ORDER_OPEN = "ORDER_OPEN"
    FEE_NOT_VALUED = "FEE_NOT_VALUED"
    """A fee was paid in an asset that is not one of the pair's."""

    TRADES_NOT_RECORDED = "TRADES_NOT_RECORDED"
    """Public trades were not subscribed to, or some were missed, or the next one that
    would show that none was has not come yet."""

    NO_TRADES = "NO_TRADES"
    """Nobody traded meanwhile, or nobody at the limit or better."""

    TOO_MANY_SECONDS = "TOO_MANY_SECONDS"
    """The order was open for too long to add up its time's trades in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one measure says, and of how much."""

    amount: Decimal = ZERO
    """In quote, exact: the cost, or the gain of a measure that is one."""

    reference: Decimal = ZERO
    """In quote, exact: the value of the same quantity at the benchmark."""

    quantity: Decimal = ZERO
    """In base: of how much it is."""

    missing: Missing | None = None
    """Why it is not of everything."""

    @property
    def bps(self) -> Decimal | None:
        """Return the amount in basis points of the reference; None without one.

        To four decimals, half to even.
        """
        if not self.reference:
            return None
        ratio = Fraction(self.amount) / Fraction(self.reference)
        places = round(ratio * _PER_UNIT * _LAST_PLACES_PER_POINT)
        return notional(Decimal(places), _LAST_PLACE)


def word_for(measure: Measure, bps: Decimal | None) -> str | None:
    """Say whether a figure is good or bad for the client; None if it is neither."""
    if bps is None or measure in _NEUTRAL:
        return None
    if not bps:
        return "no difference"
    return "a gain" if (bps > 0) is (measure in _GAINS) else "a cost"


def added(figures: Iterable[Figure]) -> Figure:
    """Add figures of the same measure and the same quote asset up.

    What has nothing filled takes nothing away from what has.
    """
    amount = reference = quantity = ZERO
    missing: Missing | None = None
    for figure in figures:
        amount = total(amount, figure.amount)
        reference = total(reference, figure.reference)
        quantity = total(quantity, figure.quantity)
        if missing in (None, Missing.NOTHING_FILLED):
            missing = figure.missing or missing
    if missing in (None, Missing.NOTHING_FILLED):
        missing = None if reference else Missing.NOTHING_FILLED
    return Figure(
        amount=amount, reference=reference, quantity=quantity, missing=missing
    )
