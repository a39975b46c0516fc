"""Cancels all open orders of a symbol, or of all symbols."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from typing import Final

from adapters.api.amounts import Amount
from adapters.api.many_orders import (
    CANCEL_ALL_SECONDS,
    SHOWN_MAX,
    CancelAllAnswer,
    FailedCancelAnswer,
    PendingCancelAnswer,
)
from adapters.http.error_responses import problem_of
from adapters.http.problems import Problem, refused
from domain.orders.commands import CancelOrder
from domain.orders.order import Order, OrderStatus
from domain.orders.stored_orders import OpenOrderKey
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import Symbol


AT_ONCE: Final = 200
"""Cancels under way at a time: enough to share commits, and little to wait behind."""

PAGE: Final = 10_000


class CancelAll:
    """One run; used once, by one thread, which it holds until it is over."""

    def __init__(
        self,
        desk: OrderDesk,
        queries: OrderQueries,
        symbol: Symbol | None,
        before: int | None,
    ) -> None:
        """Ask nobody yet.

        Args:
            desk: cancels.
            queries: know what is open.
            symbol: of the orders; None: any.
            before: only orders of a sequence below this; None: all.
        """
        self._desk = desk
        self._queries = queries
        self._symbol = symbol
        self._before = before
        self._up_to_sequence = 0
        self._asked = self._canceled = self._ended = 0
        self._pending: list[Order] = []
        self._failures: list[tuple[OpenOrderKey, Problem]] = []

    def run(self) -> CancelAllAnswer:
        """Cancel everything that is open now, and say what became of it.

        It asks some orders however long that takes, so that calls for what is left
        come to an end.

        Raises:
            StoreUnavailableError: what is open cannot be read.
        """
        until = time.monotonic() + CANCEL_ALL_SECONDS
        for keys in self._open():
            self._cancel(keys)
            if time.monotonic() >= until:
                return self._answer(rest_before=keys[-1].sequence)
        return self._answer(rest_before=None)

    def _open(self) -> Iterator[Sequence[OpenOrderKey]]:
        """Yield the open orders, newest first, so that none accepted later is met."""
        before = self._before
        while found := self._queries.open_keys(self._symbol, before, PAGE):
            self._up_to_sequence = self._up_to_sequence or found[0].sequence
            before = found[-1].sequence
            for start in range(0, len(found), AT_ONCE):
                yield found[start : start + AT_ONCE]

    def _cancel(self, keys: Sequence[OpenOrderKey]) -> None:
        commands = [
            CancelOrder(order_id=key.order_id, symbol=key.symbol) for key in keys
        ]
        outcomes = [self._desk.cancel(command) for command in commands]
        wait(outcomes)  # each ends by itself: the desk has a timeout
        for key, outcome in zip(keys, outcomes, strict=True):
            self._note(key, outcome)

    def _note(self, key: OpenOrderKey, outcome: Future[Order | Refusal]) -> None:
        self._asked += 1
        match _result(outcome):
            case Order(status=OrderStatus.PENDING_CANCEL) as order:
                self._pending.append(order)
            case Order():
                self._canceled += 1
            case Refusal(code=RefusalCode.ORDER_ENDED):
                self._ended += 1
            case Refusal() as refusal:
                self._failures.append((key, refused(refusal)))
            case Problem() as problem:
                self._failures.append((key, problem))

    def _answer(self, *, rest_before: int | None) -> CancelAllAnswer:
        return CancelAllAnswer(
            symbol=self._symbol,
            complete=rest_before is None,
            next_before_sequence=rest_before,
            up_to_sequence=self._up_to_sequence,
            asked=self._asked,
            canceled=self._canceled,
            pending=len(self._pending),
            ended=self._ended,
            failed=len(self._failures),
            may_fill=[_pending(order) for order in self._pending[:SHOWN_MAX]],
            failures=[_failure(*one) for one in self._failures[:SHOWN_MAX]],
        )


def _result(outcome: Future[Order | Refusal]) -> Order | Refusal | Problem:
    error = outcome.exception()
    if error is None:
        return outcome.result()
    return problem_of(error)


def _pending(order: Order) -> PendingCancelAnswer:
    return PendingCancelAnswer(
        id=order.order_id,
        symbol=order.symbol,
        side=order.side,
        may_fill=Amount(order.at_venue),
    )


def _failure(key: OpenOrderKey, problem: Problem) -> FailedCancelAnswer:
    return FailedCancelAnswer(
        id=key.order_id, symbol=key.symbol, code=problem.code, detail=problem.detail
    )
