"""A desk and queries that remember what they were asked and answer as told."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from adapters.trading_environment import TradingEnvironment
from domain.errors import InvalidRequestError
from domain.market.price_path import PathWanted, PricePoint
from domain.market.public_trades import TradedSecond
from domain.market.updates import BookView
from domain.matching.open_limits import OpenLimits
from domain.orders.child_order import Fill
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    PauseOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.dry_run import DryRun
from domain.orders.order import Order, OrderEvent, OrderStatus, OrderStep, StepDetail
from domain.orders.order_now import MarketNow, OrderNow, WorkNow, order_now
from domain.orders.records import Stored
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
from domain.orders.summary import FillTotals, add_up
from domain.pages import Page, PageWanted
from domain.readiness import Readiness, SymbolStatus
from domain.reasons import BookState, RefusalCode, WaitReason
from domain.refusals import Refusal
from domain.risk.halt import NEVER_HALTED, Halt, HaltSet
from domain.values import ChildId, OrderId, Side, Symbol, TimeInForce
from domain.venue.symbol_rules import SymbolRules


T = TypeVar("T")

BNBUSDT = Symbol("BNBUSDT")
ETHBTC = Symbol("ETHBTC")
NOON = datetime(2031, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
ON_PAPER = TradingEnvironment(market="binance", venue="paper")

RULES = (
    SymbolRules(
        symbol=BNBUSDT,
        base_asset="BNB",
        quote_asset="USDT",
        tick_size=Decimal("0.10"),
        step_size=Decimal("0.001"),
        min_notional=Decimal(5),
    ),
    SymbolRules(symbol=ETHBTC, base_asset="ETH", quote_asset="BTC"),
)
BOOK = BookView(
    symbol=BNBUSDT,
    state=BookState.SYNCED,
    update_id=77,
    bids=((Decimal("270.10"), Decimal("1.5")), (Decimal(270), Decimal(2))),
    asks=((Decimal("270.2"), Decimal("0.25")),),
)
READY = Readiness(
    commit_ns=2_000_300,
    market="simulated",
    venue="paper",
    intake_problem=None,
    symbols=(
        SymbolStatus(
            symbol=BNBUSDT,
            book_state=BookState.SYNCED,
            waiting_orders=3,
            lag_ns=42_198_700,
        ),
        SymbolStatus(symbol=ETHBTC, book_state=BookState.SYNCED),
    ),
)


def make_order(order_id: str = "01ABC", **changes: object) -> Order:
    order = Order(
        order_id=OrderId(order_id),
        sequence=1,
        client_order_id=None,
        symbol=BNBUSDT,
        side=Side.SELL,
        quantity=Decimal(300),
        price=Decimal("270.00"),
        time_in_force=TimeInForce.GTC,
        expires_at=None,
        created_at=NOON,
        updated_at=NOON,
        status=OrderStatus.NEW,
        version=1,
    )
    return replace(order, **changes)  # type: ignore[arg-type] # any field, in tests


def make_fill(order_id: str = "01ABC", **changes: object) -> Fill:
    fill = Fill(
        order_id=OrderId(order_id),
        child_id=ChildId(f"{order_id}-1"),
        number=1,
        price=Decimal("271.50"),
        quantity=Decimal("100.0"),
        fee=Decimal("0.5"),
        fee_asset="USDT",
        trade_id=None,
        update_id=77,
        executed_at=NOON,
    )
    return replace(fill, **changes)  # type: ignore[arg-type] # any field, in tests


def make_event(order_id: str = "01ABC") -> OrderEvent:
    return OrderEvent(
        order_id=OrderId(order_id),
        number=1,
        step=OrderStep.ACCEPTED,
        status=OrderStatus.NEW,
        occurred_at=NOON,
        detail=StepDetail(quantity=Decimal(300), price=Decimal("270.00")),
    )


@dataclass(slots=True)
class FakeDesk:
    """Implements ``OrderDesk``."""

    placed: list[PlaceOrder] = field(default_factory=list)
    tried: list[PlaceOrder] = field(default_factory=list)
    run: DryRun = field(default_factory=DryRun)
    canceled: list[CancelOrder] = field(default_factory=list)
    amended: list[AmendOrder] = field(default_factory=list)
    released: list[ReleaseOrder] = field(default_factory=list)
    paused: list[PauseOrder] = field(default_factory=list)
    settled: list[SettleChild] = field(default_factory=list)
    on_pause: Callable[[], object] = int
    on_cancel: Callable[[], object] = int
    on_settle: Callable[[], object] = int
    limits: list[int] = field(default_factory=list)
    refusal: Refusal | None = None
    error: Exception | None = None
    repeated: bool = False
    cancel_status: OrderStatus = OrderStatus.CANCELED
    cancel_outcomes: dict[str, Order | Refusal | Exception] = field(
        default_factory=dict
    )
    ready: Readiness = READY
    work: WorkNow | None = None
    market: MarketNow | None = None
    limits_open: OpenLimits = field(default_factory=lambda: OpenLimits(symbol=BNBUSDT))
    children_in_flight: int = 0
    is_on_disk: bool = True
    switch: HaltSet = field(
        default_factory=lambda: HaltSet(halt=NEVER_HALTED, children_in_flight=0)
    )

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        return self._ended(lambda: self._place(command))

    def _place(self, command: PlaceOrder) -> Stored | Refusal:
        self.placed.append(command)
        if command.symbol not in {rules.symbol for rules in RULES}:
            code = RefusalCode.UNKNOWN_SYMBOL
            return Refusal(code=code, detail="no such symbol", field="symbol")
        order = make_order(
            symbol=command.symbol,
            side=command.side,
            quantity=command.quantity,
            price=command.price,
            time_in_force=command.time_in_force,
            expires_at=command.expires_at,
            client_order_id=command.client_order_id,
        )
        return self.refusal or Stored(order=order, repeated=self.repeated)

    def dry_run(self, command: PlaceOrder) -> Future[DryRun | Refusal]:
        self.tried.append(command)
        return self._ended(lambda: self.refusal or self.run)

    def cancel(self, command: CancelOrder) -> Future[Order | Refusal]:
        return self._ended(lambda: self._cancel(command))

    def _cancel(self, command: CancelOrder) -> Order | Refusal:
        self.canceled.append(command)
        self.on_cancel()
        outcome = self.cancel_outcomes.get(command.order_id)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or self.refusal or make_order(status=self.cancel_status)

    def amend(self, command: AmendOrder) -> Future[Order | Refusal]:
        return self._ended(lambda: self._amend(command))

    def _amend(self, command: AmendOrder) -> Order | Refusal:
        self.amended.append(command)
        order = make_order()
        return self.refusal or replace(
            order,
            price=command.price or order.price,
            quantity=command.quantity or order.quantity,
        )

    def release(self, command: ReleaseOrder) -> Future[Order | Refusal]:
        self.released.append(command)
        return self._ended(lambda: self.refusal or make_order())

    def pause(self, command: PauseOrder) -> Future[Order | Refusal]:
        self.paused.append(command)
        self.on_pause()
        reason = WaitReason.PAUSED if command.is_on else None
        order = make_order(is_paused=command.is_on, reason=reason)
        return self._ended(lambda: self.refusal or order)

    def settle(self, command: SettleChild) -> Future[Order | Refusal]:
        self.settled.append(command)
        self.on_settle()
        return self._ended(lambda: self.refusal or make_order())

    def _ended(self, outcome: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        if self.error is not None:
            future.set_exception(self.error)
            return future
        try:
            future.set_result(outcome())
        except Exception as error:  # noqa: BLE001 - as the test says
            future.set_exception(error)
        return future

    def set_halt(self, *, is_on: bool, reason: str) -> Future[HaltSet | Refusal]:
        return self._ended(lambda: self._set_halt(is_on=is_on, reason=reason))

    def _set_halt(self, *, is_on: bool, reason: str) -> HaltSet | Refusal:
        self.switch = HaltSet(
            halt=Halt(is_on=is_on, reason=reason, since=NOON),
            children_in_flight=self.children_in_flight,
            is_on_disk=self.is_on_disk,
        )
        return self.refusal or self.switch

    def halt(self) -> Future[HaltSet | Refusal]:
        return self._ended(lambda: self.switch)

    def book(self, symbol: Symbol, limit: int) -> BookView:
        if self.error is not None:
            raise self.error
        self.limits.append(limit)
        return replace(
            BOOK, symbol=symbol, bids=BOOK.bids[:limit], asks=BOOK.asks[:limit]
        )

    def open_limits(self, symbol: Symbol) -> OpenLimits:
        return replace(self.limits_open, symbol=symbol)

    def order_now(self, order: Order) -> OrderNow:
        return order_now(order, self.work, self.market)

    def symbols(self) -> Sequence[SymbolRules]:
        return RULES

    def readiness(self) -> Readiness:
        if self.error is not None:
            raise self.error
        return self.ready


@dataclass(slots=True)
class FakeQueries:
    """Implements ``OrderQueries``; knows one order unless told otherwise."""

    known: dict[str, Order] = field(default_factory=lambda: {"01ABC": make_order()})
    found_fills: tuple[Fill, ...] = ()
    children: tuple[StoredChild, ...] = ()
    found_touches: OrderTouches = field(
        default_factory=lambda: OrderTouches(arrival=None, end=None)
    )
    points: tuple[PricePoint, ...] = ()
    traded: list[TradedSecond] = field(default_factory=list)
    found_past: OrderPast = field(
        default_factory=lambda: OrderPast(hold=None, reached=None)
    )
    paths: list[PathWanted] = field(default_factory=list)
    child: ChildHistory | None = None
    children_of_trades: dict[tuple[Symbol, int], ChildId] = field(default_factory=dict)
    filters: list[OrderFilter] = field(default_factory=list)
    fill_filters: list[FillFilter] = field(default_factory=list)
    pages: list[PageWanted] = field(default_factory=list)
    error: Exception | None = None

    def order(self, order_id: OrderId) -> Order | None:
        if self.error is not None:
            raise self.error
        return self.known.get(order_id)

    def orders(self, wanted: OrderFilter) -> OrderPage:
        if self.error is not None:
            raise self.error
        if wanted.cursor == "forged":
            raise InvalidRequestError
        self.filters.append(wanted)
        if wanted.cursor == "next1":
            return OrderPage(orders=(), next_cursor=None)
        return OrderPage(orders=tuple(self.known.values()), next_cursor="next1")

    def open_keys(
        self, symbol: Symbol | None, before: int | None, limit: int
    ) -> Sequence[OpenOrderKey]:
        found = [
            OpenOrderKey(
                order_id=order.order_id, symbol=order.symbol, sequence=order.sequence
            )
            for order in self.known.values()
            if symbol in (None, order.symbol)
            if before is None or order.sequence < before
        ]
        return sorted(found, key=lambda key: -key.sequence)[:limit]

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        self._note(wanted)
        fills = [fill for fill in self.found_fills if fill.order_id == order_id]
        more = len(fills) > wanted.limit
        return Page(
            items=tuple(fills[: wanted.limit]), next_cursor="next2" if more else None
        )

    def booked_fills(self, wanted: FillFilter) -> Page[BookedFill]:
        if wanted.cursor == "forged":
            raise InvalidRequestError
        self.fill_filters.append(wanted)
        booked = [
            BookedFill(fill=fill, symbol=ETHBTC, side=Side.SELL)
            for fill in self.found_fills
        ]
        return Page(items=tuple(booked[: wanted.limit]))

    def event_page(self, order_id: OrderId, wanted: PageWanted) -> Page[OrderEvent]:
        self._note(wanted)
        return Page(items=(make_event(order_id),))

    def child_page(self, order_id: OrderId, wanted: PageWanted) -> Page[StoredChild]:
        self._note(wanted)
        children = [one for one in self.children if one.child.order_id == order_id]
        return Page(items=tuple(children))

    def touches(self, _order_id: OrderId) -> OrderTouches:
        return self.found_touches

    def past(self, _order: Order) -> OrderPast:
        return self.found_past

    def price_path(self, wanted: PathWanted, page: PageWanted) -> Page[PricePoint]:
        self._note(page)
        self.paths.append(wanted)
        return Page(items=self.points)

    def traded_seconds(self, _wanted: PathWanted, _most: int) -> list[TradedSecond]:
        return self.traded

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        return self.children_of_trades.get((symbol, trade_id))

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        is_known = self.child and self.child.child and self.child.child.child_id
        return self.child if is_known == child_id else None

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        return add_up(fill for fill in self.found_fills if fill.order_id == order_id)

    def _note(self, wanted: PageWanted) -> None:
        if wanted.cursor == "forged":
            raise InvalidRequestError
        self.pages.append(wanted)
