from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.orders.commands import PlaceOrder
from domain.orders.journal import fingerprint
from domain.values import Side, Symbol, TimeInForce
from tests.builders import NOW, place_order


COMMAND = place_order(quantity="2.5", price="100", client_order_id="mine")


@pytest.mark.parametrize(
    "changed",
    [
        replace(COMMAND, symbol=Symbol("BNBUSDT")),
        replace(COMMAND, side=Side.BUY),
        replace(COMMAND, quantity=Decimal("2.500000000001")),
        replace(COMMAND, price=Decimal("100.1")),
        replace(COMMAND, time_in_force=TimeInForce.IOC),
        replace(COMMAND, expires_at=NOW),
        replace(COMMAND, expires_at=NOW + timedelta(microseconds=1)),
        replace(COMMAND, client_order_id="another"),
        replace(COMMAND, client_order_id=None),
        replace(COMMAND, quantity=COMMAND.price, price=COMMAND.quantity),
    ],
)
def test_request_with_other_terms_reads_differently(changed: PlaceOrder) -> None:
    assert fingerprint(changed) != fingerprint(COMMAND)


@pytest.mark.parametrize(
    "same",
    [
        replace(COMMAND, quantity=Decimal("2.500")),
        replace(COMMAND, price=Decimal("1E+2")),
        replace(COMMAND, idempotency_key="a second name for it"),
    ],
)
def test_same_request_written_differently_reads_the_same(same: PlaceOrder) -> None:
    assert fingerprint(same) == fingerprint(COMMAND)
