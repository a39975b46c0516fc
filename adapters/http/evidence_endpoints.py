"""The calls about what the book showed to an order."""

from collections.abc import Sequence

from adapters.api.bodies import ListAnswer
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer, PricePointAnswer
from adapters.api.evidence_calls import (
    READ_CHILDREN,
    READ_PRICES,
    READ_TOUCHES,
    STEP_MAX,
)
from adapters.http.order_endpoints import known_order
from adapters.http.paging import page_wanted, read_page_wanted, refusing_cursors
from adapters.http.request_reading import Request, read_number, read_parameters
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.orders.price_path import path_of
from domain.ports.queries import OrderQueries


class EvidenceEndpoints:
    """Read touches, and child orders with what they were offered."""

    def __init__(self, queries: OrderQueries) -> None:
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(READ_CHILDREN, self.children),
            route_of(READ_TOUCHES, self.touches),
            route_of(READ_PRICES, self.prices),
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
