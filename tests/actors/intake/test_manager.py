from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors import names
from actors.intake.manager import Manager, SequenceCounter
from actors.messages.client_requests import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    DryRunOrder,
    DryRunRequest,
    PlaceRequest,
    Recovered,
)
from actors.messages.ledger import (
    LastSequenceLoaded,
    LoadLastSequence,
    OpenOrdersLoaded,
    WriteRecord,
    Written,
)
from actors.messages.lifecycle import OrderAccepted, StopIntake, SymbolRecovered
from actors.runtime.addresses import NameTaken
from domain.market.touch import Touch
from domain.orders.commands import AmendOrder, CancelOrder, PlaceOrder
from domain.orders.dry_run import DryRun
from domain.orders.order import OrderStatus
from domain.orders.records import NewOrder, RecordOutcome, Stored
from domain.orders.stored_orders import OpenOrder
from domain.reasons import BookState, RefusalCode
from domain.refusals import STOPPING, Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import OrderId, Symbol, TimeInForce
from tests.actors.builders import RULES, SYMBOL, order, placement
from tests.actors.stage import START, Stage
from tests.builders import touch_at
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
        self.touches: dict[Symbol, Touch] = {}
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
            touch_of=self.touches.get,
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

    def woken(self) -> list[OrderAccepted]:
        return self.supervisor.all(OrderAccepted)

    def page(self, *orders: OpenOrder, after: int = 0) -> None:
        """Have a page of open orders read by the symbol's supervisor."""
        self.tell(
            OpenOrdersLoaded(
                reading="r",
                symbol=SYMBOL,
                after_sequence=after,
                last_sequence=7,
                orders=orders,
            )
        )

    def recovered(self, *orders: OpenOrder) -> None:
        """Have all open orders read by the symbol's supervisor."""
        if orders:
            self.page(*orders)
        self.page(after=orders[-1].order.sequence if orders else 0)
        self.tell(SymbolRecovered(symbol=SYMBOL, orders=len(orders)))


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
    assert office.woken() == []

    office.written()

    assert client.only(Stored).order == record.order
    assert office.woken() == [OrderAccepted(order=record.order, is_new=True)]


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
    assert office.woken() == []


def test_an_order_that_was_on_disk_before_is_read_again(office: Office) -> None:
    office.place()

    office.written(Stored(order=order("A"), was_there=True))

    assert office.woken() == [OrderAccepted(order=order("A"), is_new=False)]


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
    assert office.woken() == []


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
    assert len(office.woken()) == 1


EXPIRED = placement(
    time_in_force=TimeInForce.GTD, expires_at=START - timedelta(seconds=1)
)


def test_a_resent_order_may_be_on_disk_and_is_not_refused_before_that_is_known(
    office: Office,
) -> None:
    office.tell(StopIntake())

    client = office.place(EXPIRED, is_resent=True)
    assert client.received == []
    assert office.ledger.last(WriteRecord).attempt == 2
    office.written(Stored(order=order("A"), was_there=True), attempt=2)

    assert client.only(Stored).order == order("A")
    assert len(office.woken()) == 1


def test_a_resent_order_that_is_not_on_disk_is_judged_as_any_other(
    office: Office,
) -> None:
    client = office.place(EXPIRED, is_resent=True)

    (record,) = office.records()
    assert record.refusal is not None
    assert record.refusal.code is RefusalCode.EXPIRES_AT_IN_THE_PAST
    office.written(record.refusal, attempt=2)

    assert client.only(Refusal) == record.refusal
    assert office.woken() == []


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

    (woken,) = office.woken()
    assert office.supervisor.received[-3:] == [
        woken,
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


def test_a_new_ledger_is_asked_for_the_last_rank_only_if_it_is_not_known(
    stage: Stage,
) -> None:
    office = Office(stage, last_sequence=None)
    stage.kill(office.ledger)
    office.ledger = stage.neighbour(names.LEDGER)
    assert len(office.ledger.all(LoadLastSequence)) == 1

    office.tell(LastSequenceLoaded(sequence=7))
    stage.kill(office.ledger)
    office.ledger = stage.neighbour(names.LEDGER)
    assert office.ledger.all(LoadLastSequence) == []


def test_recovery_is_over_when_the_symbol_s_orders_are_worked(office: Office) -> None:
    client = Recorder()
    office.tell(AwaitRecovery(reply_to=client))

    office.page(found("A", 3), found("B", 5))
    office.page(after=5)
    assert client.received == []
    office.tell(SymbolRecovered(symbol=SYMBOL, orders=2))

    assert client.only(Recovered).orders == 2


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

    assert office.woken() == []


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


def test_an_order_is_recorded_with_the_touch_of_when_it_came(office: Office) -> None:
    then = office.touches[SYMBOL] = touch_at("101", "103")
    office.place(name="A")
    office.touches[SYMBOL] = touch_at("99", "100")
    office.tell(NameTaken(name=names.LEDGER))  # the record may be lost: it is repeated

    assert [record.touch for record in office.records()] == [then, then]


def test_an_order_is_taken_in_without_a_touch_where_there_is_no_book(
    office: Office,
) -> None:
    office.place()

    assert office.records()[-1].touch is None


def dry_run(office: Office, command: PlaceOrder) -> Recorder:
    client = Recorder()
    office.tell(DryRunRequest(command=command, reply_to=client))
    return client


def test_dry_run_is_worked_by_the_router_and_recorded_nowhere(office: Office) -> None:
    router = office.stage.neighbour(names.router(SYMBOL))

    client = dry_run(office, placement(idempotency_key="k"))

    asked = router.last(DryRunOrder)
    assert asked.order.status is OrderStatus.NEW
    assert asked.reply_to is client
    assert office.records() == []
    assert not any(office.manager.snapshot().open_notional.values())


def test_dry_run_names_every_reason_to_refuse(stage: Stage) -> None:
    most = {RULES.quote_asset: Decimal(1)}
    limits = RiskLimits(max_order_notional=most, max_open_notional=most)
    office = Office(stage, limits=limits)
    office.recovered()
    command = placement(time_in_force=TimeInForce.GTD)

    run = dry_run(office, command).only(DryRun)

    assert [one.code for one in run.refusals] == [
        RefusalCode.EXPIRES_AT_MISSING,
        RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT,
        RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT,
    ]
    assert not run.is_accepted


def test_dry_run_of_an_unknown_symbol_says_only_that(office: Office) -> None:
    run = dry_run(office, placement(symbol=Symbol("NOPE"))).only(DryRun)

    assert [one.code for one in run.refusals] == [RefusalCode.UNKNOWN_SYMBOL]


def test_dry_run_while_no_router_runs_says_so(office: Office) -> None:
    run = dry_run(office, placement()).only(DryRun)

    assert (run.book_state, run.update_id) == (BookState.RESTARTING, None)
    assert run.is_accepted


def test_dry_run_waits_until_open_notional_is_known(stage: Stage) -> None:
    limits = RiskLimits(max_open_notional={RULES.quote_asset: Decimal(1)})
    office = Office(stage, limits=limits)

    client = dry_run(office, placement())
    assert client.received == []
    office.recovered()

    assert client.only(DryRun).refusals


def test_no_dry_run_while_the_service_stops(office: Office) -> None:
    office.tell(StopIntake())

    assert dry_run(office, placement()).only(Refusal) == STOPPING
