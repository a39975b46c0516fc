"""What the placing of an order is answered with, alone or among others."""

from http import HTTPStatus

from adapters.http.problems import Problem, refused, unsupported_symbol
from domain.orders.commands import PlaceOrder
from domain.orders.records import Stored
from domain.ports.order_desk import OrderDesk
from domain.reasons import RefusalCode
from domain.refusals import Refusal


def status_of(stored: Stored) -> HTTPStatus:
    """Return 201 for a new order, and 200 for a repeated request."""
    return HTTPStatus.OK if stored.repeated else HTTPStatus.CREATED


def place_refused(desk: OrderDesk, command: PlaceOrder, refusal: Refusal) -> Problem:
    """Say why an order was not placed; the desk knows which symbols there are."""
    if refusal.code is not RefusalCode.UNKNOWN_SYMBOL:
        return refused(refusal)
    supported = [rules.symbol for rules in desk.symbols()]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return unsupported_symbol(status, command.symbol, supported)
