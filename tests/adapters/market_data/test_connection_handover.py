"""Two connections that carry the same symbols leave as one sequence."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from adapters.market_data.connection_handover import Handover
from adapters.market_data.recipient_routes import Route
from domain.market.updates import (
    GONE,
    DepthUpdate,
    FeedMessage,
    TopOfBook,
)
from domain.values import Symbol


BNB = Symbol("BNBUSDT")
BTC = Symbol("BTCUSDT")


def update(first: int, last: int) -> DepthUpdate:
    return DepthUpdate(
        symbol=BNB, first_update_id=first, last_update_id=last, bids=(), asks=()
    )


def top(update_id: int) -> TopOfBook:
    return TopOfBook(
        symbol=BNB, update_id=update_id, bid=(GONE, GONE), ask=(GONE, GONE)
    )


def route_into(sent: list[FeedMessage]) -> Route:
    return Route(BNB, sent.append)


@given(st.data())
def test_interleaved_connections_leave_as_one_unbroken_sequence(
    data: st.DataObject,
) -> None:
    sizes: list[int] = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=12))
    ends = list(accumulate(sizes))
    events = [
        update(end - size + 1, end) for size, end in zip(sizes, ends, strict=True)
    ]
    old_begins = data.draw(st.integers(0, len(events) - 1))
    old_ends = data.draw(st.integers(old_begins + 1, len(events)))
    new_begins = data.draw(st.integers(0, old_ends))
    old, new = events[old_begins:old_ends], events[new_begins:]
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)

    while old:
        is_turn_of_new: bool = data.draw(st.booleans())
        if new and is_turn_of_new:
            handover.send_new(route, new.pop(0))
        else:
            handover.send_old(route, old.pop(0))
    handover.finish()
    for event in new:
        handover.send_new(route, event)

    assert sent == events[old_begins:]


def test_held_updates_leave_when_the_old_connection_never_spoke() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)

    handover.send_new(route, update(5, 6))
    handover.send_new(route, update(7, 8))
    assert sent == []
    handover.finish()
    handover.send_old(route, update(5, 6))

    assert sent == [update(5, 6), update(7, 8)]


def test_older_touch_never_follows_a_newer_one() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)

    handover.send_old(route, top(3))
    handover.send_new(route, top(5))
    handover.send_old(route, top(4))
    handover.send_old(route, top(5))
    handover.send_old(route, top(6))

    assert sent == [top(3), top(5), top(6)]


def test_ids_that_begin_anew_during_a_handover_reach_the_recipient() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)
    handover.send_old(route, update(1_000, 1_000))
    handover.send_old(route, top(1_000))

    for number in (1, 2):
        handover.send_old(route, update(number, number))
        handover.send_old(route, top(number))

    assert sent[2:] == [update(1, 1), top(1), update(2, 2), top(2)]


def test_ids_that_begin_anew_on_the_new_connection_first_reach_the_recipient() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)
    handover.send_old(route, update(101, 110))
    handover.send_new(route, update(121, 130))

    handover.send_new(route, update(1, 10))
    handover.send_old(route, update(111, 120))
    handover.send_new(route, update(11, 20))
    handover.finish()
    handover.send_new(route, update(21, 30))

    ends = [each.last_update_id for each in sent if isinstance(each, DepthUpdate)]
    assert ends == [110, 120, 10, 20, 30]


def test_high_ids_that_were_held_do_not_follow_low_ones() -> None:
    """As when the new connection was ahead and both then began anew."""
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)
    handover.send_old(route, update(101, 110))
    handover.send_new(route, update(121, 130))

    handover.send_old(route, update(1, 10))
    handover.send_new(route, update(1, 10))
    handover.send_new(route, update(11, 20))
    handover.finish()
    handover.send_new(route, update(21, 30))

    ends = [each.last_update_id for each in sent if isinstance(each, DepthUpdate)]
    assert ends == [110, 10, 20, 30]


def test_ids_that_begin_anew_once_the_old_connection_is_gone_are_sent() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)
    handover.send_old(route, update(101, 110))
    handover.send_old(route, top(110))
    handover.send_new(route, update(111, 120))
    handover.send_new(route, top(120))
    handover.finish()

    for number in (1, 2):
        handover.send_new(route, update(number, number))
        handover.send_new(route, top(number))

    assert sent[4:] == [update(1, 1), top(1), update(2, 2), top(2)]


def test_new_connection_is_in_step_once_it_continues_the_old_one() -> None:
    handover, route = Handover(), route_into([])
    kinds: set[type] = {DepthUpdate}

    handover.send_old(route, update(1, 2))
    handover.send_new(route, update(5, 6))
    assert not handover.is_in_step([BNB], kinds)
    assert handover.is_behind()
    handover.send_old(route, update(3, 4))

    assert handover.is_in_step([BNB], kinds)
    assert not handover.is_in_step([BNB, BTC], kinds)
    assert not handover.is_behind()


def test_lost_new_connection_leaves_the_old_one_in_order() -> None:
    sent: list[FeedMessage] = []
    handover, route = Handover(), route_into(sent)
    handover.send_old(route, update(1, 1))
    handover.send_new(route, update(2, 2))
    handover.send_new(route, update(4, 4))

    handover.drop_new()
    for number in (2, 3, 4):
        handover.send_old(route, update(number, number))

    assert sent == [update(number, number) for number in (1, 2, 3, 4)]
