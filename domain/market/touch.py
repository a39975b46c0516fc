"""The touch: best bid and best ask at one moment, with what is stated there."""

from datetime import datetime
from decimal import Decimal

from domain.market.updates import Statement, made_per_frame
from domain.values import Side


@made_per_frame
class Touch:
    """Best bid and best ask of a book that was in step and recent.

    One is made for each child order and most are never read, so the amounts stay as the
    venue wrote them until somebody does.
    """

    best_bid: Statement | None
    """As stated, whatever we had taken of it; None if there is no bid."""

    best_ask: Statement | None
    update_id: int
    """Of the book: that of the last update it contains, of whichever level."""

    as_of: datetime
    """Aware UTC; as of when the book is known to have been like that."""

    @property
    def bid(self) -> Decimal | None:
        """Return the best bid, in quote."""
        return None if self.best_bid is None else Decimal(self.best_bid[0])

    @property
    def bid_quantity(self) -> Decimal | None:
        """Return what is stated at the best bid, in base."""
        return None if self.best_bid is None else Decimal(self.best_bid[1])

    @property
    def ask(self) -> Decimal | None:
        """Return the best ask, in quote."""
        return None if self.best_ask is None else Decimal(self.best_ask[0])

    @property
    def ask_quantity(self) -> Decimal | None:
        """Return what is stated at the best ask, in base."""
        return None if self.best_ask is None else Decimal(self.best_ask[1])

    def far(self, side: Side) -> Decimal | None:
        """Return the price that an order of ``side`` can take at once."""
        return self.bid if side is Side.SELL else self.ask
