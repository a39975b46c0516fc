"""The calls about many orders at once."""

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus

from adapters.api.codes import Code
from adapters.api.many_order_calls import CANCEL_ALL, PLACE_ORDERS, SEQUENCE_MAX
from adapters.api.many_orders import BulkAnswer, BulkResultAnswer
from adapters.api.orders import OrderAnswer
from adapters.http.cancel_all import CancelAll
from adapters.http.deferred_response import DeferredResponse, all_of
from adapters.http.error_responses import problem_of
from adapters.http.order_bodies import read_orders
from adapters.http.placing import place_refused, status_of
from adapters.http.problems import (
    Problem,
    malformed,
    unsupported_symbol,
)
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_flag,
    read_idempotency_key,
    read_number,
    read_object,
    read_parameters,
    read_symbol,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.orders.commands import PlaceOrder
from domain.orders.records import Stored
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.refusals import Refusal


class ManyOrderEndpoints:
    """Place several orders, and cancel all."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(PLACE_ORDERS, self.place),
            route_of(CANCEL_ALL, self.cancel_all),
        )

    def place(self, request: Request) -> DeferredResponse:
        """Place several orders, each for itself.

        Not in the server's loop, which a hundred orders would hold up for longer than
        an operator's halt may wait.
        """
        read_parameters(request, PLACE_ORDERS)
        orders = read_orders(read_object(request))
        if read_idempotency_key(request) is not None:
            detail = "each order has to have an idempotency_key of its own"
            raise malformed(Code.HEADER_INVALID, detail, "Idempotency-Key")
        outcomes = [
            self._desk.place(order) for order in orders if isinstance(order, PlaceOrder)
        ]
        return DeferredResponse(all_of(outcomes), partial(self._placed, orders))

    def _placed(
        self,
        orders: Sequence[PlaceOrder | Problem],
        outcomes: Sequence[Future[Stored | Refusal]],
    ) -> Response:
        rest = iter(outcomes)
        results = [
            _failed(order)
            if isinstance(order, Problem)
            else self._result(order, next(rest))
            for order in orders
        ]
        return json_response(BulkAnswer(results=results))

    def _result(
        self, order: PlaceOrder, outcome: Future[Stored | Refusal]
    ) -> BulkResultAnswer:
        error = outcome.exception()
        if error is not None:
            return _failed(problem_of(error))
        answer = outcome.result()
        if isinstance(answer, Refusal):
            return _failed(place_refused(self._desk, order, answer))
        return BulkResultAnswer(
            status=status_of(answer), order=OrderAnswer.of(answer.order), problem=None
        )

    def cancel_all(self, request: Request) -> Response:
        """Cancel what is open: 202 while something may still fill, 200 when over."""
        parameters = read_parameters(request, CANCEL_ALL)
        symbol = read_symbol(parameters)
        if (symbol is None) is not read_flag(parameters, "all"):
            raise bad_parameter("symbol", "or all=true must be given, and not both")
        known = [rules.symbol for rules in self._desk.symbols()]
        before = read_number(parameters, "before_sequence", None, SEQUENCE_MAX)
        answer = CancelAll(self._desk, self._queries, symbol, before).run()
        is_first = before is None
        if is_first and symbol and symbol not in known and not answer.asked:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return unsupported_symbol(status, symbol, known).response()
        is_over = answer.complete and not (answer.pending or answer.failed)
        return json_response(answer, HTTPStatus.OK if is_over else HTTPStatus.ACCEPTED)


def _failed(problem: Problem) -> BulkResultAnswer:
    return BulkResultAnswer(status=problem.status, order=None, problem=problem.answer())
