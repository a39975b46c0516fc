"""The calls about execution reports."""

from collections.abc import Mapping, Sequence
from typing import Final

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from adapters.api.report_calls import FORMATS, READ_ORDER_REPORT
from adapters.api.report_csv import CSV_TYPE, report_csv
from adapters.api.reports import OrderReportAnswer
from adapters.http.order_endpoints import known_order
from adapters.http.request_reading import Request, bad_parameter, read_parameters
from adapters.http.response import JSON_TYPE, Response, json_response
from adapters.http.routes import Route, route_of
from domain.orders.order import Order
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reports.reading import read_report


_CSV_IN_UTF_8: Final = f"{CSV_TYPE}; charset=utf-8"


class ReportEndpoints:
    """Work reports out from what is on disk."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (route_of(READ_ORDER_REPORT, self.of_order),)

    def of_order(self, request: Request, order_id: str) -> Response:
        """Return the report of one order."""
        is_csv = _is_csv_wanted(request, read_parameters(request, READ_ORDER_REPORT))
        report = self._report(known_order(self._queries, order_id))
        return _csv([report]) if is_csv else json_response(report)

    def _report(self, order: Order) -> OrderReportAnswer:
        traded = self._desk.symbols()
        rules = next((one for one in traded if one.symbol == order.symbol), None)
        return OrderReportAnswer.of(read_report(self._queries, order, rules))


def _is_csv_wanted(request: Request, parameters: Mapping[str, str]) -> bool:
    named = parameters.get("format")
    if named is not None:
        if named not in FORMATS:
            raise bad_parameter("format", f"must be one of {', '.join(FORMATS)}")
        return named == "csv"
    accepted = parse_accept_header(request.environ.get("HTTP_ACCEPT"), MIMEAccept)
    return accepted.best_match((JSON_TYPE, CSV_TYPE), JSON_TYPE) == CSV_TYPE


def _csv(reports: Sequence[OrderReportAnswer]) -> Response:
    return Response(report_csv(reports), _CSV_IN_UTF_8)
