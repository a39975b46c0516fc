"""The whole tree over a venue whose records a test writes."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from actors import names
from actors.gateway.config import GatewayConfig
from actors.listener import ListenerTimes
from actors.messages.client_requests import AmendRequest, CancelRequest
from actors.messages.reconciliation import GetReconciliation, ReconcileNow
from actors.runtime.timers import NANOSECONDS
from actors.system import SystemDependencies, start_system
from domain.market.updates import FeedConnected
from domain.orders import child_settlement
from domain.orders.child_order import (
    ChildOrder,
    ChildResult,
    ChildStatus,
    Fill,
    VenueFill,
)
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.order import Order, OrderEvent
from domain.orders.records import OrderChange
from domain.reconciliation.comparison import ReconciliationStatus, SymbolReconciliation
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import Since, VenueActivity, VenueTrade, moment_of
from tests.actors.builders import (
    RULES,
    SYMBOL,
    intent_record,
    new_order_record,
    order,
    result,
    snapshot,
    update,
)
from tests.actors.gateway.venue_stage import TIMES, ScriptedVenue
from tests.actors.stage import Stage
from tests.fakes import FakeFeed, FakePublisher, FakeStore, Recorder


A = OrderId("A")
CHILD = ChildId("A-1")
OTHER = Symbol("BTCUSDT")


class RecordingVenue(ScriptedVenue):
    """Lists the trades that a test gives it, as of now."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.trades: list[VenueTrade] = []
        self.resting: tuple[ChildId, ...] = ()
        self.is_out_of_reach = False
        self.most_at_once = 1000
        self.delay_seconds = 0.0
        """How long a reading waits before it begins."""

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        clock = self._stage.clock
        clock.set_ns(clock.monotonic_ns() + int(self.delay_seconds * NANOSECONDS))
        now = self._stage.clock.now()
        since = moment_of(since, now)
        self.looked_back.append((symbol, now - since))
        if self.is_out_of_reach:
            return None
        trades = tuple(
            one
            for one in self.trades
            if one.symbol == symbol and one.trade.executed_at >= since
        )
        read = trades[: self.most_at_once]
        return VenueActivity(
            symbol=symbol,
            since=since,
            until=now if read == trades else read[-1].trade.executed_at,
            as_of=now,
            trades=read,
            open_children=self.resting if symbol == SYMBOL else (),
        )


class Reconciling:
    """A service whose order A (to sell 5 at 100) had one child, of 4."""

    def __init__(
        self, stage: Stage, *fills: tuple[int, int], status: str = "DONE"
    ) -> None:
        self.stage = stage
        self.venue = RecordingVenue(stage)
        self.store = FakeStore()
        self.feed = FakeFeed()
        self.publisher = FakePublisher()
        self.records_since: datetime | None = None
        self._write_order(fills, ChildStatus(status))

    def _write_order(
        self, fills: tuple[tuple[int, int], ...], status: ChildStatus
    ) -> None:
        accepted = order("A")
        intent = intent_record(accepted, (100, 4))
        self.store.write([new_order_record(accepted), intent])
        if status is ChildStatus.INTENDED:
            return
        self.child = intent.intent
        assert self.child is not None
        answer = _with_trade_ids(self.child, fills, status, self.long_ago())
        after, events, booked = child_settlement.settle_child(
            intent.order, self.child, answer, now=self.stage.clock.now()
        )
        self.store.write(
            [OrderChange(order=after, events=events, result=answer, fills=booked)]
        )

    def start(self) -> "Reconciling":
        dependencies = SystemDependencies(
            rules={SYMBOL: RULES, OTHER: replace(RULES, symbol=OTHER)},
            feed=self.feed,
            store=self.store,
            publisher=self.publisher,
            access=GatewayConfig(
                venue=self.venue,
                workers=4,
                times=TIMES,
                records_since=self.records_since,
            ),
            listener_times=ListenerTimes(checks_quiet=False),
        )
        start_system(self.stage.runtime, dependencies)
        self.stage.run()
        return self

    def restart(self) -> None:
        """Have the process killed, and started again."""
        self.stage.clear()
        self.start()

    # The venue.

    def long_ago(self) -> datetime:
        return self.stage.clock.now() - timedelta(minutes=10)

    def list_trade(
        self,
        trade_id: int,
        quantity: int,
        price: int = 100,
        *,
        child: str | None = "A-1",
        minutes_ago: float = 10,
    ) -> None:
        """Have the venue list a trade."""
        trade = VenueTrade(
            symbol=SYMBOL,
            side=order("A").side,
            child_id=None if child is None else ChildId(child),
            trade=VenueFill(
                price=Decimal(price),
                quantity=Decimal(quantity),
                fee=Decimal(0),
                fee_asset=None,
                trade_id=trade_id,
                executed_at=self.stage.clock.now() - timedelta(minutes=minutes_ago),
            ),
        )
        self.venue.trades.append(trade)

    def sync(self) -> None:
        """Let the book have 5 at 100 on the bid."""
        for message in (FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(12)):
            self.feed.send(message)
        self.stage.pass_seconds(2.0)

    # What clients do and see.

    def order(self) -> Order:
        found = self.store.order(A)
        assert found is not None
        return found

    def fills(self) -> list[Fill]:
        return list(self.store.fills(A))

    def events(self) -> list[OrderEvent]:
        return list(self.store.events(A))

    def cancel(self) -> Recorder:
        client = Recorder()
        command = CancelOrder(order_id=A, symbol=SYMBOL)
        request = CancelRequest(command=command, reply_to=client)
        self.stage.directory.tell(names.MANAGER, request)
        self.stage.run()
        return client

    def amend(self) -> Recorder:
        """Ask for the price that the order has."""
        client = Recorder()
        command = AmendOrder(
            order_id=A, symbol=SYMBOL, price=Decimal(100), quantity=None
        )
        request = AmendRequest(command=command, reply_to=client)
        self.stage.directory.tell(names.MANAGER, request)
        self.stage.run()
        return client

    def reconcile(self) -> None:
        self.stage.directory.tell(names.RECONCILER, ReconcileNow())
        self.stage.run()

    def pass_minutes(self, minutes: float) -> None:
        self.stage.pass_seconds(60.0 * minutes)

    def status(self) -> ReconciliationStatus:
        asker = Recorder()
        self.stage.directory.tell(names.RECONCILER, GetReconciliation(reply_to=asker))
        self.stage.run()
        return asker.only(ReconciliationStatus)

    def of_symbol(self) -> SymbolReconciliation:
        (found,) = (one for one in self.status().symbols if one.symbol == SYMBOL)
        return found


def _with_trade_ids(
    child: ChildOrder,
    fills: tuple[tuple[int, int], ...],
    status: ChildStatus,
    executed_at: datetime,
) -> ChildResult:
    answer = result(child, *fills, status=status)
    return replace(
        answer,
        fills=tuple(
            replace(fill, trade_id=number, executed_at=executed_at)
            for number, fill in enumerate(answer.fills, start=1)
        ),
    )
