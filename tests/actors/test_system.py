"""The whole tree, wired as in production: starting, giving up, stopping."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.intake.actor_desk import ActorDesk
from actors.ledger import CHECK_SECONDS
from actors.listener import ListenerTimes
from actors.messages.client_requests import (
    AmendRequest,
    CancelRequest,
    GetSymbolStatus,
    PlaceRequest,
)
from actors.messages.ledger import SaveRateLimitBan
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorEnded
from actors.supervision.specifications import RestartBudget, RestartBudgetExceededError
from actors.supervision.symbol_supervisor import SYMBOL_REST_SECONDS
from actors.system import SystemDependencies, drain, start_system
from domain.errors import TenureLostError
from domain.market.updates import FeedConnected, SnapshotFailed
from domain.orders.commands import AmendOrder, CancelOrder, OrderCommand, PlaceOrder
from domain.orders.order import Order, OrderStatus
from domain.orders.records import Stored
from domain.readiness import SymbolStatus
from domain.reasons import BookState, EndReason, RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId, Symbol, TimeInForce
from domain.venue.answers import RateLimitBan
from tests.actors.builders import RULES, SYMBOL, placement, snapshot, update
from tests.actors.stage import START, Stage
from tests.fakes import FakeFeed, FakePublisher, FakeStore, Recorder


OTHER = Symbol("BTCUSDT")
BUDGET = RestartBudget(restarts=2, within_seconds=10.0)


class Service:
    """The tree on a feed, a store and a publisher that tests play with."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.store = FakeStore()
        self.publisher = FakePublisher()
        self.watcher = Recorder()
        self.traded = {SYMBOL: RULES, OTHER: replace(RULES, symbol=OTHER)}
        self.untraded: tuple[Symbol, ...] = ()
        self.root = self.start()

    def start(self) -> ActorAddress:
        dependencies = SystemDependencies(
            rules=self.traded,
            untraded=self.untraded,
            feed=self.feed,
            store=self.store,
            publisher=self.publisher,
            access=GatewayConfig(venue=PaperVenue(self.stage.clock.now)),
            listener_times=ListenerTimes(checks_quiet=False),
            symbol_budget=BUDGET,
            root_budget=BUDGET,
        )
        root = start_system(self.stage.runtime, dependencies, self.watcher)
        self.stage.run()
        return root

    def sync(self, symbol: Symbol) -> None:
        """Get a symbol in step, with 5 at 100 on the bid."""
        for message in (
            FeedConnected(symbol=symbol),
            replace(update(11, 12), symbol=symbol),
            replace(snapshot(12), symbol=symbol),
        ):
            self.feed.send(message)
        self.stage.pass_seconds(2.0)

    def place(
        self, name: str = "A", command: PlaceOrder | None = None
    ) -> Stored | Refusal:
        client = Recorder()
        request = PlaceRequest(
            order_id=OrderId(name), command=command or placement(), reply_to=client
        )
        self.stage.directory.tell(names.MANAGER, request)
        self.stage.run()
        (answer,) = client.received
        assert isinstance(answer, Stored | Refusal)
        return answer

    def kill(self, name: str) -> None:
        self.stage.kill(self.stage.actor(name))

    def state(self, symbol: Symbol) -> BookState:
        """Return the state of a symbol's book."""
        asker = Recorder()
        message = GetSymbolStatus(reply_to=asker)
        if not self.stage.directory.tell(names.router(symbol), message):
            self.stage.directory.tell(names.symbol_supervisor(symbol), message)
        self.stage.run()
        return asker.only(SymbolStatus).book_state

    def at_venue(self) -> Decimal:
        """Return what is on disk as being in flight for order A."""
        order = self.store.order(OrderId("A"))
        assert order is not None
        return order.at_venue

    def desk(self) -> ActorDesk:
        return ActorDesk(
            runtime=self.stage.runtime,
            rules={SYMBOL: RULES},
            new_order_id=lambda: OrderId("A"),
            labels=("simulated", "paper"),
        )

    def drain(self, *, cancel_orders: bool = False) -> None:
        drain(self.root, cancel_orders=cancel_orders)
        self.stage.run()


@pytest.fixture
def service(stage: Stage) -> Service:
    return Service(stage)


def test_an_order_is_taken_in_filled_and_announced(service: Service) -> None:
    service.sync(SYMBOL)

    assert isinstance(service.place(), Stored)

    (order,) = service.publisher.ended
    assert order.status is OrderStatus.FILLED
    assert order.filled_quote == 500
    assert service.store.order(OrderId("A")) == order
    assert not service.stage.is_there(names.executor(SYMBOL, OrderId("A")))


def test_a_symbol_that_fails_too_often_rests_and_the_others_trade_on(
    service: Service,
) -> None:
    service.sync(SYMBOL)
    service.sync(OTHER)

    for _ in range(3):
        service.kill(names.router(SYMBOL))

    assert not service.stage.is_there(names.router(SYMBOL))
    assert service.state(SYMBOL) is BookState.DEGRADED
    assert service.state(OTHER) is BookState.SYNCED
    order = placement(symbol=OTHER)
    assert isinstance(service.place("B", order), Stored)
    assert [order.order_id for order in service.publisher.ended] == ["B"]
    assert service.watcher.received == []


def test_a_rested_symbol_comes_back_with_its_orders(service: Service) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(price=placement().price + 1))
    for _ in range(3):
        service.kill(names.router(SYMBOL))
    service.place("B")
    assert service.publisher.ended == []

    service.stage.pass_seconds(SYMBOL_REST_SECONDS[0])
    service.sync(SYMBOL)

    assert [order.order_id for order in service.publisher.ended] == ["B"]
    service.feed.send(update(13, 13, bids=((101, 9),)))
    service.stage.run()
    assert [order.order_id for order in service.publisher.ended] == ["B", "A"]


def test_vital_actors_that_fail_too_often_end_the_service(service: Service) -> None:
    service.place()

    for _ in range(3):
        service.kill(names.LEDGER)

    failure = service.watcher.only(ActorEnded).failure
    assert isinstance(failure, RestartBudgetExceededError)
    assert service.stage.directory.names("") == []


def test_a_symbols_failures_do_not_count_against_the_service(service: Service) -> None:
    for _ in range(20):
        for symbol in (SYMBOL, OTHER):
            if service.stage.is_there(names.symbol_supervisor(symbol)):
                service.kill(names.symbol_supervisor(symbol))
        service.stage.pass_seconds(3.0)

    assert service.watcher.received == []


def test_drain_leaves_nothing_running_and_orders_open(service: Service) -> None:
    service.place()

    service.drain()

    assert service.watcher.only(ActorEnded).failure is None
    assert service.stage.directory.names("") == []
    order = service.store.order(OrderId("A"))
    assert order is not None
    assert order.status is OrderStatus.NEW


def test_drain_may_cancel_the_orders(service: Service) -> None:
    service.place()

    service.drain(cancel_orders=True)

    (order,) = service.publisher.ended
    assert order.reason is EndReason.CANCELED_AT_STOP
    assert service.store.order(OrderId("A")) == order


def test_no_order_is_taken_in_during_the_drain(service: Service) -> None:
    drain(service.root)
    service.stage.dispatcher.step()

    answer = service.place()

    assert isinstance(answer, Refusal)
    assert answer.code is RefusalCode.STOPPING


def test_the_ledger_ends_last_even_when_it_was_restarted(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.kill(names.LEDGER)
    ended: list[str] = []
    release = service.stage.directory.release

    def note(name: str, ref: Any) -> None:
        ended.append(name)
        release(name, ref)

    monkeypatch.setattr(service.stage.directory, "release", note)

    service.drain()

    assert ended[-4:] == [names.MANAGER, names.GATEWAY, names.LEDGER, names.ROOT]


@pytest.mark.parametrize("vital", [names.LEDGER, names.GATEWAY])
def test_a_vital_actor_that_fails_during_the_drain_comes_back(
    service: Service, vital: str
) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(quantity=placement().quantity * 2))
    service.feed.send(update(13, 13, bids=((100, 3),)))
    while service.at_venue() == 0:
        service.stage.dispatcher.step()
    drain(service.root)

    service.kill(vital)

    assert service.watcher.only(ActorEnded).failure is None
    assert service.at_venue() == 0


def test_a_service_that_was_succeeded_ends_and_restarts_nothing(
    service: Service,
) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(quantity=placement().quantity * 2))
    service.store.has_successor = True

    service.stage.pass_seconds(CHECK_SECONDS)

    ended = service.watcher.only(ActorEnded)
    assert isinstance(ended.failure, TenureLostError)
    assert service.stage.directory.names("") == []


def test_a_service_that_is_succeeded_while_it_stops_ends_at_once(
    service: Service,
) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(quantity=placement().quantity * 2))
    service.store.has_successor = True
    service.feed.send(update(13, 13, bids=((100, 3),)))

    drain(service.root)
    service.stage.run()

    ended = service.watcher.only(ActorEnded)
    assert isinstance(ended.failure, TenureLostError)
    assert service.stage.directory.names("") == []


def test_a_service_that_finds_its_successor_in_the_last_write_of_a_stop_says_so(
    service: Service,
) -> None:
    service.store.problem = "the server restarts"
    ban = RateLimitBan(venue="somewhere", until=START)
    service.stage.directory.tell(names.LEDGER, SaveRateLimitBan(ban=ban))
    service.stage.run()
    service.store.problem, service.store.has_successor = None, True

    service.drain()

    ended = service.watcher.only(ActorEnded)
    assert isinstance(ended.failure, TenureLostError)
    assert service.stage.directory.names("") == []


def test_a_restart_finds_every_order_with_what_remains(service: Service) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(quantity=placement().quantity * 2))
    service.drain()
    service.feed.subscriptions.clear()

    service.root = service.start()
    service.sync(SYMBOL)

    (order,) = service.publisher.ended
    assert order.order_id == "A"
    assert order.filled == 10
    assert len(service.store.fills(OrderId("A"))) == 2


def ask(service: Service, command: OrderCommand) -> Order:
    """Ask the manager about an order, and have the answer at once."""
    client = Recorder()
    kind = CancelRequest if isinstance(command, CancelOrder) else AmendRequest
    request: Any = kind
    service.stage.directory.tell(
        names.MANAGER, request(command=command, reply_to=client)
    )
    service.stage.run()
    return client.only(Order)


@pytest.mark.parametrize("name", [names.router(SYMBOL), names.listener(SYMBOL)])
def test_an_order_of_a_symbol_that_rests_is_amended_and_cancelled_at_once(
    service: Service, name: str
) -> None:
    service.sync(SYMBOL)
    service.place("A", placement(price=placement().price + 1))
    for _ in range(3):
        service.kill(name)
    order_id, price = OrderId("A"), placement().price + 2

    amended = ask(service, AmendOrder(order_id=order_id, symbol=SYMBOL, price=price))
    cancelled = ask(service, CancelOrder(order_id=order_id, symbol=SYMBOL))

    assert (amended.price, cancelled.status) == (price, OrderStatus.CANCELED)
    assert [order.order_id for order in service.publisher.ended] == ["A"]


def test_an_order_that_is_placed_while_its_symbol_rests_is_cancelled_at_once(
    service: Service,
) -> None:
    for _ in range(3):
        service.kill(names.router(SYMBOL))
    service.place("A")

    order = ask(service, CancelOrder(order_id=OrderId("A"), symbol=SYMBOL))

    assert order.status is OrderStatus.CANCELED


def test_an_order_expires_while_its_symbol_rests(service: Service) -> None:
    service.sync(SYMBOL)
    due = START + timedelta(seconds=4)
    gtd = replace(placement(), time_in_force=TimeInForce.GTD, expires_at=due)
    service.place("A", replace(gtd, price=gtd.price + 1))
    for _ in range(3):
        service.kill(names.router(SYMBOL))

    service.stage.pass_seconds(2.5)

    assert service.state(SYMBOL) is BookState.DEGRADED
    assert [order.status for order in service.publisher.ended] == [OrderStatus.EXPIRED]


def test_restarting_is_told_from_resting(service: Service) -> None:
    for _ in range(3):
        service.kill(names.listener(SYMBOL))
    assert service.state(SYMBOL) is BookState.DEGRADED

    service.stage.pass_seconds(SYMBOL_REST_SECONDS[0])

    assert service.state(SYMBOL) is BookState.CONNECTING


def test_a_snapshot_that_cannot_be_had_is_said(service: Service) -> None:
    service.feed.send(FeedConnected(symbol=SYMBOL))
    service.feed.send(update(11, 12))
    service.feed.send(SnapshotFailed(symbol=SYMBOL, cause="busy"))
    service.stage.run()

    assert service.state(SYMBOL) is BookState.SYNCING
