"""The options that limit what may be traded."""

from collections.abc import Collection
from typing import Final

from adapters.configuration.option_values import notionals_of, percent_of, rate_of
from adapters.configuration.options import Option
from domain.errors import ConfigurationError
from domain.risk.limits import RiskLimits, assets_without_symbol
from domain.venue.symbol_rules import DELISTED, SymbolRules


RISK_OPTIONS: Final = (
    Option(
        name="max-order-notional",
        read=notionals_of,
        default="",
        metavar="ASSET=AMOUNT,...",
        help="Refuse orders above this price x quantity, by quote asset.",
    ),
    Option(
        name="max-child-notional",
        read=notionals_of,
        default="",
        metavar="ASSET=AMOUNT,...",
        help="Work larger orders in parts of at most this price x quantity.",
    ),
    Option(
        name="max-open-notional",
        read=notionals_of,
        default="",
        metavar="ASSET=AMOUNT,...",
        help="Refuse orders that bring what is open of one symbol above this.",
    ),
    Option(
        name="price-collar",
        read=percent_of,
        metavar="PERCENT",
        help="Send no order whose limit is further beyond the touch; such as 2%.",
    ),
    Option(
        name="max-child-rate",
        read=rate_of,
        metavar="NUMBER",
        help="Send at most so many child orders a second.",
    ),
)


def check_assets_of_limits(limits: RiskLimits, rules: Collection[SymbolRules]) -> None:
    """Check that each limit applies to some symbol.

    Args:
        limits: the operator's.
        rules: of all symbols that are to be traded.

    Raises:
        ConfigurationError: a limit is in an asset in which no symbol is traded.
    """
    if any(one.status == DELISTED for one in rules):
        return  # the limit may be in the quote asset of a delisted symbol
    if unknown := assets_without_symbol(limits, rules):
        quotes = ", ".join(sorted({one.quote_asset for one in rules}))
        problem = f"{unknown[0]} is the quote asset of no traded symbol"
        where = _option_that_names(unknown[0], limits)
        raise ConfigurationError(f"{where}: {problem}; they are traded in {quotes}")


def _option_that_names(asset: str, limits: RiskLimits) -> str:
    amounts = {
        "--max-order-notional": limits.max_order_notional,
        "--max-child-notional": limits.max_child_notional,
        "--max-open-notional": limits.max_open_notional,
    }
    return next(option for option, limit in amounts.items() if asset in limit)
