"""The garbage collector keeps away from what is made to stay."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from actors.messages.client_requests import CancelRequest
from actors.runtime.threaded import made_to_stay
from domain.orders.commands import CancelOrder
from domain.orders.stored_orders import OpenOrder
from domain.values import OrderId
from tests.actors.builders import SYMBOL, order
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop
from tests.fakes import Recorder


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.unfreeze()


def test_what_is_made_to_stay_is_never_gone_through() -> None:
    with made_to_stay():
        assert not gc.isenabled()
        made: list[list[int]] = [[number] for number in range(1_000)]

    assert gc.isenabled()
    collected = gc.get_objects()
    assert not any(one is made for one in collected)


def test_a_start_that_fails_leaves_the_collector_on() -> None:
    with pytest.raises(ZeroDivisionError), made_to_stay():
        1 / 0  # noqa: B018 - for its error

    assert gc.isenabled()


def test_an_executor_that_was_made_to_stay_is_freed_when_its_order_ends(
    stage: Stage,
) -> None:
    with made_to_stay():
        shop = Workshop(stage, OpenOrder(order=order(), unresolved=None))
    executor = weakref.ref(shop.executor)
    command = CancelOrder(order_id=OrderId("A"), symbol=SYMBOL)
    shop.tell(CancelRequest(command=command, reply_to=Recorder()))
    shop.written()
    shop.withdrawn()
    assert shop.is_over()

    del shop.executor

    assert executor() is None
