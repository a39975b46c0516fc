"""The calls about many orders at once."""

from collections.abc import Sequence
from http import HTTPStatus

from adapters.api.many_order_calls import CANCEL_ALL
from adapters.http.cancel_all import CancelAll
from adapters.http.problems import unsupported_symbol
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_flag,
    read_parameters,
    read_symbol,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries


class ManyOrderEndpoints:
    """Cancel all orders."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (route_of(CANCEL_ALL, self.cancel_all),)

    def cancel_all(self, request: Request) -> Response:
        """Cancel what is open: 202 while something may still fill, 200 when over."""
        parameters = read_parameters(request, CANCEL_ALL)
        symbol = read_symbol(parameters)
        if (symbol is None) is not read_flag(parameters, "all"):
            raise bad_parameter("symbol", "or all=true must be given, and not both")
        known = [rules.symbol for rules in self._desk.symbols()]
        answer = CancelAll(self._desk, self._queries, symbol).run()
        if symbol is not None and symbol not in known and not answer.asked:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return unsupported_symbol(status, symbol, known).response()
        is_over = answer.complete and not (answer.pending or answer.failed)
        return json_response(answer, HTTPStatus.OK if is_over else HTTPStatus.ACCEPTED)
