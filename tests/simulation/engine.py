"""What happens inside the trading venue to a child that reached it, late or in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Final

from actors.runtime.deterministic import VirtualClock
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    FollowUp,
    VenueFill,
)
from domain.orders.order import OrderStatus, OrderStep
from domain.orders.records import OrderChange, Record
from domain.values import ZERO, ChildId, Side, Symbol
from domain.venue.answers import VenueTrade
from tests.simulation.disk import Disk
from tests.simulation.profile import Trading
from tests.simulation.venue import AMOUNTS, SimVenue
from tests.simulation.violations import Violations


MS: Final = 1_000_000
RECEIVE_WINDOW_MS: Final = 1_500
"""A request that is late may still arrive so long after it was sent."""

LAG_MS: Final = 2_000
"""For so long the venue may not show an order that it has executed, ..."""

TRADES_LAG_MS: Final = 1_500
"""... and for so long after that, not all of its trades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the venue remembers of a child that arrived."""

    child: ChildOrder
    result: ChildResult
    shown_at_ns: int
    trades_at_ns: int


class Engine:
    """Executes children at the books of now, and keeps the ledger of all trades."""

    def __init__(
        self,
        *,
        rng: Random,
        clock: VirtualClock,
        markets: dict[Symbol, SimVenue],
        trading: Trading,
        disk: Disk,
        violations: Violations,
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._markets = markets
        self._trading = trading
        self._disk = disk
        self._check = violations.check
        self._on_their_way: list[tuple[int, ChildOrder]] = []
        self._kept: dict[ChildId, Kept] = {}
        self._trades = 0
        self.misdescribed: set[ChildId] = set()
        """Children of which nothing is said that can be true."""

        self.has_faults = True
        self.note: Callable[[str, object], None] = lambda *_: None
        """Called with (what, about) when something happens here."""

    def kept(self, child_id: ChildId) -> Kept | None:
        """Return what is remembered of a child; None: it has not arrived."""
        return self._kept.get(child_id)

    def send_late(self, child: ChildOrder) -> None:
        """Have a child arrive some time within the receive window."""
        due = self._clock.monotonic_ns() + self._draw_wait(RECEIVE_WINDOW_MS)
        self._on_their_way.append((due, child))

    def next_due_ns(self) -> int | None:
        """Return when a request that is late arrives."""
        return min((due for due, _ in self._on_their_way), default=None)

    def arrive(self) -> None:
        """Execute what arrives late."""
        now = self._clock.monotonic_ns()
        due = [one for one in self._on_their_way if one[0] <= now]
        if due:
            self._on_their_way = [one for one in self._on_their_way if one[0] > now]
        for _, child in due:
            self.check_unsettled(child)
            self.execute(child)

    def execute(self, child: ChildOrder) -> ChildResult:
        """Fill what can be filled of a child now, at its limit or better."""
        fills = self._fills(child)
        is_all = sum((fill.quantity for fill in fills), ZERO) == child.quantity
        result = ChildResult(
            child_id=child.child_id,
            order_id=child.order_id,
            status=ChildStatus.DONE,
            fills=fills,
            reason="" if is_all else "EXPIRED",
        )
        shown = self._clock.monotonic_ns() + self._draw_lag(LAG_MS)
        trades = shown + self._draw_lag(TRADES_LAG_MS)
        kept = Kept(child=child, result=result, shown_at_ns=shown, trades_at_ns=trades)
        self._kept[child.child_id] = kept
        self.note("venue executed", (child.child_id, len(fills)))
        return result

    def misdescribe(self, child: ChildOrder) -> ChildResult | None:
        """Say of a child what cannot be true; None: in words alone."""
        self.misdescribed.add(child.child_id)
        result = self._kept[child.child_id].result
        match self._rng.randrange(3):
            case 0:
                beyond = self._trade(child.price, child.quantity + AMOUNTS[1])
                return replace(result, fills=(*result.fills, beyond))
            case 1:
                odd = self._trade(child.price, child.quantity)
                return replace(result, fills=(replace(odd, trade_id=2**63),))
            case _:
                return None

    def listed(self, symbol: Symbol, since: datetime) -> tuple[VenueTrade, ...]:
        """Return the trades of a symbol that are shown by now."""
        now_ns = self._clock.monotonic_ns()
        return tuple(
            VenueTrade(
                symbol=symbol,
                side=kept.child.side,
                child_id=kept.child.child_id,
                trade=fill,
            )
            for number, kept in enumerate(self._kept.values())
            if kept.child.symbol == symbol and now_ns >= kept.trades_at_ns
            for fill in kept.result.fills
            if fill.executed_at >= since
        )

    def check_unsettled(self, child: ChildOrder) -> None:
        """Check that the disk still expects a result of a child."""
        there = self._disk.unresolved.get(child.order_id)
        is_there = there is not None and there.child_id == child.child_id
        self._check(is_there, "arrived, but settled on disk", child, there)

    def check_results(self, changed: Sequence[Record]) -> None:
        """Check that what reached the disk about children is what happened here."""
        for record in changed:
            if not isinstance(record, OrderChange):
                continue
            for event in record.events:
                is_right = event.detail.child_id in self.misdescribed
                is_on_hold = event.step is OrderStep.HELD
                self._check(is_right or not is_on_hold, "held", event)
            if record.result is None:
                self._check(not record.fills, "booked late", record.fills)
                continue
            result, order = record.result, record.order
            kept = self._kept.get(result.child_id)
            fills = () if kept is None else kept.result.fills
            self._check(fills == result.fills, "other fills", result, fills)
            is_coming = any(
                child.child_id == result.child_id for _, child in self._on_their_way
            )
            self._check(not is_coming, "settled while on its way", result)
            if result.follow_up is FollowUp.END:
                is_ending = order.status.is_final
                is_ending = is_ending or order.status is OrderStatus.PENDING_CANCEL
                self._check(is_ending, "refused for ever, and goes on", order)

    def check_books(self) -> None:
        """Check that the disk knows the very trades that happened here."""
        ours = {
            (child_id, fill.trade_id, fill.price, fill.quantity)
            for child_id, kept in self._kept.items()
            for fill in kept.result.fills
        }
        theirs = {
            (fill.child_id, fill.trade_id, fill.price, fill.quantity)
            for order_id in self._disk.all_orders
            for fill in self._disk.fills(order_id)
        }
        self._check(ours == theirs, "other trades than the venue's", ours ^ theirs)
        self._check(not self._on_their_way, "on its way", self._on_their_way)

    def _draw_lag(self, most_ms: int) -> int:
        return self._draw_wait(most_ms) if self._has(self._trading.lag) else 0

    def _draw_wait(self, most_ms: int) -> int:
        """Return nanoseconds: of any length, but often the longest."""
        is_longest = self._rng.random() < 0.3
        return (most_ms if is_longest else self._rng.randrange(most_ms)) * MS

    def _fills(self, child: ChildOrder) -> tuple[VenueFill, ...]:
        fills: list[VenueFill] = []
        left = child.quantity
        for price, quantity in self._levels(child):
            taken = min(left, self._what_is_left(quantity))
            left -= taken
            half = taken // 2 if self._has(0.2) else ZERO
            parts = (taken - half, half)
            fills.extend(self._trade(price, part) for part in parts if part)
        if left and child.is_all_or_nothing:
            return ()
        return tuple(fills)

    def _levels(self, child: ChildOrder) -> list[tuple[Decimal, Decimal]]:
        market = self._markets[child.symbol]
        if child.side is Side.SELL:
            bids = sorted(market.bids.items(), reverse=True)
            return [level for level in bids if level[0] >= child.price]
        asks = sorted(market.asks.items())
        return [level for level in asks if level[0] <= child.price]

    def _what_is_left(self, quantity: Decimal) -> Decimal:
        """Return what others have left of a level."""
        if self._has(self._trading.rivals):
            return AMOUNTS[self._rng.randrange(int(quantity) + 1)]
        return quantity

    def _trade(self, price: Decimal, quantity: Decimal) -> VenueFill:
        self._trades += 1
        return VenueFill(
            price=price,
            quantity=quantity,
            fee=AMOUNTS[1],
            fee_asset="FEE",
            trade_id=self._trades,
            executed_at=self._clock.now(),
        )

    def _has(self, chance: float) -> bool:
        return self.has_faults and chance > 0 and self._rng.random() < chance
