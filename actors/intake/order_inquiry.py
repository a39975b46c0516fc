"""Asks those who work an order how it stands."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from actors import names
from actors.executor.snapshot import ExecutorSnapshot
from actors.gateway.tracked_child import ChildSnapshot
from actors.intake.pending_request import MakeRequest
from actors.messages.client_requests import GetExecutor, GetMarketNow
from actors.messages.gateway import GetChild
from domain.orders.order import Order
from domain.orders.order_now import (
    ChildNow,
    MarketNow,
    OrderNow,
    WorkNow,
    order_now,
)
from domain.ports.runtime import Clock


AskAll = Callable[[Mapping[str, MakeRequest]], Mapping[str, Any]]
"""Asks actors by name, all at once; returns what each says, None if it says nothing."""


def inquire(order: Order, ask_all: AskAll, clock: Clock) -> OrderNow:
    """Ask executor and router about an order, and the gateway about its child.

    Args:
        order: as it is on disk.
        ask_all: never blocks for long.
        clock: of the actors.
    """
    executor = names.executor(order.symbol, order.order_id)
    router = names.router(order.symbol)
    said = ask_all(
        {
            executor: lambda reply_to: GetExecutor(reply_to=reply_to),
            router: lambda reply_to: GetMarketNow(order=order, reply_to=reply_to),
        }
    )
    market: MarketNow | None = said[router]
    state: ExecutorSnapshot | None = said[executor]
    if state is None or state.order is None:
        return order_now(order, None, market)
    child = state.child
    known: ChildSnapshot | None = None
    if child is not None:
        child_id = child.child_id
        known = ask_all(
            {
                names.GATEWAY: lambda reply_to: GetChild(
                    child_id=child_id, reply_to=reply_to
                )
            }
        )[names.GATEWAY]
    return order_now(order, _work(state, known, clock), market)


def _work(
    state: ExecutorSnapshot, known: ChildSnapshot | None, clock: Clock
) -> WorkNow:
    assert state.order is not None
    moment_of = _Moments(clock)
    child = None
    if state.child is not None:
        child = ChildNow(
            child=state.child,
            is_sent=state.is_sent,
            problem=known.problem if known else "",
            asked_again_at=moment_of(known.look_up_at_ns) if known else None,
            silence_final_at=moment_of(known.silence_final_ns) if known else None,
        )
    return WorkNow(
        order=state.order, child=child, next_try_at=moment_of(state.next_try_ns)
    )


class _Moments:
    """Turns times of the monotonic clock into times of day."""

    def __init__(self, clock: Clock) -> None:
        self._now, self._now_ns = clock.now(), clock.monotonic_ns()

    def __call__(self, at_ns: int | None) -> datetime | None:
        if at_ns is None:
            return None
        return self._now + timedelta(microseconds=(at_ns - self._now_ns) // 1000)
