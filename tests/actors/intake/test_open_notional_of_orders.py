"""What counts as open when those who work the orders fail."""

from decimal import Decimal

import pytest

from actors.messages.client_requests import AmendRequest
from actors.messages.lifecycle import OrderEnded
from domain.orders.commands import AmendOrder
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.limits import RiskLimits
from domain.values import OrderId
from tests.actors.builders import SYMBOL, placement
from tests.actors.intake.test_manager import Office, found
from tests.actors.stage import Stage
from tests.fakes import Recorder


A = OrderId("A")
LIMITS = RiskLimits(max_open_notional={"USDT": Decimal(1000)})


@pytest.fixture
def office(stage: Stage) -> Office:
    """Return an office that has read that nothing is open."""
    made = Office(stage, limits=LIMITS)
    made.recovered()
    return made


def is_room_for(office: Office, quantity: int) -> bool:
    """Try to place an order at 100; what is taken in is open from then on."""
    client = office.place(placement(quantity=Decimal(quantity)), name="Z")
    return not client.all(Refusal)


def take_in(office: Office) -> None:
    office.place(name=A)  # 500
    office.written()


def test_an_order_whose_executor_failed_after_its_end_is_not_open(
    office: Office,
) -> None:
    take_in(office)
    assert not is_room_for(office, 6)

    office.tell(OrderEnded(order_id=A))

    assert is_room_for(office, 10)


def test_an_order_that_a_new_supervisor_does_not_find_is_not_open(
    office: Office,
) -> None:
    take_in(office)

    assert not is_room_for(office, 6)
    office.recovered()

    assert is_room_for(office, 10)


def test_an_order_that_a_new_supervisor_finds_is_open_once(office: Office) -> None:
    take_in(office)

    office.recovered(found(A, 8))

    assert not is_room_for(office, 6)
    assert is_room_for(office, 5)


def test_what_a_reading_that_broke_off_has_found_is_in_doubt_again(
    office: Office,
) -> None:
    take_in(office)
    office.page(found(A, 8))  # and then the supervisor failed

    office.recovered()

    assert is_room_for(office, 10)


def test_an_order_on_its_way_to_the_disk_stays_open(office: Office) -> None:
    office.place(name=A)

    office.recovered()

    assert not is_room_for(office, 6)


def test_an_amendment_that_finds_nobody_does_not_count(office: Office) -> None:
    take_in(office)
    office.stage.end(office.supervisor)
    command = AmendOrder(order_id=A, symbol=SYMBOL, quantity=Decimal(9))

    office.tell(AmendRequest(command=command, reply_to=Recorder(), sequence=0))

    assert is_room_for(office, 5)


# What is open is not known yet.


def test_nothing_is_admitted_before_a_new_manager_knows_what_is_open(
    office: Office,
) -> None:
    take_in(office)
    office.restart(last_sequence=8)

    client = office.place(placement(quantity=Decimal(6)), name="Z")
    assert len(office.records()) == 1
    office.page(found(A, 8))
    assert client.received == []
    office.recovered(found(A, 8))

    assert client.only(Refusal).code is RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT


def test_an_amendment_waits_until_a_new_manager_knows_what_is_open(
    office: Office,
) -> None:
    take_in(office)
    office.restart(last_sequence=8)
    command = AmendOrder(order_id=A, symbol=SYMBOL, quantity=Decimal(11))
    client = Recorder()

    office.tell(AmendRequest(command=command, reply_to=client))
    assert office.supervisor.all(AmendRequest) == []
    office.recovered(found(A, 8))

    assert client.only(Refusal).code is RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT


def test_a_symbol_without_a_limit_is_not_waited_for(stage: Stage) -> None:
    limits = RiskLimits(max_open_notional={"BTC": Decimal(1)})

    office = Office(stage, limits=limits)
    office.place()

    assert len(office.records()) == 1


def test_a_resent_order_that_no_disk_has_is_held_against_the_limit(
    office: Office,
) -> None:
    take_in(office)

    client = office.place(placement(quantity=Decimal(6)), name="Z", is_resent=True)

    assert client.received == []
    refusal = office.records()[-1].refusal
    assert refusal is not None
    assert refusal.code is RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT
