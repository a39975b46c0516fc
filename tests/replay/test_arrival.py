"""When an order of a replay arrives, on a made market of a few frames."""

from decimal import Decimal

import pytest

from actors.replay import Replay
from adapters.replay.memory_store import MemoryStore
from domain.market.synchronisation import OLD_IN_A_ROW_MAX
from domain.orders.order import OrderStatus
from domain.reasons import BookState, EndReason
from domain.replay import ReplayFrame, ReplayOrder, ReplayOutcome
from domain.values import OrderId, TimeInForce
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, place_order, snapshot, update


SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND

FRAMES = [
    ReplayFrame(received_ns=START, message=None),
    ReplayFrame(received_ns=START + SECOND, message=update(5, bids=[("100", "1")])),
    ReplayFrame(received_ns=START + 2 * SECOND, message=update(6, bids=[("99", "1")])),
    ReplayFrame(received_ns=START + 3 * SECOND, message=update(7, bids=[("100", "5")])),
]


def order(
    name: str,
    *,
    at: str,
    time_in_force: TimeInForce = TimeInForce.IOC,
    quantity: str = "1",
) -> ReplayOrder:
    return ReplayOrder(
        order_id=OrderId(name),
        command=place_order(quantity=quantity, time_in_force=time_in_force),
        at_ns=int(Decimal(at) * SECOND),
    )


def run(*orders: ReplayOrder) -> tuple[MemoryStore, ReplayOutcome]:
    store = MemoryStore()
    replay = Replay(
        rules=SymbolRules(symbol=BTCUSDT),
        snapshot=snapshot(4, bids=[("98", "1")]),
        store=store,
    )
    return store, replay.run(FRAMES, orders)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("0", EndReason.BOOK_UNUSABLE),
        ("0.5", EndReason.BOOK_UNUSABLE),
        ("1", EndReason.BOOK_UNUSABLE),  # just before the frame that bridges
        ("1.000000001", EndReason.COMPLETED),  # before the next one: book at 5
        ("2", EndReason.COMPLETED),
        ("3", EndReason.COMPLETED),
    ],
)
def test_order_arrives_just_before_the_first_frame_at_or_after_its_time(
    at: str, reason: EndReason
) -> None:
    store, _ = run(order("A", at=at))

    ended = store.order(OrderId("A"))
    assert ended is not None
    assert ended.reason is reason


def test_orders_of_equal_time_are_served_as_they_are_listed() -> None:
    store, _ = run(order("B", at="1.5"), order("A", at="1.5"))

    assert [fill.update_id for fill in store.fills(OrderId("B"))] == [5]
    assert store.fills(OrderId("A")) == []


def test_order_listed_later_but_due_earlier_is_served_first() -> None:
    store, _ = run(order("B", at="2"), order("A", at="1.5"))

    assert store.fills(OrderId("B")) == []
    assert [fill.update_id for fill in store.fills(OrderId("A"))] == [5]


def test_order_waits_for_the_statement_that_fills_it() -> None:
    waiting = order("A", at="0", time_in_force=TimeInForce.GTC, quantity="3")

    store, outcome = run(waiting)

    fills = [(one.update_id, one.quantity) for one in store.fills(OrderId("A"))]
    assert fills == [(5, Decimal(1)), (7, Decimal(2))]
    assert outcome.frames == len(FRAMES)


def test_order_whose_time_never_comes_is_neither_taken_in_nor_refused() -> None:
    store, outcome = run(order("A", at="3.1"))

    assert store.order(OrderId("A")) is None
    assert outcome.refusals == {}


def test_order_that_waits_at_the_end_stays_as_it_is() -> None:
    waiting = order("A", at="0", time_in_force=TimeInForce.GTC, quantity="9")

    store, _ = run(waiting)

    left = store.order(OrderId("A"))
    assert left is not None
    assert left.status is OrderStatus.PARTIALLY_FILLED
    assert left.remaining == Decimal(3)


def test_ids_that_begin_anew_end_the_book_of_a_replay() -> None:
    """It has no other snapshot; the book of before is frozen, not usable."""
    anew = [
        ReplayFrame(received_ns=START + (3 + number) * SECOND, message=update(number))
        for number in range(1, OLD_IN_A_ROW_MAX + 1)
    ]
    replay = Replay(
        rules=SymbolRules(symbol=BTCUSDT),
        snapshot=snapshot(999, bids=[("98", "1")]),
        store=MemoryStore(),
    )
    first = ReplayFrame(received_ns=START + SECOND, message=update(1_000))

    before = replay.run([first, *anew[:-1]], [])
    assert before.book.state == BookState.SYNCED

    replay = Replay(
        rules=SymbolRules(symbol=BTCUSDT),
        snapshot=snapshot(999, bids=[("98", "1")]),
        store=MemoryStore(),
    )
    after = replay.run([first, *anew], [])
    assert after.book.state == BookState.GAP
    assert after.book.bids == ()
