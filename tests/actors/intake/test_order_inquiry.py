"""Why an order does not fill, asked of executor, router and gateway."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from actors import names
from actors.executor.snapshot import ExecutorSnapshot
from actors.gateway.tracked_child import ChildSnapshot
from actors.intake.order_inquiry import inquire
from actors.intake.pending_request import MakeRequest
from actors.messages.client_requests import GetExecutor, GetMarketNow
from actors.messages.gateway import ChildAnswered, GetChild
from domain.orders.child_order import ChildResult, ChildStatus, FollowUp
from domain.orders.order_now import MarketNow, Obstacle, OrderNow
from domain.reasons import BookState
from tests.actors.builders import SYMBOL, order
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, waiting
from tests.fakes import Recorder


ORDER = order()
QUIET = MarketNow(book_state=BookState.SYNCED, available=Decimal(0), is_waiting=True)
EXECUTOR = names.executor(SYMBOL, ORDER.order_id)
SECOND_NS = 1_000_000_000


class Asked:
    """Answers for executor, router and gateway, and keeps what they were asked."""

    def __init__(self, stage: Stage, **said: Any) -> None:
        self.clock = stage.clock
        self.said = {
            EXECUTOR: said.get("executor"),
            names.router(SYMBOL): said.get("router"),
            names.GATEWAY: said.get("gateway"),
        }
        self.questions: list[Any] = []

    def ask_all(self, questions: Mapping[str, MakeRequest]) -> Mapping[str, Any]:
        self.questions += [make(Recorder()) for make in questions.values()]
        return {name: self.said[name] for name in questions}

    def now(self) -> OrderNow:
        return inquire(ORDER, self.ask_all, self.clock)


def in_flight(stage: Stage) -> ExecutorSnapshot:
    """An executor whose child has left."""
    shop = Workshop(stage, waiting(ORDER))
    shop.offer((101, 5))
    shop.written()
    return shop.executor.snapshot()


def test_an_order_that_nobody_knows_of_is_not_worked(stage: Stage) -> None:
    now = Asked(stage).now()

    assert (now.obstacle, now.work, now.market) == (Obstacle.NOT_WORKED, None, None)


def test_executor_and_router_say_how_it_stands(stage: Stage) -> None:
    state = Workshop(stage, waiting(ORDER)).executor.snapshot()
    asked = Asked(stage, executor=state, router=QUIET)

    now = asked.now()

    assert now.obstacle is Obstacle.LIMIT_NOT_REACHED
    assert now.market == QUIET
    assert now.work is not None
    assert (now.work.order, now.work.child, now.work.next_try_at) == (ORDER, None, None)
    assert [type(one) for one in asked.questions] == [GetExecutor, GetMarketNow]


def test_the_gateway_says_when_it_asks_about_a_child_again(stage: Stage) -> None:
    state = in_flight(stage)
    assert state.child is not None
    now_ns = stage.clock.monotonic_ns()
    known = ChildSnapshot(
        child=state.child,
        problem="timed out",
        is_settled=False,
        look_up_at_ns=now_ns + 2 * SECOND_NS,
        silence_final_ns=now_ns + 40 * SECOND_NS,
    )
    asked = Asked(stage, executor=state, router=QUIET, gateway=known)

    now = asked.now()

    assert now.obstacle is Obstacle.CHILD_IN_FLIGHT
    assert now.work is not None
    child = now.work.child
    assert child is not None
    assert (child.child, child.is_sent, child.problem) == (
        state.child,
        True,
        "timed out",
    )
    at = stage.clock.now()
    assert child.asked_again_at == at + timedelta(seconds=2)
    assert child.silence_final_at == at + timedelta(seconds=40)
    assert isinstance(asked.questions[-1], GetChild)


def test_a_child_is_shown_though_the_gateway_says_nothing(stage: Stage) -> None:
    now = Asked(stage, executor=in_flight(stage)).now()

    assert now.work is not None
    assert now.work.child is not None
    assert (now.work.child.problem, now.work.child.asked_again_at) == ("", None)


def test_a_refused_child_says_when_the_next_one_may_leave(stage: Stage) -> None:
    shop = Workshop(stage, waiting(ORDER))
    shop.offer((101, 5))
    shop.written()
    child = shop.submitted()[-1].child
    refused = ChildResult(
        child_id=child.child_id,
        order_id=child.order_id,
        status=ChildStatus.REJECTED,
        fills=(),
        reason="no",
        follow_up=FollowUp.WAIT,
    )
    shop.tell(ChildAnswered(result=refused))
    shop.written()
    asked = Asked(stage, executor=shop.executor.snapshot(), router=QUIET)

    now = asked.now()

    assert now.obstacle is Obstacle.RETRY_BACKOFF
    assert now.work is not None
    assert now.work.next_try_at == stage.clock.now() + timedelta(seconds=5)
    stage.pass_seconds(5)
    assert shop.executor.snapshot().next_try_ns is None


def test_an_executor_answers_with_its_state(stage: Stage) -> None:
    shop = Workshop(stage, waiting(ORDER))
    asker = Recorder()
    shop.tell(GetExecutor(reply_to=asker))

    assert asker.only(ExecutorSnapshot).order == ORDER
