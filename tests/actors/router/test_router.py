from decimal import Decimal

import pytest

from actors import names
from actors.messages.client_requests import DryRunOrder, GetBook, GetSymbolStatus
from actors.messages.routing import (
    CREDIT_STEP,
    BookSuspect,
    Credit,
    Enlist,
    GiveBack,
    Offer,
    Withdraw,
    Withdrawn,
)
from actors.router.router import Router
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.updates import BookView
from domain.matching.matcher import WaitingOrder
from domain.orders.dry_run import DryRun
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.risk.limits import NO_LIMITS
from domain.values import OrderId, Side, TimeInForce
from tests.actors.builders import RULES, SYMBOL, levels, order, slices, snapshot, update
from tests.actors.stage import Stage
from tests.fakes import FakeFeed, Recorder


Bids = tuple[tuple[int, int], ...]


class Market:
    """A router with a listener that only listens, and executors that do the same."""

    def __init__(self, stage: Stage, matches_max: int | None = None) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.router = stage.start(
            Router,
            names.router(SYMBOL),
            symbol=SYMBOL,
            feed=self.feed,
            matches_max=matches_max,
        )
        self.listener = stage.neighbour(names.listener(SYMBOL))

    def load(self, update_id: int = 10, bids: Bids = ((100, 5),)) -> None:
        loaded = BookLoaded(
            symbol=SYMBOL, snapshot=snapshot(update_id, bids), updates=()
        )
        self.stage.tell(self.router, loaded)

    def enlist(
        self,
        name: str,
        price: int,
        quantity: int,
        *,
        ticket: int = 1,
        children: int = 0,
        time_in_force: TimeInForce = TimeInForce.GTC,
        executor: Recorder | None = None,
        may_wait: bool = False,
    ) -> Recorder:
        executor = executor or Recorder()
        waiting = WaitingOrder(
            order_id=OrderId(name),
            side=Side.SELL,
            price=Decimal(price),
            released=Decimal(quantity),
            left=Decimal(quantity),
            sequence=1,
            time_in_force=time_in_force,
        )
        message = Enlist(
            waiting=waiting,
            ticket=ticket,
            children=children,
            executor=executor,
            may_wait=may_wait,
        )
        self.stage.tell(self.router, message)
        return executor

    def give_back(self, offer: Offer) -> None:
        given_back = GiveBack(
            order_id=offer.order_id, ticket=offer.ticket, slices=offer.slices
        )
        self.stage.tell(self.router, given_back)

    def status(self) -> SymbolStatus:
        asker = Recorder()
        self.stage.tell(self.router, GetSymbolStatus(reply_to=asker))
        return asker.only(SymbolStatus)


@pytest.fixture
def market(stage: Stage) -> Market:
    return Market(stage)


def test_an_order_that_arrives_is_offered_what_is_there(market: Market) -> None:
    market.load()

    executor = market.enlist("A", 100, 3, ticket=4)

    offer = executor.only(Offer)
    assert offer.slices == slices((100, 3), update_id=10)
    assert (offer.ticket, offer.book_state) == (4, BookState.SYNCED)


def test_the_same_quantity_is_never_offered_twice(market: Market) -> None:
    market.load()

    first = market.enlist("A", 100, 3)
    second = market.enlist("B", 100, 9)

    assert first.only(Offer).slices == slices((100, 3), update_id=10)
    assert second.only(Offer).slices == slices((100, 2), update_id=10)


def test_an_update_that_concerns_no_order_reaches_no_executor(market: Market) -> None:
    market.load()
    executor = market.enlist("A", 105, 3)

    market.stage.tell(market.router, update(11, 11, bids=((104, 5),)))

    assert executor.received == []
    assert market.status().waiting_orders == 1


def test_a_waiting_order_is_offered_the_level_that_reaches_it(market: Market) -> None:
    market.load()
    executor = market.enlist("A", 105, 3)

    market.stage.tell(market.router, update(11, 12, bids=((106, 2),)))

    assert executor.only(Offer).slices == slices((106, 2), update_id=12)


def test_nothing_is_offered_before_the_book_is_loaded(market: Market) -> None:
    executor = market.enlist("A", 90, 3)
    market.stage.tell(market.router, update(11, 12, bids=((106, 2),)))
    assert executor.received == []

    market.load()

    assert executor.only(Offer).slices == slices((100, 3), update_id=10)


def test_nothing_is_offered_from_a_lost_book(market: Market) -> None:
    market.load()
    lost = BookLost(symbol=SYMBOL, state=BookState.GAP, detail="missed one")
    market.stage.tell(market.router, lost)

    executor = market.enlist("A", 90, 3)

    assert executor.received == []
    assert market.status().book_state is BookState.GAP


def test_an_order_for_now_is_told_that_there_is_nothing(market: Market) -> None:
    market.load()

    executor = market.enlist("A", 101, 3, time_in_force=TimeInForce.IOC)

    assert executor.only(Offer).slices == ()


def test_a_released_slice_goes_to_the_next_in_line(market: Market) -> None:
    market.load()
    first = market.enlist("A", 100, 5).only(Offer)
    second = market.enlist("B", 100, 5)

    market.give_back(first)

    assert second.only(Offer).slices == slices((100, 5), update_id=10)


def test_a_release_for_an_earlier_book_is_ignored(market: Market) -> None:
    market.load()
    first = market.enlist("A", 100, 5).only(Offer)
    market.load()
    market.enlist("B", 100, 5)
    third = market.enlist("C", 100, 9)

    market.give_back(first)

    assert third.received == []


def test_a_slice_of_a_level_that_was_stated_anew_is_not_given_back(
    market: Market,
) -> None:
    market.load()
    first = market.enlist("A", 100, 5).only(Offer)
    market.stage.tell(market.router, update(11, 11, bids=((100, 1),)))
    second = market.enlist("B", 100, 9)

    market.give_back(first)

    assert [one.slices for one in second.all(Offer)] == [slices((100, 1), update_id=11)]


def test_what_a_dead_executor_is_offered_goes_to_the_next_in_line(
    market: Market,
) -> None:
    dead = market.enlist("A", 90, 5)
    dead.is_gone = True
    living = market.enlist("B", 95, 4)

    market.load()

    assert living.only(Offer).slices == slices((100, 4), update_id=10)
    assert market.status().waiting_orders == 0, "one is gone, the other one is away"


def test_any_number_of_dead_executors_may_be_first_in_line(market: Market) -> None:
    dead = Recorder()
    for number in range(1_000):
        market.enlist(f"D{number}", 90, 5, executor=dead)
    dead.is_gone = True
    living = market.enlist("B", 95, 4)

    market.load()

    assert living.only(Offer).slices == slices((100, 4), update_id=10)


def test_a_withdrawn_order_is_offered_nothing(market: Market) -> None:
    executor = market.enlist("A", 90, 5)
    order_id = OrderId("A")
    withdraw = Withdraw(order_id=order_id, ticket=2, children=0, reply_to=executor)

    market.stage.tell(market.router, withdraw, withdraw)
    market.load()

    assert executor.received == [Withdrawn(order_id=order_id, ticket=2)] * 2
    assert market.status().waiting_orders == 0


def test_enlisting_anew_replaces_what_was_known(market: Market) -> None:
    executor = market.enlist("A", 90, 5, ticket=1)
    market.enlist("A", 95, 2, ticket=2, executor=executor)

    market.load()

    offer = executor.only(Offer)
    assert offer.ticket == 2
    assert offer.slices == slices((100, 2), update_id=10)


def test_a_crossed_book_is_dropped_and_the_listener_told(market: Market) -> None:
    market.load()

    market.stage.tell(market.router, update(11, 11, bids=((110, 1),)))

    assert market.status().book_state is BookState.CROSSED
    assert market.listener.last(BookSuspect).state is BookState.CROSSED
    assert market.enlist("A", 90, 1).received == []


def test_credit_is_granted_for_every_update_used_or_not(market: Market) -> None:
    for number in range(CREDIT_STEP):
        market.stage.tell(market.router, update(number + 1, number + 1))

    assert market.listener.last(Credit).updates == CREDIT_STEP


def test_the_book_is_shown_best_levels_first(market: Market) -> None:
    market.load(bids=((100, 5), (99, 4), (98, 3)))
    asker = Recorder()

    market.stage.tell(market.router, GetBook(limit=2, reply_to=asker))

    view = asker.only(BookView)
    assert view.bids == levels((100, 5), (99, 4))
    assert (view.update_id, view.state) == (10, BookState.SYNCED)


def test_many_orders_are_served_in_parts_with_others_in_between(stage: Stage) -> None:
    market = Market(stage, matches_max=2)
    market.load(bids=((90, 1),))
    executors = [market.enlist(f"O{number}", 100, 1) for number in range(5)]
    market.router.address.tell(update(11, 11, bids=((100, 9),)))

    stage.dispatcher.step()
    served = [len(executor.all(Offer)) for executor in executors]
    assert served == [1, 1, 0, 0, 0]
    stage.run()

    offers = [executor.only(Offer) for executor in executors]
    assert [offer.slices for offer in offers] == [slices((100, 1), update_id=11)] * 5


def test_who_arrives_while_others_are_being_served_comes_after_them(
    stage: Stage,
) -> None:
    market = Market(stage, matches_max=1)
    market.load(bids=((90, 1),))
    first, second = (market.enlist(name, 100, 4) for name in "AB")
    market.router.address.tell(update(11, 11, bids=((100, 8),)))

    late = market.enlist("C", 100, 4)  # in the mailbox before the rest is served

    assert first.only(Offer).slices == slices((100, 4), update_id=11)
    assert second.only(Offer).slices == slices((100, 4), update_id=11)
    assert late.all(Offer) == []
    stage.tell(market.router, update(12, 12, bids=((100, 3),)))
    assert late.only(Offer).slices == slices((100, 3), update_id=12)


def test_an_order_for_now_that_arrives_meanwhile_is_answered_at_once(
    stage: Stage,
) -> None:
    market = Market(stage, matches_max=1)
    market.load(bids=((90, 1),))
    market.enlist("A", 100, 4)
    second = market.enlist("B", 100, 4)
    market.router.address.tell(update(11, 11, bids=((100, 9),)))

    late = market.enlist("C", 100, 4, time_in_force=TimeInForce.IOC)

    assert second.only(Offer).slices == slices((100, 4), update_id=11)
    assert late.only(Offer).slices == slices((100, 1), update_id=11)


def test_a_book_that_is_lost_meanwhile_serves_nobody_any_more(stage: Stage) -> None:
    market = Market(stage, matches_max=1)
    market.load(bids=((90, 1),))
    market.enlist("A", 100, 4)
    second = market.enlist("B", 100, 4)
    market.router.address.tell(update(11, 11, bids=((100, 8),)))
    stage.dispatcher.step()

    lost = BookLost(symbol=SYMBOL, state=BookState.GAP, detail="a gap")
    market.router.on_receive(lost)  # before the rest
    stage.run()

    assert second.all(Offer) == []


def test_dry_run_leaves_the_book_to_others(market: Market) -> None:
    market.load(bids=((100, 5),))
    client = Recorder()
    question = DryRunOrder(
        order=order("TRIED", quantity=Decimal(5)),
        rules=RULES,
        limits=NO_LIMITS,
        reply_to=client,
    )

    market.stage.tell(market.router, question)
    executor = market.enlist("A", price=100, quantity=5)

    run = client.only(DryRun)
    assert (run.slices, run.update_id) == (slices((100, 5), update_id=10), 10)
    assert executor.only(Offer).slices == slices((100, 5), update_id=10)
    assert market.status().waiting_orders == 0


def test_dry_run_takes_nothing_of_a_lost_book(market: Market) -> None:
    market.load(bids=((100, 5),))
    lost = BookLost(symbol=SYMBOL, state=BookState.GAP, detail="a gap")
    client = Recorder()
    question = DryRunOrder(
        order=order("TRIED"), rules=RULES, limits=NO_LIMITS, reply_to=client
    )

    market.stage.tell(market.router, lost, question)

    run = client.only(DryRun)
    assert (run.slices, run.book_state) == ((), BookState.GAP)
