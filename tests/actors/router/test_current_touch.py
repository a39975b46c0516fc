from decimal import Decimal

import pytest

from actors import names
from actors.messages.client_requests import GetMarketNow, GetWaiting
from actors.messages.routing import Enlist, Offer
from actors.router.current_touch import CurrentTouch
from actors.router.router import Router
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.touch import Touch
from domain.market.updates import LATE_MAX_NS, Burst
from domain.matching.matcher import WaitingOrder
from domain.orders.order_now import MarketNow
from domain.reasons import BookState
from domain.values import OrderId, Side, TimeInForce
from tests.actors.builders import SYMBOL, order, snapshot, stated, update
from tests.actors.stage import Stage
from tests.fakes import FakeFeed, Recorder


class Market:
    """A router, and what it tells others of the touch."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.touch = CurrentTouch(stage.clock, SYMBOL, self.feed)
        stage.neighbour(names.listener(SYMBOL))
        self.router = self.start()

    def start(self) -> Router:
        return self.stage.start(
            Router,
            names.router(SYMBOL),
            symbol=SYMBOL,
            feed=self.feed,
            touch=self.touch,
        )

    def load(self, update_id: int = 10) -> None:
        book = snapshot(update_id, ((100, 5), (99, 1)), ((103, 2),))
        loaded = BookLoaded(symbol=SYMBOL, snapshot=book, updates=())
        self.stage.tell(self.router, loaded)

    def known(self) -> Touch:
        touch = self.touch.read()
        assert touch is not None
        return touch


@pytest.fixture
def market(stage: Stage) -> Market:
    market = Market(stage)
    market.load()
    return market


def test_the_touch_is_known_with_the_book(market: Market) -> None:
    assert market.known() == Touch(
        best_bid=stated((100, 5))[0],
        best_ask=stated((103, 2))[0],
        update_id=10,
        as_of=market.stage.clock.now(),
    )


def test_the_touch_follows_every_frame(market: Market) -> None:
    events = (
        update(11, 11, bids=((101, 3),)),
        update(12, 13, bids=((101, 0),), asks=((103, 4),)),
    )
    market.stage.tell(market.router, events[0])
    assert (market.known().bid, market.known().update_id) == (Decimal(101), 11)

    market.stage.tell(market.router, Burst(symbol=SYMBOL, events=events))
    found = market.known()
    assert (found.bid, found.ask_quantity) == (Decimal(100), Decimal(4))
    assert found.update_id == 13


@pytest.mark.parametrize("state", [BookState.GAP, BookState.STALE])
def test_there_is_no_touch_without_a_book(market: Market, state: BookState) -> None:
    market.stage.tell(market.router, BookLost(symbol=SYMBOL, state=state, detail=""))
    assert market.touch.read() is None

    market.load(20)
    assert market.known().update_id == 20


def test_there_is_no_touch_of_a_crossed_book(market: Market) -> None:
    market.stage.tell(market.router, update(11, 11, bids=((103, 1),)))

    assert market.touch.read() is None


def test_a_touch_is_as_old_as_the_venues_last_word(market: Market) -> None:
    clock = market.stage.clock
    market.feed.heard_ns[SYMBOL] = clock.monotonic_ns()
    then = clock.now()

    market.stage.pass_seconds(LATE_MAX_NS / 1e9)
    assert market.known().as_of == then

    market.stage.pass_seconds(0.001)
    assert market.touch.read() is None


def test_a_router_that_ends_leaves_no_touch(market: Market) -> None:
    market.stage.kill(market.router)
    assert market.touch.read() is None

    market.router = market.start()
    assert market.touch.read() is None
    market.load(30)
    assert market.known().update_id == 30


def test_an_offer_carries_the_touch_of_its_own_book(market: Market) -> None:
    executor = Recorder()
    waiting = WaitingOrder(
        order_id=OrderId("A"),
        side=Side.SELL,
        price=Decimal(101),
        released=Decimal(1),
        left=Decimal(1),
        sequence=1,
        time_in_force=TimeInForce.GTC,
    )
    enlist = Enlist(waiting=waiting, ticket=1, children=0, executor=executor)
    market.stage.tell(market.router, enlist)
    first = update(11, 11, bids=((102, 3),))
    second = update(12, 12, bids=((102, 0),))

    market.stage.tell(market.router, Burst(symbol=SYMBOL, events=(first, second)))

    touch = executor.only(Offer).touch
    assert touch is not None
    assert (touch.bid, touch.bid_quantity) == (Decimal(102), Decimal(3))
    assert touch.update_id == 11
    assert (market.known().bid, market.known().update_id) == (Decimal(100), 12)


def test_what_the_book_says_of_a_level_can_be_read_as_well(market: Market) -> None:
    found = market.touch.statement_at(Side.SELL, Decimal(99))
    assert found is not None
    assert (found.update_id, found.stated, found.taken_before) == (
        10,
        Decimal(1),
        Decimal(0),
    )
    assert market.touch.statement_at(Side.BUY, Decimal(99)) is None

    market.touch.lose()
    assert market.touch.statement_at(Side.SELL, Decimal(99)) is None


def asked(market: Market, price: int, side: Side = Side.SELL) -> MarketNow:
    answers = Recorder()
    wanted = order(price=Decimal(price), side=side)
    market.stage.tell(market.router, GetMarketNow(order=wanted, reply_to=answers))
    return answers.only(MarketNow)


def test_the_router_says_what_is_there_for_an_order(market: Market) -> None:
    found = asked(market, 99)

    assert (found.book_state, found.pause) == (BookState.SYNCED, None)
    assert found.touch == market.known()
    assert found.available == Decimal(5)  # all that the order wants
    assert found.is_waiting is False
    assert asked(market, 101).available == 0
    assert asked(market, 103, Side.BUY).available == Decimal(2)


def test_without_a_book_nothing_is_there_for_anybody(market: Market) -> None:
    lost = BookLost(symbol=SYMBOL, state=BookState.GAP, detail="a gap")
    market.stage.tell(market.router, lost)

    assert asked(market, 99) == MarketNow(book_state=BookState.GAP, detail="a gap")


def test_the_router_lists_the_orders_that_wait(market: Market) -> None:
    waiting = WaitingOrder(
        order_id=OrderId("A"),
        side=Side.SELL,
        price=Decimal(101),
        released=Decimal(1),
        left=Decimal(1),
        sequence=1,
        time_in_force=TimeInForce.GTC,
    )
    enlist = Enlist(waiting=waiting, ticket=1, children=0, executor=Recorder())
    market.stage.tell(market.router, enlist)
    answers = Recorder()

    market.stage.tell(market.router, GetWaiting(reply_to=answers))

    assert answers.received == [(waiting,)]
