from decimal import Decimal

import pytest

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.gateway import Gateway
from actors.gateway.paper_venue import PaperVenue
from actors.gateway.permits import Permits
from actors.ledger import Ledger
from actors.messages.gateway import (
    ChildAnswered,
    ForgetChild,
    QueryChild,
    SubmitChild,
)
from adapters.replay.memory_store import MemoryStore
from domain.orders import lifecycle
from domain.orders.child_order import ChildStatus
from tests.actors.builders import RULES, SYMBOL, order, slices
from tests.actors.gateway.venue_stage import permit
from tests.actors.stage import START, Stage
from tests.fakes import FakePublisher, Recorder


CHILD = lifecycle.child_of(order(), slices((102, 1), (101, 3)), now=START)


@pytest.fixture
def gateway(stage: Stage) -> Gateway:
    stage.start(
        Ledger,
        names.LEDGER,
        store=MemoryStore(),
        permits=Permits(),
        publisher=FakePublisher(),
    )
    access = GatewayConfig(venue=PaperVenue(stage.clock.now))
    return stage.start(Gateway, names.GATEWAY, access=access, rules={SYMBOL: RULES})


def submit(stage: Stage, gateway: Gateway, received_ns: int = 0) -> ChildAnswered:
    executor = Recorder()
    message = SubmitChild(
        child=CHILD,
        reply_to=executor,
        received_ns=received_ns,
        permit=permit(stage.clock),
    )
    stage.tell(gateway, message)
    return executor.only(ChildAnswered)


def query(stage: Stage, gateway: Gateway) -> ChildAnswered:
    executor = Recorder()
    stage.tell(gateway, QueryChild(child=CHILD, reply_to=executor))
    return executor.only(ChildAnswered)


def test_a_child_is_filled_at_the_very_slices_it_was_made_of(
    stage: Stage, gateway: Gateway
) -> None:
    result = submit(stage, gateway).result

    assert result.status is ChildStatus.DONE
    assert [(fill.price, fill.quantity) for fill in result.fills] == [
        (Decimal(102), Decimal(1)),
        (Decimal(101), Decimal(3)),
    ]
    assert all(fill.trade_id is None for fill in result.fills)


def test_a_child_that_comes_twice_is_filled_once(
    stage: Stage, gateway: Gateway
) -> None:
    first = submit(stage, gateway)
    stage.pass_seconds(5)

    assert submit(stage, gateway) == first


def test_a_query_gets_the_answer_that_was_given(stage: Stage, gateway: Gateway) -> None:
    answer = submit(stage, gateway)

    assert query(stage, gateway) == answer


def test_a_child_that_never_came_was_never_sent(stage: Stage, gateway: Gateway) -> None:
    result = query(stage, gateway).result

    assert (result.status, result.fills) == (ChildStatus.NEVER_SENT, ())


def test_an_answer_that_is_on_disk_is_forgotten(stage: Stage, gateway: Gateway) -> None:
    submit(stage, gateway)

    stage.tell(gateway, ForgetChild(child_id=CHILD.child_id))
    stage.tell(gateway, ForgetChild(child_id=CHILD.child_id))

    assert gateway.snapshot() == ()


def test_time_from_the_frame_to_the_child_is_measured(
    stage: Stage, gateway: Gateway
) -> None:
    received_ns = stage.clock.monotonic_ns()
    stage.pass_seconds(0.25)

    submit(stage, gateway, received_ns)
    submit(stage, gateway, received_ns=0)

    assert stage.meter.seconds == [
        ("frame_to_child_seconds", 0.25),
        ("frame_to_answer_seconds", 0.25),
    ]
