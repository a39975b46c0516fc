"""Every order and trade since the start, found by account, symbol and id."""

from collections import defaultdict
from collections.abc import Iterator

from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.orders import ExchangeOrder, ExchangeTrade


class OrderLedger:
    """Orders as clients find them, and all of them for audits."""

    def __init__(self, first_order_id: int) -> None:
        """Begin empty; order ids go on from the one given."""
        self.all_orders: list[ExchangeOrder] = []
        self.all_trades: list[ExchangeTrade] = []
        self._order_id = first_order_id
        self._match_id = first_order_id
        self._orders: dict[tuple[TraderAccount, str], dict[int, ExchangeOrder]]
        self._trades: dict[tuple[TraderAccount, str], list[ExchangeTrade]]
        self._by_client_id: dict[tuple[TraderAccount, str, str], ExchangeOrder]
        self._open: dict[TraderAccount, dict[int, ExchangeOrder]]
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

    def add(self, order: ExchangeOrder) -> None:
        """Note an accepted order."""
        self.all_orders.append(order)
        self._orders[order.account, order.symbol][order.order_id] = order
        self._by_client_id[order.account, order.symbol, order.client_id] = order
        self._open[order.account][order.order_id] = order

    def add_trade(self, trade: ExchangeTrade) -> None:
        """Note a trade of an order."""
        self.all_trades.append(trade)
        self._trades[trade.order.account, trade.order.symbol].append(trade)

    def close(self, order: ExchangeOrder) -> None:
        """Note that an order is final."""
        self._open[order.account].pop(order.order_id, None)

    def rename(self, order: ExchangeOrder, client_id: str) -> None:
        """Let an order be found by a new client id."""
        order.client_id = client_id
        self._by_client_id[order.account, order.symbol, client_id] = order

    def by_id(
        self, account: TraderAccount, symbol: str, order_id: int
    ) -> ExchangeOrder | None:
        """Return an order by the venue's id."""
        return self._orders[account, symbol].get(order_id)

    def by_client_id(
        self, account: TraderAccount, symbol: str, client_id: str
    ) -> ExchangeOrder | None:
        """Return the latest order that bore a client id."""
        return self._by_client_id.get((account, symbol, client_id))

    def orders(self, account: TraderAccount, symbol: str) -> Iterator[ExchangeOrder]:
        """Go through an account's orders of a symbol, oldest first."""
        return iter(self._orders[account, symbol].values())

    def trades(self, account: TraderAccount, symbol: str) -> list[ExchangeTrade]:
        """Return an account's trades of a symbol, oldest first."""
        return self._trades[account, symbol]

    def open_orders(
        self, account: TraderAccount, symbol: str | None = None
    ) -> list[ExchangeOrder]:
        """Return an account's open orders, oldest first."""
        return [
            order
            for order in self._open[account].values()
            if symbol is None or order.symbol == symbol
        ]

    def every_open(self) -> list[ExchangeOrder]:
        """Return all open orders of everybody."""
        return [order for held in self._open.values() for order in held.values()]
