from dataclasses import replace
from decimal import Decimal

import pytest

from domain.market.touch import Touch
from domain.orders.lifecycle import child_of
from domain.orders.order import Order, OrderStatus
from domain.orders.order_now import (
    ChildNow,
    MarketNow,
    Obstacle,
    WorkNow,
    order_now,
)
from domain.reasons import BookState, EndReason, WaitReason
from domain.values import Side
from domain.venue.answers import PauseReason, TradingPause
from tests.builders import accepted_order, at, part, touch_at


ORDER = accepted_order(price="100", quantity="3")
FAR = touch_at("98", "99")
MARKET = MarketNow(
    book_state=BookState.SYNCED, touch=FAR, available=Decimal(0), is_waiting=True
)
REACHED = replace(MARKET, touch=touch_at("101", "102"))
PAUSE = TradingPause(reason=PauseReason.HALTED, detail="halted")


def obstacle(
    market: MarketNow | None = MARKET, order: Order = ORDER, **work: object
) -> Obstacle:
    known = WorkNow(order=order, **work)  # type: ignore[arg-type] # any field
    return order_now(order, known, market).obstacle


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"status": OrderStatus.CANCELED, "reason": EndReason.CANCELED_BY_CLIENT},
            Obstacle.ENDED,
        ),
        ({"reason": WaitReason.ON_HOLD, "at_venue": Decimal(1)}, Obstacle.ON_HOLD),
        (
            {"reason": WaitReason.CHILD_UNKNOWN, "at_venue": Decimal(1)},
            Obstacle.CHILD_UNKNOWN,
        ),
        ({"at_venue": Decimal(1)}, Obstacle.CHILD_IN_FLIGHT),
        (
            {"is_paused": True, "at_venue": Decimal(1)},
            Obstacle.CHILD_IN_FLIGHT,
        ),
        ({"is_paused": True}, Obstacle.PAUSED),
        ({}, Obstacle.LIMIT_NOT_REACHED),
    ],
)
def test_what_the_order_says_itself_comes_first(
    changes: dict[str, object], expected: Obstacle
) -> None:
    order = replace(ORDER, **changes)  # type: ignore[arg-type] # any field

    assert obstacle(order=order) is expected
    assert obstacle(order=order, market=replace(MARKET, pause=PAUSE)) is (
        Obstacle.TRADING_PAUSED if not changes else expected
    )


def test_a_child_whose_intent_is_on_its_way_to_the_disk_is_in_flight() -> None:
    child = ChildNow(
        child=child_of(ORDER, (part("101", "1"),), now=at(1)), is_sent=False
    )

    assert obstacle(child=child) is Obstacle.CHILD_IN_FLIGHT


def test_an_order_that_waits_after_a_refusal_says_until_when() -> None:
    work = WorkNow(order=ORDER, next_try_at=at(9))
    now = order_now(ORDER, work, REACHED)

    assert now.obstacle is Obstacle.RETRY_BACKOFF
    assert now.work == work


def test_an_order_without_an_executor_is_not_worked() -> None:
    now = order_now(ORDER, None, MARKET)

    assert now.obstacle is Obstacle.NOT_WORKED
    assert now.distance == Decimal(2)


@pytest.mark.parametrize(
    ("market", "expected"),
    [
        (None, Obstacle.SYMBOL_NOT_TRADED),
        (replace(MARKET, pause=PAUSE), Obstacle.TRADING_PAUSED),
        (
            MarketNow(book_state=BookState.GAP, detail="gap"),
            Obstacle.BOOK_UNUSABLE,
        ),
        (MARKET, Obstacle.LIMIT_NOT_REACHED),
        (replace(MARKET, touch=touch_at(None, "99")), Obstacle.LIMIT_NOT_REACHED),
        (REACHED, Obstacle.TAKEN),
        (replace(REACHED, available=Decimal("0.1")), Obstacle.BELOW_MINIMUM),
        (
            replace(REACHED, available=Decimal(1), is_waiting=False),
            Obstacle.NOT_RELEASED,
        ),
    ],
)
def test_then_comes_the_market(market: MarketNow | None, expected: Obstacle) -> None:
    assert obstacle(market) is expected


@pytest.mark.parametrize(
    ("side", "touch", "distance"),
    [
        (Side.SELL, touch_at("99.5", "103"), "0.5"),
        (Side.SELL, touch_at("100", "103"), "0"),
        (Side.SELL, touch_at("101.25", "103"), "-1.25"),
        (Side.BUY, touch_at("99", "103.5"), "3.5"),
        (Side.BUY, touch_at("90", "99"), "-1"),
        (Side.BUY, touch_at("99", None), None),
        (Side.SELL, None, None),
    ],
)
def test_the_distance_is_what_the_market_has_to_move_by(
    side: Side, touch: Touch | None, distance: str | None
) -> None:
    order = accepted_order(side=side, price="100")
    now = order_now(order, None, replace(MARKET, touch=touch))

    assert now.distance == (None if distance is None else Decimal(distance))


def test_the_executor_knows_the_order_better_than_the_disk() -> None:
    newer = replace(ORDER, filled=Decimal(1), status=OrderStatus.PARTIALLY_FILLED)

    assert order_now(ORDER, WorkNow(order=newer), MARKET).order == newer
