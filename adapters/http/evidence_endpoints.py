"""The calls about what the book showed to an order, and why it does not fill."""

from collections.abc import Sequence
from http import HTTPStatus

from adapters.api.bodies import ListAnswer
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer, PricePointAnswer
from adapters.api.evidence_calls import (
    LIMITS_DEFAULT,
    LIMITS_MAX,
    READ_CHILDREN,
    READ_NOW,
    READ_OPEN_LIMITS,
    READ_PRICES,
    READ_TOUCHES,
    STEP_MAX,
)
from adapters.api.order_now import OpenLimitsAnswer, OrderNowAnswer
from adapters.http.order_endpoints import known_order
from adapters.http.paging import page_wanted, read_page_wanted, refusing_cursors
from adapters.http.problems import ProblemError, unsupported_symbol
from adapters.http.request_reading import (
    Request,
    read_limit,
    read_number,
    read_parameters,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.orders.price_path import path_of
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.values import Symbol


class EvidenceEndpoints:
    """Read what the book showed to an order, and why it does not fill now."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(READ_CHILDREN, self.children),
            route_of(READ_TOUCHES, self.touches),
            route_of(READ_PRICES, self.prices),
            route_of(READ_NOW, self.now),
            route_of(READ_OPEN_LIMITS, self.open_limits),
        )

    def children(self, request: Request, order_id: str) -> Response:
        """Return a page of the child orders of an order, oldest first."""
        wanted = read_page_wanted(request, READ_CHILDREN)
        order = known_order(self._queries, order_id)
        with refusing_cursors():
            found = self._queries.child_page(order.order_id, wanted)
        items = [ChildAnswer.of(stored) for stored in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def touches(self, request: Request, order_id: str) -> Response:
        """Return the touches when an order came and when it ended."""
        read_parameters(request, READ_TOUCHES)
        order = known_order(self._queries, order_id)
        touches = self._queries.touches(order.order_id)
        return json_response(OrderTouchesAnswer.of(touches))

    def prices(self, request: Request, order_id: str) -> Response:
        """Return a page of the touches from an order's arrival on, oldest first."""
        parameters = read_parameters(request, READ_PRICES)
        page = page_wanted(parameters)
        step = read_number(parameters, "step", 1, STEP_MAX)
        wanted = path_of(known_order(self._queries, order_id), step)
        with refusing_cursors():
            found = self._queries.price_path(wanted, page)
        items = [PricePointAnswer.of(point) for point in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def now(self, request: Request, order_id: str) -> Response:
        """Return why an order does not fill now."""
        read_parameters(request, READ_NOW)
        order = known_order(self._queries, order_id)
        now = self._desk.order_now(order)
        return json_response(OrderNowAnswer.of(now, self._queries.past(order)))

    def open_limits(self, request: Request, symbol: str) -> Response:
        """Return the limits at which orders of a symbol wait."""
        parameters = read_parameters(request, READ_OPEN_LIMITS)
        most = read_limit(parameters, LIMITS_DEFAULT, LIMITS_MAX)
        supported = [rules.symbol for rules in self._desk.symbols()]
        if symbol not in supported:
            raise ProblemError(
                unsupported_symbol(HTTPStatus.NOT_FOUND, symbol, supported)
            )
        limits = self._desk.open_limits(Symbol(symbol))
        return json_response(OpenLimitsAnswer.of(limits, most))
