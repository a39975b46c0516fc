"""Every order and trade since the start, found by account, symbol and id."""

from collections import defaultdict
from collections.abc import Iterator

from adapters.simulated_exchange.trading.accounts import Account
from adapters.simulated_exchange.trading.orders import Order, Trade


class OrderLedger:
    """Orders as clients find them, and all of them for audits."""

    def __init__(self, first_order_id: int) -> None:
        """Begin empty; order ids go on from the one given."""
        self.all_orders: list[Order] = []
        self.all_trades: list[Trade] = []
        self._order_id = first_order_id
        self._match_id = first_order_id
        self._orders: dict[tuple[Account, str], dict[int, Order]]
        self._trades: dict[tuple[Account, str], list[Trade]]
        self._by_client_id: dict[tuple[Account, str, str], Order]
        self._open: dict[Account, dict[int, Order]]
        self.forget()

    def forget(self) -> None:
        """Let clients find nothing of what was; audits still do, and ids go on."""
        self._orders = defaultdict(dict)
        self._trades = defaultdict(list)
        self._by_client_id = {}
        self._open = defaultdict(dict)

    def next_order_id(self) -> int:
        """Draw the id of an order."""
        self._order_id += 1
        return self._order_id

    def next_match_id(self) -> int:
        """Draw the id of a match that was prevented."""
        self._match_id += 1
        return self._match_id

    def add(self, order: Order) -> None:
        """Note an accepted order."""
        self.all_orders.append(order)
        self._orders[order.account, order.symbol][order.order_id] = order
        self._by_client_id[order.account, order.symbol, order.client_id] = order
        self._open[order.account][order.order_id] = order

    def add_trade(self, trade: Trade) -> None:
        """Note a trade of an order."""
        self.all_trades.append(trade)
        self._trades[trade.order.account, trade.order.symbol].append(trade)

    def close(self, order: Order) -> None:
        """Note that an order is final."""
        self._open[order.account].pop(order.order_id, None)

    def rename(self, order: Order, client_id: str) -> None:
        """Let an order be found by a new client id."""
        order.client_id = client_id
        self._by_client_id[order.account, order.symbol, client_id] = order

    def by_id(self, account: Account, symbol: str, order_id: int) -> Order | None:
        """Return an order by the venue's id."""
        return self._orders[account, symbol].get(order_id)

    def by_client_id(
        self, account: Account, symbol: str, client_id: str
    ) -> Order | None:
        """Return the latest order that bore a client id."""
        return self._by_client_id.get((account, symbol, client_id))

    def orders(self, account: Account, symbol: str) -> Iterator[Order]:
        """Go through an account's orders of a symbol, oldest first."""
        return iter(self._orders[account, symbol].values())

    def trades(self, account: Account, symbol: str) -> list[Trade]:
        """Return an account's trades of a symbol, oldest first."""
        return self._trades[account, symbol]

    def open_orders(self, account: Account, symbol: str | None = None) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return [
            order
            for order in self._open[account].values()
            if symbol is None or order.symbol == symbol
        ]

    def every_open(self) -> list[Order]:
        """Return all open orders of everybody."""
        return [order for held in self._open.values() for order in held.values()]
