"""A burst means the same as its events one by one, on the way to the book and after."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import names
from actors.listener import Listener, ListenerTimes
from actors.messages.client_requests import GetBook
from actors.messages.routing import CREDIT_WINDOW, Credit, Enlist, Offer
from actors.router.router import Router
from domain.market.updates import (
    BookView,
    Burst,
    DepthSnapshot,
    DepthUpdate,
    FeedConnected,
    TopOfBook,
    together,
)
from domain.matching.matcher import WaitingOrder
from domain.values import OrderId, Side, TimeInForce
from tests.actors.builders import SYMBOL, levels, snapshot, stated, update
from tests.actors.stage import Neighbour, Stage
from tests.fakes import FakeFeed, Recorder


Event = DepthUpdate | TopOfBook


class Book:
    """A listener and its router, with one order that waits for more than it gets."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.router = stage.start(
            Router, names.router(SYMBOL), symbol=SYMBOL, feed=self.feed
        )
        self.listener = stage.start(
            Listener,
            names.listener(SYMBOL),
            symbol=SYMBOL,
            feed=self.feed,
            times=ListenerTimes(),
        )
        self.executor = Recorder()
        waiting = WaitingOrder(
            order_id=OrderId("A"),
            side=Side.SELL,
            price=Decimal(100),
            released=Decimal(1_000),
            left=Decimal(1_000),
            sequence=1,
            time_in_force=TimeInForce.GTC,
        )
        enlist = Enlist(waiting=waiting, ticket=1, children=0, executor=self.executor)
        stage.tell(self.router, enlist)

    def load(self) -> None:
        """Get in step at update 12, with a bid at 90 and an ask at 110."""
        self.feed.send(FeedConnected(symbol=SYMBOL))
        self.feed.send(update(11, 12))
        self.stage.run()
        self.feed.send(
            DepthSnapshot(
                symbol=SYMBOL,
                last_update_id=11,
                bids=stated((90, 1)),
                asks=stated((110, 1)),
            )
        )
        self.stage.run()

    def send(self, *bursts: Sequence[Event]) -> None:
        for events in bursts:
            self.feed.send(together(events))
            self.stage.run()

    def view(self) -> BookView:
        asked = GetBook(limit=100, reply_to=(answers := Recorder()))
        self.stage.tell(self.router, asked)
        return answers.only(BookView)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0, 0, -1, 1]),  # in order, seen before, a gap
        st.integers(80, 103),
        st.integers(0, 3),
    ),
    max_size=20,
)
CUTS = st.sets(st.integers(1, 19))


@given(steps=STEPS, cuts=CUTS)
def test_a_burst_means_the_same_as_its_events_one_by_one(
    steps: list[tuple[int, int, int]], cuts: set[int]
) -> None:
    events = []
    update_id = 13
    for jump, price, quantity in steps:
        update_id += jump
        events.append(update(update_id, update_id, bids=((price, quantity),)))
        update_id += 1
    ends = sorted(cut for cut in cuts if cut < len(events))
    bounds = zip([0, *ends], [*ends, len(events)], strict=True)
    bursts = [events[start:end] for start, end in bounds if start < end]

    outcomes = []
    for sent in ([[event] for event in events], bursts):
        stage = Stage()
        book = Book(stage)
        book.load()
        book.send(*sent)
        outcomes.append((book.view(), book.executor.all(Offer), book.feed))
        stage.clear()

    (one_view, one_offers, one_feed), (burst_view, burst_offers, burst_feed) = outcomes
    assert burst_view == one_view
    assert [offer.slices for offer in burst_offers] == [
        offer.slices for offer in one_offers
    ]
    assert burst_feed.snapshots_wanted == one_feed.snapshots_wanted


def following(count: int) -> list[DepthUpdate]:
    """Make updates that follow number 12, each of which states a bid anew."""
    return [
        update(13 + number, 13 + number, bids=((90, number + 1),))
        for number in range(count)
    ]


@pytest.fixture
def router(stage: Stage) -> Neighbour:
    """Return a router that only listens."""
    return stage.neighbour(names.router(SYMBOL))


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture
def listener(stage: Stage, router: Neighbour, feed: FakeFeed) -> Listener:
    """Return a listener in step at update 12."""
    name, times = names.listener(SYMBOL), ListenerTimes()
    listener = stage.start(Listener, name, symbol=SYMBOL, feed=feed, times=times)
    for message in (FeedConnected(symbol=SYMBOL), update(11, 12), snapshot(11)):
        feed.send(message)
        stage.run()
    router.received.clear()
    return listener


@pytest.mark.usefixtures("listener")
def test_a_burst_in_step_reaches_the_router_as_one_message(
    stage: Stage, router: Neighbour, feed: FakeFeed
) -> None:
    burst = Burst(symbol=SYMBOL, events=tuple(following(3)))

    feed.send(burst)
    stage.run()

    assert router.received == [burst]


def test_a_burst_beyond_the_credit_is_sent_as_far_as_that_goes(
    stage: Stage, router: Neighbour, feed: FakeFeed, listener: Listener
) -> None:
    updates = following(CREDIT_WINDOW + 9)
    covered = CREDIT_WINDOW - 1  # the book took one

    feed.send(Burst(symbol=SYMBOL, events=tuple(updates)))
    stage.run()

    assert [burst.events for burst in router.all(Burst)] == [tuple(updates[:covered])]
    stage.tell(listener, Credit(updates=64))
    rest = router.last(DepthUpdate)
    assert rest.first_update_id == updates[covered].first_update_id
    assert rest.last_update_id == updates[-1].last_update_id
    assert rest.bids == stated((90, len(updates)))


def test_a_book_loaded_beyond_the_credit_leaves_none_for_what_follows(
    stage: Stage, router: Neighbour, feed: FakeFeed, listener: Listener
) -> None:
    for one in following(CREDIT_WINDOW - 1):
        feed.send(one)
    last = 12 + CREDIT_WINDOW - 1
    feed.send(update(last + 2, last + 2))  # a gap
    stage.pass_seconds(1.0)
    feed.send(snapshot(last + 1))
    stage.run()
    assert router.received[-1].snapshot.last_update_id == last + 1
    router.received.clear()

    feed.send(update(last + 3, last + 3))
    feed.send(together([update(last + n, last + n) for n in (4, 5)]))
    stage.run()

    assert router.received == []
    stage.tell(listener, Credit(updates=64))
    (merged,) = router.received
    assert (merged.first_update_id, merged.last_update_id) == (last + 3, last + 5)


def test_a_gap_within_a_burst_loses_the_book_and_keeps_what_is_behind_it(
    stage: Stage,
) -> None:
    book = Book(stage)
    book.load()
    book.feed.snapshots_wanted.clear()

    book.send([update(13, 13), update(15, 15, bids=((95, 2),)), update(16, 16)])
    assert book.view().state == "GAP"
    stage.pass_seconds(1.0)
    assert book.feed.snapshots_wanted == [SYMBOL]
    book.feed.send(snapshot(14, ((90, 1),)))
    stage.run()

    assert book.view().state == "SYNCED"
    assert book.view().update_id == 16
    assert book.view().bids == levels((95, 2), (90, 1))


def test_a_burst_of_touches_becomes_a_book_and_statements(stage: Stage) -> None:
    book = Book(stage)
    bids = stated((90, 1), (91, 1), (91, 2))
    (ask,) = stated((110, 1))
    book.feed.send(FeedConnected(symbol=SYMBOL))

    book.send(
        [
            TopOfBook(symbol=SYMBOL, update_id=number, bid=bid, ask=ask)
            for number, bid in enumerate(bids)
        ]
    )

    assert book.view().bids == levels((91, 2))
    assert book.view().update_id == 2


def test_a_book_lost_within_a_burst_is_not_matched_by_what_follows(
    stage: Stage,
) -> None:
    book = Book(stage)
    book.load()

    crossed = update(13, 13, bids=((120, 1),))
    book.send([crossed, update(14, 14, bids=((101, 5),))])

    assert book.view().state == "CROSSED"
    assert book.executor.all(Offer) == []
