"""What a failed executor was offered, and nobody ever sent, is offered again."""

from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.messages.routing import (
    ChildNeverSent,
    GiveBack,
    Offer,
    Withdraw,
    Withdrawn,
)
from domain.orders.child_order import ChildStatus
from domain.values import OrderId, TimeInForce
from tests.actors.builders import (
    SYMBOL,
    order,
    placement,
    slices,
    update,
    with_child,
)
from tests.actors.router.test_router import Market
from tests.actors.stage import Stage
from tests.actors.test_system import Service
from tests.actors.workshop import Workshop
from tests.fakes import Recorder


A = OrderId("A")


@pytest.fixture
def market(stage: Stage) -> Market:
    """Return a market whose only level, 5 at 100, was offered to order A."""
    market = Market(stage)
    market.load()
    market.enlist("A", 100, 5)
    return market


def given(executor: Recorder) -> list[Any]:
    return [offer.slices for offer in executor.all(Offer)]


def test_a_successor_without_a_child_is_offered_the_same_again(market: Market) -> None:
    successor = market.enlist("A", 100, 5)

    assert given(successor) == [slices((100, 5), update_id=10)]


def test_what_a_successor_does_not_want_goes_to_the_next_in_line(
    market: Market,
) -> None:
    other = market.enlist("B", 100, 4)

    successor = market.enlist("A", 100, 3)

    assert given(successor) == [slices((100, 3), update_id=10)]
    assert given(other) == [slices((100, 2), update_id=10)]


def test_an_order_before_the_successor_is_served_before_it(market: Market) -> None:
    better = market.enlist("B", 99, 4)

    successor = market.enlist("A", 100, 5)

    assert given(better) == [slices((100, 4), update_id=10)]
    assert given(successor) == [slices((100, 1), update_id=10)]


def test_what_a_child_was_made_of_stays_taken(market: Market) -> None:
    successor = market.enlist("A", 100, 5, children=1)

    assert given(successor) == []


def test_it_is_given_back_once(market: Market) -> None:
    market.enlist("A", 90, 2)  # 2 of the 5 that came back
    market.enlist("A", 100, 2, children=1)

    assert given(market.enlist("B", 100, 9)) == [slices((100, 1), update_id=10)]


def test_nothing_of_an_earlier_book_is_given_back(market: Market) -> None:
    market.load()
    market.enlist("B", 100, 5)

    assert given(market.enlist("A", 100, 5)) == []


def test_a_level_stated_anew_gets_nothing_back(market: Market) -> None:
    market.stage.tell(market.router, update(11, 11, bids=((100, 1),)))

    assert given(market.enlist("A", 100, 5)) == [slices((100, 1), update_id=11)]


@pytest.mark.parametrize(
    ("children", "expected"),
    [(0, [slices((100, 4), update_id=10)]), (1, [])],
)
def test_who_leaves_gives_back_what_no_child_came_of(
    market: Market, children: int, expected: list[Any]
) -> None:
    other, leaver = market.enlist("B", 100, 4), Recorder()

    withdraw = Withdraw(order_id=A, ticket=2, children=children, reply_to=leaver)
    market.stage.tell(market.router, withdraw)

    assert given(other) == expected
    assert leaver.received == [Withdrawn(order_id=A, ticket=2)]


def test_a_release_after_leaving_is_not_counted_twice(market: Market) -> None:
    withdraw = Withdraw(order_id=A, ticket=2, children=0, reply_to=Recorder())
    given_back = GiveBack(order_id=A, ticket=1, slices=slices((100, 5), update_id=10))
    market.stage.tell(market.router, withdraw)
    market.enlist("B", 100, 5)

    market.stage.tell(market.router, given_back)

    assert given(market.enlist("C", 100, 5)) == []


def test_a_release_of_an_earlier_offer_leaves_the_later_one_taken(
    market: Market,
) -> None:
    given_back = GiveBack(order_id=A, ticket=1, slices=slices((100, 5), update_id=10))
    market.enlist("A", 100, 5, ticket=2)  # the same liquidity, offered again

    market.stage.tell(market.router, given_back)

    assert given(market.enlist("B", 100, 5)) == []


@pytest.mark.parametrize(
    ("children", "expected"), [(0, [slices((100, 4), update_id=10)]), (1, [])]
)
def test_a_child_that_was_never_sent_gives_back_its_own_offer_only(
    market: Market, children: int, expected: list[Any]
) -> None:
    other = market.enlist("B", 100, 4)

    message = ChildNeverSent(order_id=A, children=children)
    market.stage.tell(market.router, message, message)

    assert given(other) == expected


def test_an_executor_reports_a_child_of_its_predecessor_that_was_never_sent(
    stage: Stage,
) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))

    shop.answered(status=ChildStatus.NEVER_SENT)
    shop.written()

    never_sent = ChildNeverSent(order_id=A, children=0)
    assert shop.router.all(ChildNeverSent) == [never_sent]
    assert shop.enlisted().children == 1


def test_a_filled_child_of_a_predecessor_gives_nothing_back(stage: Stage) -> None:
    shop = Workshop(stage, with_child(order(), (102, 2)))

    shop.answered((102, 2))
    shop.written()

    assert shop.router.all(ChildNeverSent) == []


def test_a_failed_executor_keeps_no_liquidity_from_the_others(stage: Stage) -> None:
    service = Service(stage)
    service.sync(SYMBOL)
    service.place("X", placement(quantity=Decimal(7)))  # 5 at once, 2 wait
    service.place("Y", placement(quantity=Decimal(4)))
    failing = stage.actor(names.executor(SYMBOL, OrderId("X")))
    vars(failing)["_offer"] = fail

    service.feed.send(update(13, 13, bids=((100, 5),)))
    stage.run()

    for name, filled in (("X", 7), ("Y", 3)):
        found = service.store.order(OrderId(name))
        assert found is not None
        assert found.filled == filled


def fail(_offer: Offer) -> None:
    raise RuntimeError("a made-up fault")


# Nobody says that nothing will come back.


def notes(market: Market) -> int:
    return len(market.router._clients)


def test_what_was_given_is_forgotten_with_the_statements_that_it_is_of(
    market: Market,
) -> None:
    for number in range(20):
        book = update(11 + number, 11 + number, bids=((100, 5),))
        market.stage.tell(market.router, book)
        market.enlist(f"B{number}", 100, 5)

    assert notes(market) <= 2


def test_what_was_given_of_another_book_is_forgotten(market: Market) -> None:
    for number in range(20):
        market.load(update_id=11 + number)
        market.enlist(f"B{number}", 100, 5)

    assert notes(market) <= 2


def test_what_may_come_back_is_remembered_however_many_others_are_given(
    market: Market,
) -> None:
    for number in range(20):
        book = update(11 + number, 11 + number, bids=((99, 5),))
        market.stage.tell(market.router, book)
        market.enlist(f"B{number}", 99, 5)

    successor = market.enlist("A", 100, 5)

    assert given(successor) == [slices((100, 5), update_id=10)]


def test_an_order_that_waits_is_never_forgotten(market: Market) -> None:
    waiting = market.enlist("W", 100, 1)
    for number in range(20):
        market.load(update_id=11 + number, bids=((99, 5),))
        market.enlist(f"B{number}", 99, 5)

    market.load(update_id=40)

    assert given(waiting) == [slices((100, 1), update_id=40)]


def test_what_was_given_to_an_order_for_now_that_found_nothing_is_forgotten(
    market: Market,
) -> None:
    for number in range(20):
        market.enlist(f"I{number}", 101, 5, time_in_force=TimeInForce.IOC)

    assert notes(market) <= 3
