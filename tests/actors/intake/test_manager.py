from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.intake.manager import Manager, SequenceCounter
from actors.messages.desk import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    PlaceRequest,
    Recovered,
)
from actors.messages.journal import (
    LastSequenceLoaded,
    LoadLastSequence,
    LoadOpenOrders,
    OpenOrdersLoaded,
    WriteRecord,
    Written,
)
from actors.messages.lifecycle import (
    RecoveryFinished,
    RecoveryStarting,
    StartExecutor,
    StopIntake,
    SymbolStarted,
)
from domain.orders.commands import AmendOrder, CancelOrder, PlaceOrder
from domain.orders.journal import NewOrder, OpenOrder, RecordOutcome, Stored
from domain.orders.order import OrderStatus
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import OrderId, Symbol, TimeInForce
from tests.actors.builders import RULES, SYMBOL, order, placement, with_child
from tests.actors.stage import START, Stage
from tests.fakes import Recorder


class Office:
    """A manager with a ledger and a symbol supervisor that only listen."""

    def __init__(
        self,
        stage: Stage,
        last_sequence: int | None = 7,
        limits: RiskLimits = NO_LIMITS,
    ) -> None:
        self.stage = stage
        self.limits = limits
        self.sequence = SequenceCounter()
        self.ledger = stage.neighbour(names.LEDGER)
        self.supervisor = stage.neighbour(names.symbol_supervisor(SYMBOL))
        self.manager = self.start()
        if last_sequence is not None:
            self.tell(LastSequenceLoaded(sequence=last_sequence))

    def start(self) -> Manager:
        return self.stage.start(
            Manager,
            names.MANAGER,
            rules={SYMBOL: RULES},
            sequence=self.sequence,
            limits=self.limits,
        )

    def restart(self, last_sequence: int) -> None:
        self.stage.kill(self.manager)
        self.manager = self.start()
        self.tell(LastSequenceLoaded(sequence=last_sequence))

    def tell(self, *messages: Any) -> None:
        self.stage.tell(self.manager, *messages)

    def place(
        self, command: PlaceOrder | None = None, name: str = "A", **more: Any
    ) -> Recorder:
        client = Recorder()
        request = PlaceRequest(
            order_id=OrderId(name),
            command=command or placement(),
            reply_to=client,
            **more,
        )
        self.tell(request)
        return client

    def records(self) -> list[NewOrder]:
        found = [message.record for message in self.ledger.all(WriteRecord)]
        return [record for record in found if isinstance(record, NewOrder)]

    def written(self, outcome: RecordOutcome | None = None, attempt: int = 1) -> None:
        record = self.records()[-1]
        answer = Written(
            order_id=record.order.order_id,
            version=1,
            outcome=outcome or Stored(order=record.order),
            attempt=attempt,
        )
        self.tell(answer)

    def started(self) -> list[StartExecutor]:
        return self.supervisor.all(StartExecutor)

    def page(self, *orders: OpenOrder) -> None:
        """Answer the latest question for open orders."""
        asked = self.ledger.last(LoadOpenOrders)
        self.tell(page_for(asked, *orders))


def page_for(asked: LoadOpenOrders, *orders: OpenOrder) -> OpenOrdersLoaded:
    return OpenOrdersLoaded(
        recovery=asked.recovery,
        symbol=asked.symbol,
        after_sequence=asked.after_sequence,
        orders=orders,
    )


def found(name: str, sequence: int) -> OpenOrder:
    return OpenOrder(order=order(name, sequence=sequence), unresolved=None)


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def test_an_order_is_answered_and_worked_when_it_is_on_disk(office: Office) -> None:
    client = office.place()
    (record,) = office.records()
    assert (record.order.status, record.order.sequence) == (OrderStatus.NEW, 8)
    assert client.received == []
    assert office.started() == []

    office.written()

    assert client.only(Stored).order == record.order
    (start,) = office.started()
    assert start.open_order == OpenOrder(
        order=record.order, unresolved=None, is_new=True
    )
    assert start.recovery is None


def test_an_impossible_order_is_refused_without_the_disk(office: Office) -> None:
    command = placement(symbol=Symbol("DOGEUSDT"))

    refusal = office.place(command).only(Refusal)

    assert refusal.code is RefusalCode.UNKNOWN_SYMBOL
    assert SYMBOL in refusal.detail
    assert office.records() == []


def test_an_order_waits_until_the_last_rank_is_known(stage: Stage) -> None:
    office = Office(stage, last_sequence=None)
    office.place()
    assert office.records() == []

    office.tell(LastSequenceLoaded(sequence=41))

    assert office.records()[0].order.sequence == 42


def test_a_repeated_request_is_answered_with_the_first_order(office: Office) -> None:
    client = office.place()
    earlier = replace(order("EARLIER"), status=OrderStatus.FILLED)

    office.written(Stored(order=earlier, repeated=True))

    assert client.only(Stored).order.order_id == "EARLIER"
    assert office.started() == []


def test_an_order_that_was_on_disk_before_is_read_again(office: Office) -> None:
    office.place()

    office.written(Stored(order=order("A"), was_there=True))

    (start,) = office.started()
    assert start.open_order is None


def test_a_request_with_a_key_is_looked_up_before_it_is_refused(
    office: Office,
) -> None:
    command = replace(placement(), symbol=Symbol("DOGEUSDT"), idempotency_key="k")

    client = office.place(command)

    (record,) = office.records()
    assert record.refusal is not None
    assert record.refusal.code is RefusalCode.UNKNOWN_SYMBOL
    assert client.all(Refusal) == []


def test_an_order_of_a_symbol_not_traded_now_cannot_be_amended(
    office: Office,
) -> None:
    client = Recorder()
    command = AmendOrder(
        order_id=OrderId("A"), symbol=Symbol("DOGEUSDT"), price=Decimal(9)
    )

    office.tell(AmendRequest(command=command, reply_to=client))

    assert client.only(Refusal).code is RefusalCode.ORDER_NOT_WORKED


def test_a_refusal_of_the_disk_reaches_the_client(office: Office) -> None:
    client = office.place()
    refusal = Refusal(code=RefusalCode.STORE_UNAVAILABLE, detail="locked")

    office.written(refusal)

    assert client.only(Refusal) == refusal
    assert office.started() == []


def test_a_new_ledger_is_told_of_orders_on_their_way(office: Office) -> None:
    office.place()
    record = office.records()[0]
    office.stage.kill(office.ledger)

    office.ledger = office.stage.neighbour(names.LEDGER)

    (message,) = office.ledger.all(WriteRecord)
    assert (message.record, message.attempt) == (record, 2)


def test_a_refused_attempt_does_not_count_while_a_later_one_waits(
    office: Office,
) -> None:
    client = office.place()
    office.stage.kill(office.ledger)
    office.ledger = office.stage.neighbour(names.LEDGER)
    refusal = Refusal(code=RefusalCode.STORE_UNAVAILABLE, detail="locked")

    office.written(refusal, attempt=1)
    assert client.received == []
    office.written(attempt=2)

    assert len(client.all(Stored)) == 1
    assert len(office.started()) == 1


def test_a_resent_order_may_be_on_disk_and_is_never_refused_for_its_time(
    office: Office,
) -> None:
    office.tell(StopIntake())
    expired = placement(
        time_in_force=TimeInForce.GTD, expires_at=START - timedelta(seconds=1)
    )

    client = office.place(expired, is_resent=True)

    assert client.received == []
    assert office.ledger.last(WriteRecord).attempt == 2


def test_no_order_is_taken_in_while_the_service_stops(office: Office) -> None:
    office.tell(StopIntake())

    refusal = office.place().only(Refusal)

    assert refusal.code is RefusalCode.STOPPING
    assert office.records() == []


def test_ranks_go_on_where_the_last_manager_stopped(office: Office) -> None:
    office.stage.neighbour(names.executor(SYMBOL, OrderId("A")))
    command = AmendOrder(order_id=OrderId("A"), symbol=SYMBOL, price=Decimal(9))
    office.tell(AmendRequest(command=command, reply_to=Recorder()))

    office.restart(last_sequence=7)
    office.place()

    assert office.records()[-1].order.sequence == 9, "8 is in the amendment"


def test_requests_go_to_the_symbol_behind_the_start_of_the_order(
    office: Office,
) -> None:
    office.place()
    office.written()
    cancel = CancelRequest(
        command=CancelOrder(order_id=OrderId("A"), symbol=SYMBOL), reply_to=Recorder()
    )
    amend = AmendRequest(
        command=AmendOrder(order_id=OrderId("A"), symbol=SYMBOL, price=Decimal(9)),
        reply_to=Recorder(),
    )

    office.tell(cancel, amend)

    (started,) = office.started()
    assert office.supervisor.received[-3:] == [
        started,
        cancel,
        replace(amend, sequence=9),
    ]


def test_a_request_that_meets_no_supervisor_is_left_to_be_repeated(
    office: Office,
) -> None:
    client = Recorder()
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    office.stage.end(office.supervisor)

    office.tell(CancelRequest(command=command, reply_to=client))

    assert client.received == []


# Recovery


def test_recovery_is_announced_before_the_first_page_is_read(office: Office) -> None:
    (starting,) = office.supervisor.all(RecoveryStarting)
    (load,) = office.ledger.all(LoadOpenOrders)

    assert starting.recovery == load.recovery
    assert load.after_sequence == 0


def test_all_pages_are_handed_over_and_the_end_is_told(office: Office) -> None:
    client = Recorder()
    office.tell(AwaitRecovery(reply_to=client))
    unresolved = with_child(order("A", sequence=3), (102, 1))

    office.page(unresolved, found("B", 5))
    assert office.ledger.last(LoadOpenOrders).after_sequence == 5
    office.page(found("C", 6))
    assert client.received == []
    office.page()

    starts = office.started()
    assert [start.order_id for start in starts] == ["A", "B", "C"]
    assert starts[0].open_order == unresolved
    assert len({start.recovery for start in starts}) == 1
    assert office.supervisor.last(RecoveryFinished).orders == 3
    assert client.only(Recovered).orders == 3


def test_a_page_that_comes_twice_is_handed_over_once(office: Office) -> None:
    first = office.ledger.last(LoadOpenOrders)

    office.tell(page_for(first, found("A", 3)), page_for(first, found("A", 3)))

    assert len(office.started()) == 1


def test_a_symbol_that_starts_anew_gets_all_orders_again(office: Office) -> None:
    first = office.ledger.last(LoadOpenOrders)
    office.page(found("A", 3))
    behind = office.ledger.last(LoadOpenOrders)

    office.tell(SymbolStarted(symbol=SYMBOL))
    second = office.ledger.last(LoadOpenOrders)
    office.tell(page_for(behind), page_for(first, found("A", 3)))
    assert len(office.started()) == 1
    assert office.supervisor.all(RecoveryFinished) == []
    office.tell(page_for(second, found("A", 3)))

    assert len(office.started()) == 2
    assert office.started()[1].recovery == second.recovery != first.recovery


def test_a_new_ledger_is_asked_for_the_page_that_is_missing(office: Office) -> None:
    office.page(found("A", 3))
    asked = office.ledger.last(LoadOpenOrders)
    office.stage.kill(office.ledger)

    office.ledger = office.stage.neighbour(names.LEDGER)

    assert office.ledger.all(LoadOpenOrders) == [asked]
    assert office.ledger.all(LoadLastSequence) == []


def test_two_managers_never_give_a_recovery_the_same_name(office: Office) -> None:
    office.restart(last_sequence=7)

    first, second = office.supervisor.all(RecoveryStarting)
    assert first.recovery != second.recovery


def test_an_order_of_a_manager_that_died_is_not_started_twice(office: Office) -> None:
    office.place()
    record = office.records()[-1]
    office.restart(last_sequence=7)

    office.tell(
        Written(
            order_id=record.order.order_id,
            version=1,
            outcome=Stored(order=record.order),
            attempt=1,
        )
    )

    assert office.started() == []


def test_requests_that_meet_a_stopped_manager_are_answered(office: Office) -> None:
    clients = [Recorder(), Recorder(), Recorder()]
    cancel = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    context = PlaceRequest(
        order_id=OrderId("A"), command=placement(), reply_to=clients[1]
    )

    office.manager.actor_ref.stop(block=False)
    office.manager.address.tell(CancelRequest(command=cancel, reply_to=clients[0]))
    office.manager.address.tell(context)
    office.tell(replace(context, reply_to=clients[2], is_resent=True))

    codes = [client.only(Refusal).code for client in clients[:2]]
    assert codes == [RefusalCode.STOPPING] * 2
    assert clients[2].received == [], "it may be on disk"
