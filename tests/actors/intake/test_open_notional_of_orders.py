"""What counts as open when those who work the orders fail."""

from decimal import Decimal

import pytest

from actors.messages.desk import AmendRequest
from actors.messages.journal import LoadOpenOrders
from actors.messages.lifecycle import OrderEnded, SymbolStarted
from domain.orders.commands import AmendOrder
from domain.refusals import Refusal
from domain.risk.limits import RiskLimits
from domain.values import OrderId
from tests.actors.builders import SYMBOL, placement
from tests.actors.intake.test_manager import Office, found, page_for
from tests.actors.stage import Stage
from tests.fakes import Recorder


A = OrderId("A")
LIMITS = RiskLimits(max_open_notional={"USDT": Decimal(1000)})


@pytest.fixture
def office(stage: Stage) -> Office:
    """Return an office that has read that nothing is open."""
    made = Office(stage, limits=LIMITS)
    made.page()
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

    office.tell(SymbolStarted(symbol=SYMBOL))
    assert not is_room_for(office, 6)
    office.page()

    assert is_room_for(office, 10)


def test_an_order_that_a_new_supervisor_finds_is_open_once(office: Office) -> None:
    take_in(office)

    office.tell(SymbolStarted(symbol=SYMBOL))
    office.page(found(A, 8))
    office.page()

    assert not is_room_for(office, 6)
    assert is_room_for(office, 5)


def test_what_an_older_recovery_has_read_does_not_count(office: Office) -> None:
    take_in(office)
    office.tell(SymbolStarted(symbol=SYMBOL))
    older = office.ledger.last(LoadOpenOrders)
    office.tell(SymbolStarted(symbol=SYMBOL))

    office.tell(page_for(older, found(A, 8)))
    office.page()

    assert is_room_for(office, 10)


def test_an_order_on_its_way_to_the_disk_stays_open(office: Office) -> None:
    office.place(name=A)

    office.tell(SymbolStarted(symbol=SYMBOL))
    office.page()

    assert not is_room_for(office, 6)


def test_an_amendment_that_finds_nobody_does_not_count(office: Office) -> None:
    take_in(office)
    office.stage.end(office.supervisor)
    command = AmendOrder(order_id=A, symbol=SYMBOL, quantity=Decimal(9))

    office.tell(AmendRequest(command=command, reply_to=Recorder(), sequence=0))

    assert is_room_for(office, 5)
