from datetime import timedelta
from decimal import Decimal

import pytest

from actors import names
from actors.messages.ledger import SavePrices
from actors.price_recorder import HAND_OVER_SECONDS, PriceRecorder
from actors.router.current_touch import CurrentTouch
from actors.supervision.symbol_executors import OrderCount
from domain.market.order_book import LocalOrderBook
from domain.market.price_path import LINGER_SECONDS, PricePoint
from domain.market.public_trades import PublicTrade, PublicTrades
from domain.market.updates import LATE_MAX_NS
from tests.actors.builders import SYMBOL, snapshot, update
from tests.actors.stage import START, Stage
from tests.fakes import FakeFeed


FIRST = int(START.timestamp()) + 1


class Recording:
    """A recorder, its ledger, and a market that the test moves."""

    def __init__(self, stage: Stage, keep_days: int = 90) -> None:
        self.stage = stage
        self.feed = FakeFeed()
        self.book = LocalOrderBook(SYMBOL)
        self.book.load(snapshot(10, ((100, 5),), ((103, 2),)))
        self.touch = CurrentTouch(stage.clock, SYMBOL, self.feed)
        self.touch.note(self.book)
        self.open = OrderCount()
        self.ledger = stage.neighbour(names.LEDGER)
        self.recorder = stage.start(
            PriceRecorder,
            names.PRICE_RECORDER,
            touches={SYMBOL: self.touch},
            open_orders={SYMBOL: self.open},
            keep_days=keep_days,
        )

    def points(self) -> list[PricePoint]:
        return [one for sent in self.ledger.all(SavePrices) for one in sent.points]

    def seconds(self) -> list[int]:
        return [point.second - FIRST for point in self.points()]


@pytest.fixture
def recording(stage: Stage) -> Recording:
    recording = Recording(stage)
    recording.open.change_to(1)
    return recording


def test_the_touch_of_each_second_is_recorded_while_an_order_is_open(
    recording: Recording,
) -> None:
    recording.stage.pass_seconds(2 * HAND_OVER_SECONDS + 0.5)

    assert recording.seconds() == list(range(2 * HAND_OVER_SECONDS))
    first = recording.points()[0]
    assert first == PricePoint(
        symbol=SYMBOL,
        second=FIRST,
        bid=Decimal(100),
        ask=Decimal(103),
        update_id=10,
    )


def test_each_point_is_of_its_own_second(recording: Recording) -> None:
    recording.stage.pass_seconds(1.5)
    recording.book.apply(update(11, 11, bids=((101, 1),)))
    recording.touch.note(recording.book)
    recording.stage.pass_seconds(HAND_OVER_SECONDS)

    assert [point.update_id for point in recording.points()][:3] == [10, 11, 11]


def test_points_go_to_the_ledger_together(recording: Recording) -> None:
    recording.stage.pass_seconds(4 * HAND_OVER_SECONDS + 0.5)

    sent = recording.ledger.all(SavePrices)
    assert len(sent) == 4
    assert sent[-1].keep_from == sent[-1].points[-1].second - 90 * 86_400


def test_nothing_is_recorded_without_an_order(stage: Stage) -> None:
    recording = Recording(stage)
    stage.pass_seconds(60)

    assert recording.ledger.received == []


def test_a_path_goes_on_for_a_minute_after_the_last_order(
    recording: Recording,
) -> None:
    recording.stage.pass_seconds(3.5)
    recording.open.change_to(0)
    recording.stage.pass_seconds(200)

    assert recording.seconds() == list(range(3 + LINGER_SECONDS))


def test_a_second_without_a_usable_book_is_missing(recording: Recording) -> None:
    recording.stage.pass_seconds(2.5)
    recording.touch.lose()
    recording.stage.pass_seconds(3)
    recording.touch.note(recording.book)
    recording.stage.pass_seconds(10)

    assert recording.seconds()[:4] == [0, 1, 5, 6]


def test_a_silent_venue_leaves_a_gap(recording: Recording) -> None:
    heard_ns = recording.stage.clock.monotonic_ns()
    recording.feed.heard_ns[SYMBOL] = heard_ns
    recording.stage.pass_seconds(60)

    assert recording.seconds() == list(range(int(LATE_MAX_NS / 1e9)))


def test_what_is_left_is_handed_over_at_the_end(recording: Recording) -> None:
    recording.stage.pass_seconds(2.5)
    assert recording.points() == []

    recording.stage.end(recording.recorder)
    assert recording.seconds() == [0, 1]


def test_a_clock_that_is_set_back_does_not_stop_the_path(
    recording: Recording,
) -> None:
    recording.stage.pass_seconds(10)
    recording.stage.clock.set_wall(timedelta(seconds=-3600))
    recording.stage.pass_seconds(15)

    later = [second for second in recording.seconds() if second < 0]
    assert len(later) >= 8
    assert len(set(recording.seconds())) == len(recording.seconds())


def test_no_second_is_recorded_twice_when_the_clock_is_set_back_a_little(
    recording: Recording,
) -> None:
    for _ in range(20):
        recording.stage.pass_seconds(1.1)
        recording.stage.clock.set_wall(timedelta(seconds=-0.4))
    recording.stage.pass_seconds(HAND_OVER_SECONDS)

    seconds = recording.seconds()
    assert len(set(seconds)) == len(seconds)


def test_a_path_may_be_kept_for_ever(stage: Stage) -> None:
    recording = Recording(stage, keep_days=0)
    recording.open.change_to(1)
    stage.pass_seconds(10)

    assert recording.ledger.last(SavePrices).keep_from == 0


def test_an_order_that_ends_within_a_second_has_the_minute_after_it(
    stage: Stage,
) -> None:
    """What its execution cost is judged by that, and most orders are as quick."""
    recording = Recording(stage)
    recording.stage.pass_seconds(10)
    recording.open.change_to(1)
    recording.open.change_to(0)

    recording.stage.pass_seconds(LINGER_SECONDS + 2 * HAND_OVER_SECONDS)

    assert recording.seconds() == list(range(9, 9 + LINGER_SECONDS + 1))


def trades(*numbered: tuple[int, float]) -> PublicTrades:
    """Trades with these ids, so many seconds after the first point's."""
    return PublicTrades(
        trades=tuple(
            PublicTrade(
                symbol=SYMBOL,
                trade_id=trade_id,
                price=Decimal(100),
                quantity=Decimal(1),
                second=int(FIRST + after),
            )
            for trade_id, after in numbered
        )
    )


def traded(recording: Recording) -> list[tuple[int, int, int]]:
    return [
        (one.second - FIRST, one.first_id, one.last_id)
        for sent in recording.ledger.all(SavePrices)
        for one in sent.traded
    ]


def test_public_trades_are_summed_by_second_while_an_order_is_open(
    recording: Recording,
) -> None:
    recording.stage.tell(recording.recorder, trades((1, 0), (2, 0), (3, 1)))
    recording.stage.pass_seconds(1.5)
    recording.stage.tell(recording.recorder, trades((4, 1), (5, 3)))
    recording.stage.pass_seconds(HAND_OVER_SECONDS + 0.5)

    assert traded(recording) == [(0, 1, 2), (1, 3, 4)]


def test_what_was_traded_just_before_an_order_came_is_kept(stage: Stage) -> None:
    recording = Recording(stage)
    for second in range(20):
        recording.stage.tell(recording.recorder, trades((second, second)))
        stage.pass_seconds(1)
    recording.open.change_to(1)
    recording.stage.tell(
        recording.recorder, trades((20, 20))
    )  # ends second 19 before it is noticed
    stage.pass_seconds(1)
    recording.stage.tell(recording.recorder, trades((21, 21)))
    stage.pass_seconds(HAND_OVER_SECONDS)

    seconds = [second for second, _, _ in traded(recording)]
    assert seconds == list(range(16, 21))


def test_the_first_trade_behind_a_path_is_kept_however_late(
    recording: Recording,
) -> None:
    recording.stage.tell(recording.recorder, trades((1, 0)))
    recording.stage.pass_seconds(2)
    recording.open.change_to(0)
    recording.stage.pass_seconds(600)
    recording.stage.tell(recording.recorder, trades((2, 600), (3, 601), (4, 602)))
    recording.stage.pass_seconds(HAND_OVER_SECONDS)

    assert traded(recording) == [(0, 1, 1), (600, 2, 2)]


def test_trades_without_an_order_are_not_kept(stage: Stage) -> None:
    recording = Recording(stage)
    recording.stage.tell(recording.recorder, trades((1, 0), (2, 1), (3, 2)))
    stage.pass_seconds(60)

    assert recording.ledger.received == []
