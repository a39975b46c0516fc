"""An order engine on a seeded market, without sockets, for tests of matching."""

import itertools
from typing import Any

from adapters.simulated_exchange.market.amounts import SCALE, to_scaled
from adapters.simulated_exchange.market.engine import SeededMarket
from adapters.simulated_exchange.market.instruments import list_instrument
from adapters.simulated_exchange.market.seeded_order_book import SeededOrderBook
from adapters.simulated_exchange.rest.exchange_info import ExchangeInfo, describe
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.order_engine import OrderEngine
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import ExchangeOrder, Kind, OrderRequest
from adapters.simulated_exchange.trading.settlement import Settlement
from adapters.simulated_exchange.trading.symbol_rules import RuleBook
from adapters.simulated_exchange.trading.user_events import UserEvents


NOW_MS = 1_800_000_000_000


class MatchingStage:
    """One symbol, BNBUSDT, at its opening."""

    def __init__(self, seed: int = 1) -> None:
        instrument = list_instrument("BNBUSDT", seed)
        self.market = SeededMarket([instrument], seed)
        self.own = self.market.symbols["BNBUSDT"]
        self.book = SeededOrderBook(self.market, "BNBUSDT", lambda: None)
        self.ledger = OrderLedger(0)
        events = UserEvents(lambda: NOW_MS, 0)
        info = ExchangeInfo([describe(instrument)])
        self.rules = RuleBook(info, {"BNBUSDT": instrument})
        settlement = Settlement(self.ledger, events, lambda: NOW_MS)
        self.order_engine = OrderEngine(
            {"BNBUSDT": self.book},
            self.rules,
            self.ledger,
            settlement,
            lambda: NOW_MS,
        )
        self._ids = itertools.count(1)

    def account(self, commission: int = 0) -> TraderAccount:
        number = next(self._ids)
        account = TraderAccount(
            name=f"account {number}", uid=number, commission=commission
        )
        account.open_with({"BNB": 10_000 * SCALE, "USDT": 10_000_000 * SCALE})
        return account

    def place(self, account: TraderAccount, side: str, **order: Any) -> ExchangeOrder:
        """Place a LIMIT GTC order unless told otherwise; amounts are texts."""
        for name in ("price", "quantity", "quote_quantity"):
            if isinstance(order.get(name), str):
                order[name] = to_scaled(order[name])
        wanted = {"kind": Kind.LIMIT, "client_id": f"id{next(self._ids)}", **order}
        request = OrderRequest(symbol="BNBUSDT", is_buy=side == "BUY", **wanted)
        return self.order_engine.place(account, request)

    def open_gap(self, ticks: int = 10) -> None:
        """Take away the best asks, so that there is room inside the spread."""
        book = self.own.book
        while book.best_ask - book.best_bid <= ticks:
            book.set_ask(book.best_ask, 0)

    @property
    def bid(self) -> int:
        return self.book.best(is_buy=False)

    @property
    def ask(self) -> int:
        return self.book.best(is_buy=True)
