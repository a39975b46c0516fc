"""The options that limit what may be traded."""

from typing import Final

from adapters.configuration.option_values import notionals_of, percent_of, rate_of
from adapters.configuration.options import Option


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
