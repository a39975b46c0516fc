import statistics
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulated_exchange.market.engine import SeededMarket
from adapters.simulated_exchange.market.instruments import list_instrument
from adapters.simulated_exchange.market.market_events import (
    DepthChanged,
    MarketEvent,
    ScaledLevels,
    TouchChanged,
    TradePrinted,
    TradesAggregated,
)


SYMBOLS = ("BTCUSDT", "ETHBTC", "FOOUSDT")
seeds = st.integers(min_value=0, max_value=2**32)
few = settings(max_examples=15, deadline=None)


def open_market(seed: int, symbols: Iterable[str] = SYMBOLS) -> SeededMarket:
    return SeededMarket([list_instrument(name, seed) for name in symbols], seed)


class Replica:
    """A client's book: the opening snapshot and every event of one interval since."""

    def __init__(self, market: SeededMarket, symbol: str, interval_ms: int) -> None:
        own = market.symbols[symbol]
        self.symbol, self.interval_ms = symbol, interval_ms
        self.update_id = own.book.update_id
        self.bids = dict(own.scaled(own.book.bids.quantities, descending=True))
        self.asks = dict(own.scaled(own.book.asks.quantities, descending=False))

    def apply(self, event: MarketEvent) -> bool:
        """Follow an event if it is ours; the ids must be without a hole."""
        if not isinstance(event, DepthChanged) or event.symbol != self.symbol:
            return False
        if event.interval_ms != self.interval_ms:
            return False
        assert event.first_id == self.update_id + 1
        assert event.last_id >= event.first_id
        self._state(self.bids, event.bids)
        self._state(self.asks, event.asks)
        self.update_id = event.last_id
        return True

    @staticmethod
    def _state(side: dict[int, int], levels: ScaledLevels) -> None:
        for price, quantity in levels:
            if quantity:
                side[price] = quantity
            else:
                side.pop(price, None)

    def touch(self) -> tuple[int, int, int, int]:
        bid, ask = max(self.bids), min(self.asks)
        return bid, self.bids[bid], ask, self.asks[ask]


@few
@given(seed=seeds)
def test_the_same_seed_makes_the_same_events(seed: int) -> None:
    assert open_market(seed).advance(5000) == open_market(seed).advance(5000)


@few
@given(seed=seeds, cuts=st.lists(st.integers(0, 3000), max_size=20))
def test_events_do_not_depend_on_the_steps_taken(seed: int, cuts: list[int]) -> None:
    in_steps, market = [], open_market(seed)
    for until_ms in [*sorted(cuts), 3000]:
        in_steps += market.advance(until_ms)

    assert in_steps == open_market(seed).advance(3000)


@few
@given(seed=seeds)
def test_a_symbol_does_not_depend_on_its_neighbours(seed: int) -> None:
    alone = open_market(seed, ["ETHBTC"]).advance(3000)

    among_others = open_market(seed).advance(3000)

    assert alone == [event for event in among_others if event.symbol == "ETHBTC"]


@few
@given(seed=seeds)
def test_depth_events_rebuild_an_uncrossed_book_that_agrees_with_the_touch(
    seed: int,
) -> None:
    market = open_market(seed, ["BTCUSDT"])
    replica = Replica(market, "BTCUSDT", 100)
    shown: tuple[int, int, int, int] | None = None
    for event in market.advance(10_000):
        if isinstance(event, TouchChanged):
            shown = (event.bid, event.bid_quantity, event.ask, event.ask_quantity)
        if replica.apply(event):
            assert max(replica.bids) < min(replica.asks)
            assert shown in {None, replica.touch()}


@few
@given(seed=seeds, symbol=st.sampled_from(SYMBOLS))
def test_both_intervals_lead_to_the_same_book(seed: int, symbol: str) -> None:
    market = open_market(seed, [symbol])
    fast, slow = Replica(market, symbol, 100), Replica(market, symbol, 1000)
    for event in market.advance(8000):
        fast.apply(event)
        slow.apply(event)

    assert (fast.update_id, fast.bids, fast.asks) == (
        slow.update_id,
        slow.bids,
        slow.asks,
    )


@few
@given(seed=seeds)
def test_the_touch_is_told_under_rising_ids_and_only_when_it_changed(seed: int) -> None:
    touches = [
        event
        for event in open_market(seed, ["ETHBTC"]).advance(20_000)
        if isinstance(event, TouchChanged)
    ]

    for earlier, later in pairwise(touches):
        assert later.update_id > earlier.update_id
        assert (later.bid, later.bid_quantity, later.ask, later.ask_quantity) != (
            earlier.bid,
            earlier.bid_quantity,
            earlier.ask,
            earlier.ask_quantity,
        )


@few
@given(seed=seeds)
def test_an_aggregate_sums_the_trades_since_the_last_one(seed: int) -> None:
    trades: list[TradePrinted] = []
    for event in open_market(seed, ["BTCUSDT"]).advance(10_000):
        if isinstance(event, TradePrinted):
            trades.append(event)
        elif isinstance(event, TradesAggregated):
            assert sum(trade.quantity for trade in trades) == event.quantity
            assert [event.first_trade_id, event.last_trade_id] == [
                trades[0].trade_id,
                trades[-1].trade_id,
            ]
            assert {trade.price for trade in trades} == {event.price}
            trades.clear()


@few
@given(seed=seeds, symbol=st.from_regex(r"[A-Z]{2,6}(USDT|BTC|EUR)", fullmatch=True))
def test_any_symbol_trades_on_its_ticks_and_lots(seed: int, symbol: str) -> None:
    market = open_market(seed, [symbol])
    one = market.symbols[symbol].instrument
    for event in market.advance(3000):
        if isinstance(event, DepthChanged):
            for price, quantity in [*event.bids, *event.asks]:
                assert price > 0
                assert price % one.tick == quantity % one.step == 0


def test_spread_and_depth_stay_those_of_a_liquid_market() -> None:
    market = open_market(1)
    spreads: list[int] = []
    for until_ms in range(1000, 120_001, 1000):
        market.advance(until_ms)
        for own in market.symbols.values():
            spreads.append(own.book.best_ask - own.book.best_bid)
            assert min(len(own.book.bids.prices), len(own.book.asks.prices)) >= 15

    assert statistics.median(spreads) <= 4
    assert statistics.quantiles(spreads, n=10)[-1] < 100


def test_an_order_just_above_the_market_is_met_within_a_minute() -> None:
    waits = []
    for seed in range(9):
        market = open_market(seed, ["BNBUSDT"])
        book = market.symbols["BNBUSDT"].book
        wanted, now_ms = book.best_ask + 5, 0
        while book.best_bid < wanted and now_ms < 300_000:
            now_ms += 100
            market.advance(now_ms)
        waits.append(now_ms)

    assert statistics.median(waits) < 60_000


def test_what_others_take_is_told_with_the_next_action() -> None:
    market = open_market(1, ["BNBUSDT"])
    own = market.symbols["BNBUSDT"]
    bid, lots = own.book.touch()[:2]

    taken = own.take(bid, lots + 1, 0, is_buy=False)
    told = market.advance(1000)

    assert taken == lots
    first = told[0]
    assert isinstance(first, TradePrinted)
    assert (first.price, first.buyer_is_maker) == (bid * own.instrument.tick, True)
    assert any(isinstance(event, TouchChanged) for event in told)
