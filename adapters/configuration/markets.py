"""The exchanges that the service can trade on, and what the choice of one decides.

A new one needs a value of ``Market``, and its terms: without them nothing starts. It is
opened by ``open_venue`` (``adapters/venue_factory.py``).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from domain.orders.completion import OFFER_AGE_MAX_NS


class Market(StrEnum):
    """The exchange that prices come from and, unless on paper, orders go to."""

    SIMULATED = "simulated"
    BINANCE = "binance"
    TESTNET = "testnet"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTerms:
    """What follows from the choice of an exchange, whatever else is configured."""

    is_money_real: bool
    """Whether its child orders move real money. If so, they are filled on paper unless
    the operator says otherwise, and the banner is red when they are not."""

    unknown_margin: timedelta
    """How much longer than the receive window a child's absence at the venue proves
    nothing, unless the operator says otherwise."""

    unknown_margin_min: timedelta
    """The least that an operator may choose."""


PERMIT: Final = timedelta(microseconds=OFFER_AGE_MAX_NS // 1000)
"""How long a child whose intent is on disk may still leave: a predecessor that has not
noticed the takeover may send it after its successor has already looked it up."""

OTHER_HOST_MARGIN_MIN: Final = PERMIT + timedelta(seconds=1)
"""The minimum for a host that the operator named, which others may use, too."""

_BINANCE_MARGIN: Final = timedelta(seconds=35)
"""The permit, 10 s that Binance takes at most, and records that lag by 20 s."""

_BINANCE_MARGIN_MIN: Final = PERMIT + timedelta(seconds=20)


def terms_of(market: Market) -> MarketTerms:
    """Return what follows from the choice of ``market``."""
    match market:
        case Market.SIMULATED:
            return MarketTerms(
                is_money_real=False,
                # It lags only when told to, and ends with us.
                unknown_margin=timedelta(seconds=5),
                unknown_margin_min=timedelta(0),
            )
        case Market.BINANCE | Market.TESTNET:
            return MarketTerms(
                is_money_real=market is Market.BINANCE,
                unknown_margin=_BINANCE_MARGIN,
                unknown_margin_min=_BINANCE_MARGIN_MIN,
            )
        case _:
            assert_never(market)
