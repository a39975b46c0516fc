"""Reading the disk, from any thread; a port of the edges."""

from collections.abc import Sequence
from typing import Protocol

from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderEvent
from domain.orders.stored_orders import (
    BookedFill,
    ChildHistory,
    FillFilter,
    OpenOrderKey,
    OrderFilter,
    OrderPage,
    OrderPast,
    OrderTouches,
    StoredChild,
)
from domain.orders.summary import FillTotals
from domain.pages import Page, PageWanted
from domain.values import ChildId, OrderId, Symbol


class OrderQueries(Protocol):
    """Reading what is on disk, from any thread.

    Every call raises StoreUnavailableError if the database is out of reach.
    """

    def order(self, order_id: OrderId) -> Order | None:
        """Read one order."""
        ...

    def orders(self, wanted: OrderFilter) -> OrderPage:
        """Read a page of orders, newest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def open_keys(
        self, symbol: Symbol | None, before: int | None, limit: int
    ) -> Sequence[OpenOrderKey]:
        """List open orders, those of the highest sequence first.

        Args:
            symbol: of the orders; None: any.
            before: only sequences below this; None: all.
            limit: how many at most.
        """
        ...

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        """Read a page of the fills of an order, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def booked_fills(self, wanted: FillFilter) -> Page[BookedFill]:
        """Read a page of the fills of all orders, those executed last first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def event_page(self, order_id: OrderId, wanted: PageWanted) -> Page[OrderEvent]:
        """Read a page of the history of an order, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def child_page(self, order_id: OrderId, wanted: PageWanted) -> Page[StoredChild]:
        """Read a page of the children of an order, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def touches(self, order_id: OrderId) -> OrderTouches:
        """Read the touches when an order came and ended; none if it is unknown."""
        ...

    def price_path(self, wanted: PathWanted, page: PageWanted) -> Page[PricePoint]:
        """Read a page of a symbol's price path, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def traded_seconds(self, wanted: PathWanted, most: int) -> Sequence[TradedSecond]:
        """Read what was traded of a symbol, oldest first.

        With it come the last second with trades before the stretch, and the first one
        behind it. The step is not heeded.

        Args:
            wanted: the stretch.
            most: how many seconds at most.
        """
        ...

    def past(self, order: Order) -> OrderPast:
        """Read what happened to an order that bears on why it does not fill now."""
        ...

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        """Add up the fills of an order; there may be many."""
        ...

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read everything about a child; None if its order is unknown."""
        ...

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        """Return the child for which a trade is booked; None if it is not booked."""
        ...
