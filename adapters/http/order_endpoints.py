"""The calls about orders."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import Call
from adapters.api.dry_run import DryRunAnswer
from adapters.api.order_calls import (
    AMEND,
    CANCEL,
    LIST_FILLS,
    LIST_ORDERS,
    ORDERS,
    ORDERS_DEFAULT,
    PLACE_ORDER,
    READ_EVENTS,
    READ_FILLS,
    READ_ORDER,
    READ_SUMMARY,
    SELL,
    STATUS_FILTERS,
)
from adapters.api.orders import (
    BookedFillAnswer,
    FillAnswer,
    OrderAnswer,
    OrderEventAnswer,
    SummaryAnswer,
)
from adapters.api.request_fields import ClientOrderId
from adapters.http.deferred_response import DeferredResponse
from adapters.http.order_bodies import (
    read_amend_order,
    read_place_order,
    read_sell_order,
)
from adapters.http.paging import read_cursor, read_page_wanted, refusing_cursors
from adapters.http.placing import place_refused, status_of
from adapters.http.problems import (
    refused,
    unknown_order,
)
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_flag,
    read_idempotency_key,
    read_limit,
    read_object,
    read_parameters,
    read_span,
    read_symbol,
)
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from adapters.trading_environment import TradingEnvironment
from domain.orders.commands import CancelOrder, PlaceOrder
from domain.orders.completion import has_ended
from domain.orders.dry_run import DryRun
from domain.orders.order import Order, OrderStatus
from domain.orders.records import Stored
from domain.orders.stored_orders import FillFilter, OrderFilter
from domain.orders.summary import FILLS_SHOWN_MAX, summarise
from domain.pages import PAGE_MAX, PageWanted
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import Side, read_order_id


NON_BLOCKING_CALLS: Final = frozenset(
    {(PLACE_ORDER.method, PLACE_ORDER.path), (SELL.method, SELL.path)}
)
"""(method, path) of calls that never wait; their answers come later."""


class OrderEndpoints:
    """Place, read, amend and cancel orders."""

    def __init__(
        self, desk: OrderDesk, queries: OrderQueries, traded_on: TradingEnvironment
    ) -> None:
        self._desk = desk
        self._queries = queries
        self._traded_on = traded_on

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(PLACE_ORDER, self.place),
            route_of(LIST_ORDERS, self.list_orders),
            route_of(LIST_FILLS, self.list_fills),
            route_of(READ_ORDER, self.read),
            route_of(AMEND, self.amend),
            route_of(CANCEL, self.cancel),
            route_of(READ_FILLS, self.fills),
            route_of(READ_EVENTS, self.events),
            route_of(READ_SUMMARY, self.summary),
            route_of(SELL, self.sell),
        )

    def place(self, request: Request) -> DeferredResponse:
        """Place an order: 201 once it is on disk, 200 for a repeated request.

        With ``validate_only`` nothing is placed; 200 says what would become of it.
        """
        parameters = read_parameters(request, PLACE_ORDER)
        members = read_object(request)
        key = read_idempotency_key(request)
        command = read_place_order(members, key)
        if read_flag(parameters, "validate_only"):
            return DeferredResponse(self._desk.dry_run(command), _tried)
        return self._place(command)

    def sell(self, request: Request) -> DeferredResponse:
        """Place a sell order, good till cancelled; answers like ``place``."""
        read_parameters(request, SELL)
        members = read_object(request)
        key = read_idempotency_key(request)
        return self._place(read_sell_order(members, key))

    def list_orders(self, request: Request) -> Response:
        """Return a page of orders, newest first."""
        wanted = _read_filter(request)
        with refusing_cursors():
            found = self._queries.orders(wanted)
        items = [OrderAnswer.of(order) for order in found.orders]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def list_fills(self, request: Request) -> Response:
        """Return a page of the fills of all orders, those executed last first."""
        parameters = read_parameters(request, LIST_FILLS)
        since, until = read_span(parameters)
        wanted = FillFilter(
            symbol=read_symbol(parameters),
            since=since,
            until=until,
            limit=read_limit(parameters, ORDERS_DEFAULT, PAGE_MAX),
            cursor=read_cursor(parameters),
        )
        with refusing_cursors():
            found = self._queries.booked_fills(wanted)
        items = [BookedFillAnswer.of_booked(booked) for booked in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def read(self, request: Request, order_id: str) -> Response:
        """Return one order."""
        read_parameters(request, READ_ORDER)
        return json_response(OrderAnswer.of(self._order(order_id)))

    def fills(self, request: Request, order_id: str) -> Response:
        """Return a page of the fills of an order, oldest first."""
        order, wanted = self._page_wanted(request, READ_FILLS, order_id)
        with refusing_cursors():
            found = self._queries.fill_page(order.order_id, wanted)
        items = [FillAnswer.of(fill) for fill in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def events(self, request: Request, order_id: str) -> Response:
        """Return a page of the history of an order, oldest first."""
        order, wanted = self._page_wanted(request, READ_EVENTS, order_id)
        with refusing_cursors():
            found = self._queries.event_page(order.order_id, wanted)
        items = [OrderEventAnswer.of(event, order.symbol) for event in found.items]
        return json_response(ListAnswer(items=items, next_cursor=found.next_cursor))

    def summary(self, request: Request, order_id: str) -> Response:
        """Return the summary of an order's fills so far."""
        read_parameters(request, READ_SUMMARY)
        order = self._order(order_id)
        first = self._queries.fill_page(
            order.order_id, PageWanted(limit=FILLS_SHOWN_MAX)
        )
        totals = self._queries.fill_totals(order.order_id)
        summary = summarise(order, totals, first.items)
        place = self._traded_on
        return json_response(
            SummaryAnswer.of(summary, place.venue, is_real_money=place.is_real_money)
        )

    def amend(self, request: Request, order_id: str) -> Response | DeferredResponse:
        """Change an order's price, quantity or both."""
        read_parameters(request, AMEND)
        members = read_object(request)
        order = self._order(order_id)
        command = read_amend_order(members, order)
        if order.status.is_final:
            return refused(has_ended(order)).response()
        return DeferredResponse(
            self._desk.amend(command), partial(self._amended, order_id)
        )

    def _amended(self, order_id: str, outcome: Order | Refusal) -> Response:
        outcome = self._unless_ended(order_id, outcome)
        if isinstance(outcome, Refusal):
            return refused(outcome).response()
        return json_response(OrderAnswer.of(outcome))

    def cancel(self, request: Request, order_id: str) -> Response | DeferredResponse:
        """Cancel: 202 while a child order may still fill, 200 once cancelled."""
        read_parameters(request, CANCEL)
        order = self._order(order_id)
        command = CancelOrder(order_id=order.order_id, symbol=order.symbol)
        if order.status.is_final:
            return self._canceled(order_id, _cancel_ended(order))
        return DeferredResponse(
            self._desk.cancel(command), partial(self._canceled, order_id)
        )

    def _canceled(self, order_id: str, outcome: Order | Refusal) -> Response:
        outcome = self._unless_ended(order_id, outcome, _cancel_ended)
        if isinstance(outcome, Refusal):
            return refused(outcome).response()
        waits = outcome.status is OrderStatus.PENDING_CANCEL
        status = HTTPStatus.ACCEPTED if waits else HTTPStatus.OK
        return json_response(OrderAnswer.of(outcome), status)

    def _unless_ended(
        self,
        order_id: str,
        outcome: Order | Refusal,
        answer: Callable[[Order], Order | Refusal] = has_ended,
    ) -> Order | Refusal:
        """Answer from the disk if the order has ended, so that no executor answers."""
        if isinstance(outcome, Refusal) and outcome.code is RefusalCode.ORDER_ENDED:
            order = self._order(order_id)
            if order.status.is_final:
                return answer(order)
        return outcome

    def _place(self, command: PlaceOrder) -> DeferredResponse:
        return DeferredResponse(
            self._desk.place(command), partial(self._placed, command)
        )

    def _placed(self, command: PlaceOrder, outcome: Stored | Refusal) -> Response:
        if isinstance(outcome, Refusal):
            return place_refused(self._desk, command, outcome).response()
        location = f"{ORDERS}/{outcome.order.order_id}"
        return json_response(
            OrderAnswer.of(outcome.order), status_of(outcome), ("Location", location)
        )

    def _page_wanted(
        self, request: Request, call: Call, order_id: str
    ) -> tuple[Order, PageWanted]:
        wanted = read_page_wanted(request, call)
        return self._order(order_id), wanted

    def _order(self, order_id: str) -> Order:
        return known_order(self._queries, order_id)


def _tried(outcome: DryRun | Refusal) -> Response:
    if isinstance(outcome, Refusal):
        return refused(outcome).response()
    return json_response(DryRunAnswer.of(outcome))


def known_order(queries: OrderQueries, order_id: str) -> Order:
    """Read an order; raise a 404 when there is none, or the id is impossible."""
    known = read_order_id(order_id)
    order = None if known is None else queries.order(known)
    if order is None:
        raise unknown_order(order_id)
    return order


def _read_filter(request: Request) -> OrderFilter:
    parameters = read_parameters(request, LIST_ORDERS)
    status = parameters.get("status")
    if status is not None and status not in STATUS_FILTERS:
        raise bad_parameter("status", f"must be one of {', '.join(STATUS_FILTERS)}")
    since, until = read_span(parameters)
    return OrderFilter(
        status=status,
        symbol=read_symbol(parameters),
        side=_read_side(parameters),
        since=since,
        until=until,
        client_order_id=_read_client_order_id(parameters),
        limit=read_limit(parameters, ORDERS_DEFAULT, PAGE_MAX),
        cursor=read_cursor(parameters),
    )


def _read_side(parameters: Mapping[str, str]) -> Side | None:
    text = parameters.get("side")
    try:
        return None if text is None else Side(text)
    except ValueError:
        raise bad_parameter("side", f"must be one of {', '.join(Side)}") from None


def _read_client_order_id(parameters: Mapping[str, str]) -> str | None:
    text = parameters.get("client_order_id")
    try:
        return None if text is None else str(ClientOrderId.read(text))
    except ValueError as error:
        raise bad_parameter("client_order_id", str(error)) from None


def _cancel_ended(order: Order) -> Order | Refusal:
    """Answer a cancel of an ended order: cancelling twice is no error."""
    return order if order.status is OrderStatus.CANCELED else has_ended(order)
