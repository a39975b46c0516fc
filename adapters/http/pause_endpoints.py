"""The calls that pause one order, and let it go on."""

from collections.abc import Sequence
from functools import partial

from adapters.api.calls import Call
from adapters.api.order_calls import PAUSE, RESUME_ORDER
from adapters.api.order_requests import PauseOrderRequest
from adapters.api.orders import OrderAnswer
from adapters.http.body_reading import read_body
from adapters.http.deferred_response import DeferredResponse
from adapters.http.order_endpoints import known_order
from adapters.http.problems import refused
from adapters.http.request_reading import (
    Request,
    read_optional_object,
    read_parameters,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.orders.commands import PauseOrder
from domain.orders.completion import has_ended
from domain.orders.order import Order
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reasons import RefusalCode
from domain.refusals import Refusal


class PauseEndpoints:
    """Pause and resume an order."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(PAUSE, self.pause),
            route_of(RESUME_ORDER, self.resume),
        )

    def pause(self, request: Request, order_id: str) -> Response | DeferredResponse:
        """Let an order take nothing; a child in flight may still fill."""
        return self._set(request, PAUSE, order_id, is_on=True)

    def resume(self, request: Request, order_id: str) -> Response | DeferredResponse:
        """Let a paused order go on; one that is not paused stays as it is."""
        return self._set(request, RESUME_ORDER, order_id, is_on=False)

    def _set(
        self, request: Request, call: Call, order_id: str, *, is_on: bool
    ) -> Response | DeferredResponse:
        read_parameters(request, call)
        read_body(read_optional_object(request), PauseOrderRequest)
        order = known_order(self._queries, order_id)
        if order.status.is_final:
            return refused(has_ended(order)).response()
        command = PauseOrder(order_id=order.order_id, symbol=order.symbol, is_on=is_on)
        return DeferredResponse(
            self._desk.pause(command), partial(self._answer, order_id)
        )

    def _answer(self, order_id: str, outcome: Order | Refusal) -> Response:
        if isinstance(outcome, Refusal):
            order = known_order(self._queries, order_id)
            is_over = outcome.code is RefusalCode.ORDER_ENDED and order.status.is_final
            return refused(has_ended(order) if is_over else outcome).response()
        return json_response(OrderAnswer.of(outcome))
