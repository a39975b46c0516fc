from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulated_exchange.market.amounts import SCALE
from adapters.simulated_exchange.market.market_events import TouchChanged
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.orders import ExchangeOrder, Kind, Status
from tests.adapters.simulated_exchange.market.test_engine import Replica
from tests.adapters.simulated_exchange.trading.matching_stage import MatchingStage


def levels(stage: MatchingStage, *, is_buy: bool, count: int) -> list[tuple[int, int]]:
    found = stage.book.levels(is_buy=is_buy)
    return [next(found) for _ in range(count)]


def test_a_sweep_takes_the_levels_best_first_and_leaves_the_rest() -> None:
    stage = MatchingStage()
    (first, size), (second, held) = levels(stage, is_buy=False, count=2)
    step = stage.own.instrument.step

    order = stage.place(
        stage.account(), "SELL", quantity=size + step, price=second, time_in_force="IOC"
    )

    assert [trade.price for trade in order.trades][-1] == second
    assert {trade.price for trade in order.trades} == {first, second}
    assert (order.status, order.executed) == (Status.FILLED, size + step)
    assert levels(stage, is_buy=False, count=1) == [(second, held - step)]


def test_what_is_beyond_the_limit_expires_or_rests() -> None:
    stage = MatchingStage()
    price, size = levels(stage, is_buy=False, count=1)[0]
    wanted = size + 10 * SCALE

    gone = stage.place(
        stage.account(), "SELL", quantity=wanted, price=price, time_in_force="IOC"
    )
    rested = stage.place(stage.account(), "SELL", quantity="3", price=price)

    assert (gone.status, gone.executed) == (Status.EXPIRED, size)
    assert gone.expiry_reason == "UNFILLED_IOC_QUANTITY_EXPIRED"
    assert rested.status is Status.NEW
    assert levels(stage, is_buy=True, count=1) == [(price, 3 * SCALE)]


def test_fill_or_kill_fills_all_or_nothing() -> None:
    stage = MatchingStage()
    price, size = levels(stage, is_buy=False, count=1)[0]
    step = stage.own.instrument.step

    too_much = stage.place(
        stage.account(), "SELL", quantity=size + step, price=price, time_in_force="FOK"
    )
    exact = stage.place(
        stage.account(), "SELL", quantity=size, price=price, time_in_force="FOK"
    )

    assert (too_much.status, too_much.executed) == (Status.EXPIRED, 0)
    assert exact.status is Status.FILLED


def test_a_post_only_order_that_would_take_is_refused() -> None:
    stage = MatchingStage()

    with pytest.raises(VenueError, match="immediately match and take") as caught:
        stage.place(
            stage.account(),
            "SELL",
            quantity="1",
            price=stage.bid,
            kind=Kind.LIMIT_MAKER,
        )

    assert caught.value.code == -2010
    assert stage.ledger.all_orders == []


def test_orders_of_two_clients_meet_at_the_makers_price() -> None:
    stage = MatchingStage()
    stage.open_gap()
    maker, taker = stage.account(), stage.account()
    inside = stage.ask - stage.own.instrument.tick
    resting = stage.place(maker, "SELL", quantity="2", price=inside)

    order = stage.place(taker, "BUY", quantity="2", price=stage.ask + SCALE)

    assert (resting.status, order.status) == (Status.FILLED, Status.FILLED)
    assert [trade.price for trade in order.trades] == [inside]
    assert order.trades[0].trade_id == resting.trades[0].trade_id
    assert (order.trades[0].is_maker, resting.trades[0].is_maker) == (False, True)
    assert taker.of("BNB").free == 10_002 * SCALE
    assert maker.of("BNB").free == 9_998 * SCALE


def test_the_better_price_goes_first_and_then_the_earlier_order() -> None:
    stage = MatchingStage()
    stage.open_gap()
    tick, ask = stage.own.instrument.tick, stage.ask
    worse = stage.place(stage.account(), "BUY", quantity="1", price=ask - 2 * tick)
    early = stage.place(stage.account(), "BUY", quantity="1", price=ask - tick)
    late = stage.place(stage.account(), "BUY", quantity="1", price=ask - tick)

    stage.place(stage.account(), "SELL", quantity="1.5", price=ask - tick)

    assert (worse.executed, early.executed, late.executed) == (
        0,
        SCALE,
        SCALE // 2,
    )


def test_the_markets_own_quantity_of_a_price_is_ahead_of_who_came_later() -> None:
    stage = MatchingStage()
    price, size = levels(stage, is_buy=True, count=1)[0]
    mine = stage.place(stage.account(), "SELL", quantity="1", price=price)

    stage.place(stage.account(), "BUY", quantity=size, price=price)
    before = mine.executed
    stage.place(stage.account(), "BUY", quantity="0.4", price=price)

    assert (before, mine.executed) == (0, SCALE * 4 // 10)


def test_the_market_fills_resting_orders_as_it_comes_by() -> None:
    stage = MatchingStage()
    order = stage.place(stage.account(), "SELL", quantity="0.5", price=stage.ask)

    now_ms = 0
    while order.is_open:
        now_ms += 1000
        assert now_ms < 600_000
        stage.market.advance(now_ms)

    assert order.status is Status.FILLED
    assert all(trade.is_maker for trade in order.trades)


def test_a_market_order_by_quote_amount_gets_as_close_as_it_can() -> None:
    stage = MatchingStage()
    account = stage.account()

    order = stage.place(account, "BUY", quote_quantity="1000", kind=Kind.MARKET)

    spent = 10_000_000 * SCALE - account.of("USDT").free
    assert order.status is Status.FILLED
    assert 999 * SCALE < spent <= 1000 * SCALE
    assert account.of("USDT").locked == 0


def test_a_market_order_that_exhausts_the_book_expires_with_what_it_got() -> None:
    stage = MatchingStage()
    held = sum(size for _price, size in stage.book.levels(is_buy=False))
    account = stage.account()
    account.open_with({"BNB": 2 * held})

    order = stage.place(account, "SELL", quantity=2 * held, kind=Kind.MARKET)

    assert (order.status, order.executed) == (Status.EXPIRED, held)
    assert stage.book.best(is_buy=False) == 0


def test_the_market_recovers_from_an_empty_book() -> None:
    stage = MatchingStage()
    for side, is_buy in (("SELL", False), ("BUY", True)):
        held = sum(size for _price, size in stage.book.levels(is_buy=is_buy))
        account = stage.account()
        account.open_with({"BNB": held, "USDT": 10**9 * SCALE})
        stage.place(account, side, quantity=held, kind=Kind.MARKET)

    stage.market.advance(60_000)

    assert 0 < stage.bid < stage.ask < 2 * stage.own.instrument.price


@pytest.mark.parametrize(
    ("mode", "maker_status", "taker_status", "executed"),
    [
        ("NONE", Status.FILLED, Status.FILLED, 1),
        ("EXPIRE_MAKER", Status.EXPIRED_IN_MATCH, Status.NEW, 0),
        ("EXPIRE_TAKER", Status.NEW, Status.EXPIRED_IN_MATCH, 0),
        ("EXPIRE_BOTH", Status.EXPIRED_IN_MATCH, Status.EXPIRED_IN_MATCH, 0),
        ("DECREMENT", Status.EXPIRED_IN_MATCH, Status.EXPIRED_IN_MATCH, 0),
    ],
)
def test_an_account_does_not_trade_with_itself_unless_it_wants_to(
    mode: str, maker_status: Status, taker_status: Status, executed: int
) -> None:
    stage = MatchingStage()
    stage.open_gap()
    account = stage.account()
    price = stage.ask - stage.own.instrument.tick
    maker = stage.place(account, "SELL", quantity="1", price=price)

    taker = stage.place(account, "BUY", quantity="1", price=price, prevention=mode)

    assert (maker.status, taker.status) == (maker_status, taker_status)
    assert taker.executed == executed * SCALE
    assert account.of("BNB").locked == (SCALE if maker.is_open else 0)


def test_a_market_order_is_paid_although_its_own_offers_are_passed_over() -> None:
    stage = MatchingStage()
    stage.open_gap()
    account = stage.account()
    own_price = stage.ask - stage.own.instrument.tick
    others = next(stage.book.levels(is_buy=True))[0]
    stage.place(account, "SELL", quantity="1", price=own_price)
    account.open_with({"USDT": own_price})

    with pytest.raises(VenueError, match="insufficient balance"):
        stage.place(account, "BUY", quantity="1", kind=Kind.MARKET)
    account.open_with({"USDT": 2 * others})
    order = stage.place(account, "BUY", quantity="1", kind=Kind.MARKET)

    assert order.status is Status.FILLED
    assert min(trade.price for trade in order.trades) >= others
    assert account.of("USDT").locked == 0


def test_a_smaller_order_keeps_its_place() -> None:
    stage = MatchingStage()
    stage.open_gap()
    price = stage.ask - stage.own.instrument.tick
    first = stage.place(stage.account(), "SELL", quantity="2", price=price)
    second = stage.place(stage.account(), "SELL", quantity="2", price=price)

    stage.order_engine.amend(first, SCALE, "smaller")
    stage.place(stage.account(), "BUY", quantity="1.5", price=price)

    assert (first.status, first.client_id) == (Status.FILLED, "smaller")
    assert second.executed == SCALE // 2
    assert first.account.of("BNB").locked == 0


def test_an_order_cannot_grow_nor_stay_the_same() -> None:
    stage = MatchingStage()
    order = stage.place(stage.account(), "SELL", quantity="2", price="900")

    for quantity in (2 * SCALE, 3 * SCALE):
        with pytest.raises(VenueError) as caught:
            stage.order_engine.amend(order, quantity, "x")
        assert caught.value.code == -2038


actions = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(-30, 30),
    st.integers(1, 4000),
    st.sampled_from(["GTC", "IOC", "FOK", "MARKET", "cancel"]),
)


def do(stage: MatchingStage, accounts: list[TraderAccount], action: Any) -> None:
    who, side, offset, size, how = action
    if how == "cancel":
        for held in stage.ledger.open_orders(accounts[who])[:1]:
            stage.order_engine.cancel(held, "c")
        return
    one = stage.own.instrument
    order: dict[str, Any] = {"quantity": size * one.step * 10}
    if how == "MARKET":
        order["kind"] = Kind.MARKET
    else:
        middle = one.price - one.price % one.tick
        order |= {"time_in_force": how, "price": middle + offset * one.tick}
    stage.place(accounts[who], side, **order)


def needs(order: ExchangeOrder) -> int:
    return order.request.price * order.left // SCALE if order.is_buy else order.left


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(actions, max_size=25), seed=st.integers(0, 50))
def test_balances_always_add_up(steps: list[Any], seed: int) -> None:
    stage = MatchingStage(seed)
    accounts = [stage.account(commission=SCALE // 1000) for _ in range(2)]
    for number, action in enumerate(steps):
        do(stage, accounts, action)
        stage.market.advance((number + 1) * 50)

    assert stage.book.best(is_buy=False) < (stage.ask or 1 << 62)
    for account in accounts:
        opened = {"BNB": 10_000 * SCALE, "USDT": 10_000_000 * SCALE}
        for trade in stage.ledger.trades(account, "BNBUSDT"):
            got, paid = trade.quantity, trade.quote_quantity
            assets = ("BNB", "USDT")
            if not trade.order.is_buy:
                got, paid, assets = paid, got, ("USDT", "BNB")
            opened[assets[0]] += got - trade.commission
            opened[assets[1]] -= paid
        locked = dict.fromkeys(opened, 0)
        for order in stage.ledger.open_orders(account):
            locked[order.spends] += needs(order)
        for asset, total in opened.items():
            balance = account.of(asset)
            assert balance.free + balance.locked == total
            assert balance.locked == locked[asset]
    for order in stage.ledger.all_orders:
        assert order.executed == sum(trade.quantity for trade in order.trades)
        assert order.is_open == (order.handle is not None)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(actions, max_size=30), seed=st.integers(0, 50))
def test_depth_events_rebuild_the_book_in_which_clients_trade(
    steps: list[Any], seed: int
) -> None:
    stage = MatchingStage(seed)
    replica = Replica(stage.market, "BNBUSDT", 100)
    accounts = [stage.account() for _ in range(2)]
    shown: tuple[int, int, int, int] | None = None
    for number, action in enumerate([*steps, (0, "BUY", 0, 1, "cancel")]):
        do(stage, accounts, action)
        for event in stage.market.tell("BNBUSDT"):
            if isinstance(event, TouchChanged):
                shown = (event.bid, event.bid_quantity, event.ask, event.ask_quantity)
        for event in stage.market.advance((number + 1) * 100):
            if isinstance(event, TouchChanged):
                shown = (event.bid, event.bid_quantity, event.ask, event.ask_quantity)
            replica.apply(event)

        assert max(replica.bids) < min(replica.asks)
        assert shown in {None, replica.touch()}
        book = stage.own.book
        assert replica.bids == dict(
            stage.own.scaled(book.bids.quantities, descending=True)
        )
        assert replica.asks == dict(
            stage.own.scaled(book.asks.quantities, descending=False)
        )
