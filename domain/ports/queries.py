"""The disk, for readers of any thread; the port of the edges."""

from typing import Protocol

from domain.orders.child_order import Fill
from domain.orders.journal import ChildHistory, OrderFilter, OrderPage
from domain.orders.order import Order, OrderEvent
from domain.orders.summary import FillTotals
from domain.pages import Page, PageWanted
from domain.values import ChildId, OrderId, Symbol


class OrderQueries(Protocol):
    """Reading what is on disk, from any thread.

    Every call raises StoreUnavailableError when the database is out of reach.
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

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        """Read a page of the fills of an order, oldest first.

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

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        """Add up the fills of an order, whose number may be large."""
        ...

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read all about a child; None when its order is unknown."""
        ...

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        """Tell as which child's fill a trade is booked; None when it is not."""
        ...
