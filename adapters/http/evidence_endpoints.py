"""The calls about what the book showed to an order."""

from collections.abc import Sequence

from adapters.api.bodies import ListAnswer
from adapters.api.evidence import ChildAnswer, OrderTouchesAnswer
from adapters.api.evidence_calls import READ_CHILDREN, READ_TOUCHES
from adapters.http.order_endpoints import known_order
from adapters.http.paging import read_page_wanted, refusing_cursors
from adapters.http.request_reading import Request, read_parameters
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
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
