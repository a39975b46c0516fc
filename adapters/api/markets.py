"""What is traded, and the books, as answers have them."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from msgspec import Struct

from adapters.api.amounts import Amount
from domain.market.updates import BookView, Level
from domain.reasons import BookState
from domain.venue.symbol_rules import SymbolRules


class SymbolAnswer(Struct, frozen=True, kw_only=True):
    """A symbol with the venue's rules. A rule that reads "0" is off."""

    symbol: str
    status: str
    """`TRADING`, or why no order is taken: the venue's word, or `DELISTED` or
    `RULES_UNREADABLE`."""

    base_asset: str
    quote_asset: str
    tick_size: Amount
    """Smallest step of a price, in the quote asset."""

    min_price: Amount
    max_price: Amount
    step_size: Amount
    """Smallest step of a quantity, in the base asset."""

    min_quantity: Amount
    max_quantity: Amount
    min_notional: Amount
    """Smallest price times quantity, in the quote asset."""

    max_notional: Amount

    @classmethod
    def of(cls, rules: SymbolRules) -> Self:
        """Show a symbol."""
        return cls(
            symbol=rules.symbol,
            status=rules.status,
            base_asset=rules.base_asset,
            quote_asset=rules.quote_asset,
            tick_size=Amount(rules.tick_size),
            min_price=Amount(rules.min_price),
            max_price=Amount(rules.max_price),
            step_size=Amount(rules.step_size),
            min_quantity=Amount(rules.min_quantity),
            max_quantity=Amount(rules.max_quantity),
            min_notional=Amount(rules.min_notional),
            max_notional=Amount(rules.max_notional),
        )


class LevelAnswer(NamedTuple):
    """A level of a book: price and quantity."""

    price: Amount
    quantity: Amount


class BookAnswer(Struct, frozen=True, kw_only=True):
    """The best levels of a book."""

    symbol: str
    state: BookState
    """Whether it may be traded on (`SYNCED`), and why not."""

    update_id: int
    """Of the last update of the venue that is in it; 0 if it was never in step."""

    bids: list[LevelAnswer]
    """The highest price first."""

    asks: list[LevelAnswer]
    """The lowest price first."""

    @classmethod
    def of(cls, book: BookView) -> Self:
        """Show a book."""
        return cls(
            symbol=book.symbol,
            state=book.state,
            update_id=book.update_id,
            bids=list(_levels(book.bids)),
            asks=list(_levels(book.asks)),
        )


def _levels(levels: Iterable[Level]) -> Iterable[LevelAnswer]:
    for price, quantity in levels:
        yield LevelAnswer(Amount(price), Amount(quantity))
