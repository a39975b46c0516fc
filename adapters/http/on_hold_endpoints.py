"""How an operator resolves an order on hold, or a child order in doubt."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from adapters.api.operator_calls import RELEASE, SETTLE
from adapters.api.orders import OrderAnswer
from adapters.http.deferred_response import DeferredResponse
from adapters.http.order_bodies import read_release
from adapters.http.order_endpoints import known_order
from adapters.http.problems import refused
from adapters.http.request_reading import (
    Request,
    read_object,
    read_optional_object,
    read_parameters,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from adapters.http.settlement_bodies import read_settlement
from domain.orders.child_order import ChildStatus
from domain.orders.child_settlement import child_settled, trade_booked
from domain.orders.commands import ReleaseOrder, SettleChild
from domain.orders.completion import has_ended
from domain.orders.order import Order
from domain.orders.stated_settlement import is_as_stated
from domain.orders.stored_orders import ChildHistory
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import order_of, read_child_id


_MAY_BE_DONE: Final = (RefusalCode.CHILD_SETTLED, RefusalCode.ORDER_ENDED)
"""Refusals that may only mean that the same statement was made before."""


class OnHoldEndpoints:
    """Settle a child by hand, and release an order."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(SETTLE, self.settle),
            route_of(RELEASE, self.release),
        )

    def release(self, request: Request, order_id: str) -> Response | DeferredResponse:
        """Let an order on hold take offers again; one that is not stays as it is."""
        read_parameters(request, RELEASE)
        read_release(read_optional_object(request))
        order = known_order(self._queries, order_id)
        if order.status.is_final:
            return refused(has_ended(order)).response()
        command = ReleaseOrder(order_id=order.order_id, symbol=order.symbol)
        return DeferredResponse(self._desk.release(command), _answer)

    def settle(
        self, request: Request, order_id: str, child_id: str
    ) -> Response | DeferredResponse:
        """State what became of a child; repeating a statement changes nothing."""
        read_parameters(request, SETTLE)
        members = read_object(request)
        order = known_order(self._queries, order_id)
        history = self._child(order, child_id)
        if history is None:
            return _unknown_child(order_id, child_id)
        assert history.child is not None
        command = read_settlement(members, order, history.child.child_id)
        if history.status is not ChildStatus.INTENDED:
            return _answer(_settled_before(history, command))
        if refusal := self._booked_before(command):
            return refused(refusal).response()
        return DeferredResponse(
            self._desk.settle(command), partial(self._done, command)
        )

    def _done(self, command: SettleChild, outcome: Order | Refusal) -> Response:
        """Answer; a repeated statement gets the answer of the first."""
        if isinstance(outcome, Refusal) and outcome.code in _MAY_BE_DONE:
            history = self._queries.child_history(command.child_id)
            if history is not None and history.status is not ChildStatus.INTENDED:
                outcome = _settled_before(history, command)
        return _answer(outcome)

    def _booked_before(self, command: SettleChild) -> Refusal | None:
        """Say which trade is another child's, more clearly than the disk would."""
        for fill in command.fills:
            if fill.trade_id is None:
                continue
            child_id = self._queries.child_of_trade(command.symbol, fill.trade_id)
            if child_id is not None:
                return trade_booked(fill.trade_id, child_id)
        return None

    def _child(self, order: Order, child_id: str) -> ChildHistory | None:
        known = read_child_id(child_id)
        if known is None or order_of(known) != order.order_id:
            return None
        history = self._queries.child_history(known)
        return None if history is None or history.child is None else history


def _settled_before(history: ChildHistory, command: SettleChild) -> Order | Refusal:
    if is_as_stated(history, command):
        return history.order
    return child_settled(str(history.status))


def _unknown_child(order_id: str, child_id: str) -> Response:
    detail = f"order {order_id} has no child order {child_id[:40]!r}"
    return refused(Refusal(code=RefusalCode.UNKNOWN_CHILD, detail=detail)).response()


def _answer(outcome: Order | Refusal) -> Response:
    if isinstance(outcome, Refusal):
        return refused(outcome).response()
    return json_response(OrderAnswer.of(outcome))
