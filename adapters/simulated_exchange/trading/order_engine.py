"""Accepts orders, lets them meet the market and each other, and settles what trades."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.market.amounts import SCALE
from adapters.simulated_exchange.market.level_queue import Resting, Spare, spare_nobody
from adapters.simulated_exchange.market.order_book import Execution, OrderBook
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import (
    Amendment,
    ExchangeOrder,
    Kind,
    OrderRequest,
    Status,
)
from adapters.simulated_exchange.trading.self_trades import SelfTrades
from adapters.simulated_exchange.trading.settlement import Settlement
from adapters.simulated_exchange.trading.symbol_rules import ListedSymbolRules, RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """How a fault shapes one placement."""

    fillable: int = SCALE
    """Part of the quantity that may be filled at once, in 1e-8; of orders that do not
    rest."""
    hidden_ms: int = 0
    """How long queries do not see the order."""
    worse: int = 0
    """By which part of its limit it is executed at a price worse than that, in 1e-8."""
    first_trade_id: int = 0
    """Added to the numbers of its trades."""

    def bend(self, execution: Execution, request: OrderRequest) -> Execution:
        """Return what a fault makes of a trade."""
        price = execution.price
        if self.worse:
            loss = request.price * self.worse // SCALE
            price = request.price + (loss if request.is_buy else -loss)
        trade_id = self.first_trade_id + execution.trade_id
        return replace(execution, price=price, trade_id=trade_id)


USUAL = OrderTerms()


class OrderEngine:
    """Where orders are placed, canceled and amended."""

    def __init__(
        self,
        books: Mapping[str, OrderBook],
        rules: RuleBook,
        ledger: OrderLedger,
        settlement: Settlement,
        clock: WallClock,
    ) -> None:
        """Trade in these books."""
        self.books = books
        self._rules = rules
        self._ledger = ledger
        self._settlement = settlement
        self._self_trades = SelfTrades(ledger, settlement)
        self._clock = clock
        for book in books.values():
            book.on_fill = self._on_fill

    def place(
        self, account: TraderAccount, request: OrderRequest, terms: OrderTerms = USUAL
    ) -> ExchangeOrder:
        """Accept an order that obeys the filters, and let it trade.

        Raises:
            VenueError: -2010, the engine refuses it.
        """
        rules, book = self._rules.of(request.symbol), self.books[request.symbol]
        if rules.status != "TRADING":
            raise VenueError(-2010, "Market is closed.")
        self._check_id(account, request)
        if request.kind is Kind.LIMIT_MAKER and _crosses(book, request):
            raise VenueError(-2010, "Order would immediately match and take.")
        order = self._accept(account, request, rules)
        self._settlement.events.report(order, "NEW")
        self._match(order, book, terms, rules.step)
        self._rest_or_expire(order, book)
        self._settlement.tell_position(order)
        book.tell()
        return order

    def _check_id(self, account: TraderAccount, request: OrderRequest) -> None:
        """Refuse the client id of an open order; that of a final one is free again."""
        known = self._ledger.by_client_id(account, request.symbol, request.client_id)
        if known is not None and known.is_open:
            raise VenueError(-2010, "Duplicate order sent.")

    def _accept(
        self, account: TraderAccount, request: OrderRequest, rules: ListedSymbolRules
    ) -> ExchangeOrder:
        quantity, cost = request.quantity, 0
        prevention = request.prevention or rules.prevention
        if request.kind is Kind.MARKET:
            levels = self._foreign_levels(account, request, prevention)
            quantity, cost = _plan(levels, request, rules.step)
        elif request.is_buy:
            cost = request.price * quantity // SCALE
        now_ms = self._clock()
        order = ExchangeOrder(
            order_id=0,
            account=account,
            request=request,
            base=rules.base,
            quote=rules.quote,
            quantity=quantity,
            prevention=prevention,
            time_ms=now_ms,
            update_time_ms=now_ms,
            client_id=request.client_id,
        )
        needed = cost if request.is_buy else quantity
        account.lock(order.spends, needed)
        order.locked = needed
        order.order_id = self._ledger.next_order_id()
        self._ledger.add(order)
        return order

    def _foreign_levels(
        self, account: TraderAccount, request: OrderRequest, prevention: str
    ) -> Iterator[tuple[int, int]]:
        """Yield what an order may meet, less the account's own where that is spared."""
        own: Counter[int] = Counter()
        if prevention != "NONE":
            for order in self._ledger.open_orders(account, request.symbol):
                if order.is_buy != request.is_buy:
                    own[order.request.price] += order.left
        for price, held in self.books[request.symbol].levels(is_buy=request.is_buy):
            if held > own[price]:
                yield price, held - own[price]

    def _match(
        self, order: ExchangeOrder, book: OrderBook, terms: OrderTerms, step: int
    ) -> None:
        request = order.request
        fillable = order.quantity * terms.fillable // SCALE
        limit = None if request.kind is Kind.MARKET else request.price
        left = fillable - fillable % step
        if request.time_in_force == "FOK" and not _can_fill(book, request):
            return
        spare = _own_orders(order)
        while left > 0:
            taken = book.take(limit, left, is_buy=order.is_buy, spare=spare)
            for execution in taken.executions:
                bent = execution if terms is USUAL else terms.bend(execution, request)
                self._settlement.settle(order, bent, is_maker=False)
                left -= execution.quantity
            if taken.blocked is None:
                break
            maker = taken.blocked.owner
            assert isinstance(maker, ExchangeOrder)
            left = self._self_trades.prevent(order, maker, left, book)

    def _rest_or_expire(self, order: ExchangeOrder, book: OrderBook) -> None:
        if not order.is_open:
            return
        request = order.request
        if request.fills_at_once:
            order.expiry_reason = _why_expired(request)
            self._settlement.close(order, Status.EXPIRED)
            self._settlement.events.report(order, "EXPIRED")
        else:
            order.handle = book.rest(
                Resting(
                    owner=order,
                    is_buy=order.is_buy,
                    price=request.price,
                    quantity=order.left,
                )
            )

    def _on_fill(self, execution: Execution, _is_buy: bool) -> None:  # noqa: FBT001 - see order_book.Filled
        assert execution.maker is not None
        order = execution.maker.owner
        assert isinstance(order, ExchangeOrder)
        self._settlement.settle(order, execution, is_maker=True)
        self._settlement.tell_position(order)

    def cancel(self, order: ExchangeOrder, cancel_id: str) -> None:
        """Take an order out of the book.

        Raises:
            VenueError: -2011 when it is final already.
        """
        if not order.is_open:
            raise VenueError(-2011, "Unknown order sent.")
        book = self._leave(order)
        order.update_time_ms = self._clock()
        self._settlement.close(order, Status.CANCELED)
        self._settlement.events.report(order, "CANCELED", cancel_id=cancel_id)
        self._settlement.tell_position(order)
        book.tell()

    def amend(self, order: ExchangeOrder, quantity: int, client_id: str) -> int:
        """Make an order smaller, keeping its place; return the execution's id.

        Raises:
            VenueError: -2038 when the quantity would not shrink or is executed.
        """
        if not order.executed + order.prevented < quantity < order.quantity:
            text = "Order amend (quantity increase) is not supported."
            if quantity == order.quantity:
                text = "The requested action would change no state; rejecting."
            raise VenueError(-2038, text)
        book = self.books[order.symbol]
        before, id_before = order.quantity, order.client_id
        order.quantity = quantity
        assert order.handle is not None
        book.shrink(order.handle, order.left)
        order.update_time_ms = self._clock()
        self._settlement.relock(order)
        events = self._settlement.events
        execution_id = events.report(order, "REPLACED", cancel_id=client_id)
        order.amendments.append(
            Amendment(
                execution_id=execution_id,
                client_id_before=id_before,
                client_id=client_id,
                quantity_before=before,
                quantity=quantity,
                time_ms=order.update_time_ms,
            )
        )
        self._ledger.rename(order, client_id)
        self._settlement.tell_position(order)
        book.tell()
        return execution_id

    def fill_outside(self, order: ExchangeOrder) -> None:
        """Fill an open order at its own price, whatever the market says."""
        book = self._leave(order)
        execution = Execution(
            price=order.request.price,
            quantity=order.left,
            trade_id=book.next_trade_id(),
        )
        self._settlement.settle(order, execution, is_maker=True)
        self._settlement.tell_position(order)
        book.tell()

    def drop_all(self) -> None:
        """Take every order out of the books, without any event."""
        for order in self._ledger.every_open():
            book = self._leave(order)
            order.status = Status.EXPIRED
            book.tell()

    def _leave(self, order: ExchangeOrder) -> OrderBook:
        book = self.books[order.symbol]
        if order.handle is not None:
            book.leave(order.handle)
            order.handle = None
        return book


def _own_orders(taker: ExchangeOrder) -> Spare:
    """Return a test for orders that the taker must not meet."""
    if taker.prevention == "NONE":
        return spare_nobody
    account = taker.account
    return lambda owner: isinstance(owner, ExchangeOrder) and owner.account is account


def _crosses(book: OrderBook, request: OrderRequest) -> bool:
    best = book.best(is_buy=request.is_buy)
    if not best:
        return False
    return request.price >= best if request.is_buy else request.price <= best


def _can_fill(book: OrderBook, request: OrderRequest) -> bool:
    found = 0
    for price, quantity in book.levels(is_buy=request.is_buy):
        if price > request.price if request.is_buy else price < request.price:
            break
        found += quantity
        if found >= request.quantity:
            break
    return found >= request.quantity


def _plan(
    levels: Iterator[tuple[int, int]], request: OrderRequest, step: int
) -> tuple[int, int]:
    """Return how much a MARKET order trades and what that is worth."""
    if not request.quote_quantity:
        left, cost = request.quantity, 0
        for price, held in levels:
            size = min(held, left)
            cost += -(-price * size // SCALE)
            left -= size
            if not left:
                break
        return request.quantity, cost
    money, quantity = request.quote_quantity, 0
    for price, held in levels:
        size = min(held, money * SCALE // price)
        size -= size % step
        quantity += size
        money -= -(-price * size // SCALE)
        if size < held:
            break
    return quantity, request.quote_quantity


def _why_expired(request: OrderRequest) -> str:
    if request.kind is Kind.MARKET:
        return "INSUFFICIENT_LIQUIDITY"
    kind = "IOC_QUANTITY" if request.time_in_force == "IOC" else "FOK_ORDER"
    return f"UNFILLED_{kind}_EXPIRED"
