"""Points of price paths are written when nobody else waits for the disk."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from actors.gateway.permits import Permits
from actors.ledger import PRICES_MAX, RETRY_SECONDS, Ledger
from actors.messages.ledger import SavePrices, WriteRecord
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.records import Record, RecordOutcome
from tests.actors.builders import SYMBOL, new_order_record, order
from tests.actors.stage import Stage
from tests.fakes import FakePublisher, FakeStore, Recorder


def point(second: int) -> PricePoint:
    return PricePoint(
        symbol=SYMBOL, second=second, bid=Decimal(100), ask=Decimal(101), update_id=7
    )


class Store(FakeStore):
    """Notes in which order things are written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        self.written.append("records")
        return super().write(records)

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        self.written.append("prices")
        super().save_prices(points, keep_from, traded)


class Desk:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.store = stage, Store()
        self.ledger = stage.start(
            Ledger,
            "ledger",
            store=self.store,
            permits=Permits(),
            publisher=FakePublisher(),
        )

    def put(self, *seconds: int) -> None:
        """Put points into the mailbox; nothing runs yet."""
        for second in seconds:
            message = SavePrices(points=(point(second),), keep_from=0)
            self.ledger.address.tell(message)

    def seconds(self) -> list[int]:
        return [second for _, second in self.store.prices]


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_points_wait_for_all_records_that_wait(desk: Desk) -> None:
    desk.put(1)
    for name in ("A", "B"):
        record = new_order_record(order(name, sequence=ord(name)))
        desk.ledger.address.tell(WriteRecord(record=record, reply_to=Recorder()))
    desk.put(2)
    desk.stage.run()

    assert desk.store.written == ["records", "prices", "prices"]
    assert desk.seconds() == [1, 2]


def test_points_wait_while_the_database_is_out_of_reach(desk: Desk) -> None:
    desk.store.problem = "gone"
    desk.put(1, 2)
    desk.stage.run()
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert desk.seconds() == [1, 2]


def test_the_oldest_points_are_given_up_when_too_many_wait(desk: Desk) -> None:
    desk.store.problem = "gone"
    desk.put(0)
    desk.stage.run()
    desk.put(*range(1, PRICES_MAX + 3))
    desk.stage.run()
    desk.store.problem = None
    desk.stage.pass_seconds(RETRY_SECONDS)

    assert desk.seconds() == list(range(3, PRICES_MAX + 3))


def test_points_are_written_at_the_stop(desk: Desk) -> None:
    desk.put(1)
    desk.stage.end(desk.ledger)

    assert desk.seconds() == [1]
