from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated_exchange.market.depth_book import DepthSide
from adapters.simulated_exchange.market.level_queue import LevelQueue, Resting


def resting(owner: str, quantity: int, price: int = 100) -> Resting:
    return Resting(owner=owner, is_buy=False, price=price, quantity=quantity)


def who_gave(parts: list[tuple[Resting | None, int]]) -> list[tuple[object, int]]:
    return [(None if maker is None else maker.owner, size) for maker, size in parts]


def test_what_came_first_is_taken_first() -> None:
    queue = LevelQueue()
    queue.join(resting("a", 3), own=5)
    queue.join(resting("b", 2), own=9)

    parts, _blocked = queue.take(100, 12)

    assert who_gave(parts) == [(None, 5), ("a", 3), (None, 4), ("b", 2), (None, 3)]
    assert (queue.orders, queue.quantity) == ([], 0)


def test_a_taker_gets_no_more_than_it_wants() -> None:
    queue = LevelQueue()
    queue.join(resting("a", 3), own=5)

    first, _blocked = queue.take(4, 5)
    second, _blocked = queue.take(2, 1)

    assert who_gave(first) == [(None, 4)]
    assert who_gave(second) == [(None, 1), ("a", 1)]
    assert queue.quantity == 2


def test_what_the_market_adds_later_is_behind_and_goes_first() -> None:
    queue = LevelQueue()
    queue.join(resting("a", 3), own=5)

    queue.clip(2)
    parts, _blocked = queue.take(4, 8)

    assert who_gave(parts) == [(None, 2), ("a", 2)]


def test_a_taker_stops_in_front_of_whom_it_must_not_meet() -> None:
    queue = LevelQueue()
    queue.join(resting("other", 1), own=0)
    queue.join(resting("self", 2), own=0)

    parts, blocked = queue.take(9, 4, lambda owner: owner == "self")

    assert who_gave(parts) == [("other", 1)]
    assert blocked is not None
    assert blocked.owner == "self"


def test_a_level_shows_the_market_and_its_clients_together() -> None:
    side = DepthSide()
    side.set(100, 5)
    order = resting("a", 3)

    side.join(order)
    together = side.quantities[100]
    side.set(100, 0)
    clients_only = side.quantities[100]
    side.shrink(order, 1)
    smaller = side.quantities[100]
    side.leave(order)

    assert (together, clients_only, smaller) == (8, 3, 1)
    assert side.prices == []
    assert side.changed == {100: 0}


@given(
    orders=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=6),
    takes=st.lists(st.integers(1, 12), max_size=6),
)
def test_nothing_is_made_or_lost_by_taking(
    orders: list[tuple[int, int]], takes: list[int]
) -> None:
    queue, own = LevelQueue(), 0
    for number, (quantity, added) in enumerate(orders):
        own += added
        queue.join(resting(str(number), quantity), own)
    total = own + sum(quantity for quantity, _added in orders)
    for wanted in takes:
        parts, _blocked = queue.take(wanted, own)
        own -= sum(size for maker, size in parts if maker is None)
        taken = sum(size for _maker, size in parts)
        assert taken == min(wanted, total)
        total -= taken
        assert own + queue.quantity == total
        assert queue.quantity == sum(order.quantity for order in queue.orders)
