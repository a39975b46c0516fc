"""The calls about execution reports."""

from collections.abc import Mapping, Sequence
from typing import Final

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from adapters.api.report_calls import (
    FORMATS,
    READ_ORDER_REPORT,
    READ_PERIOD_REPORT,
)
from adapters.api.report_csv import CSV_TYPE, report_csv
from adapters.api.reports import OrderReportAnswer, PeriodReportAnswer
from adapters.http.order_endpoints import known_order
from adapters.http.request_reading import (
    Request,
    bad_parameter,
    read_parameters,
    read_span,
    read_symbol,
)
from adapters.http.response import JSON_TYPE, Response, json_response
from adapters.http.routes import Route, route_of
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.reports.period_report import Period, read_period
from domain.reports.reading import read_report


_CSV_IN_UTF_8: Final = f"{CSV_TYPE}; charset=utf-8"


class ReportEndpoints:
    """Work reports out from what is on disk."""

    def __init__(self, desk: OrderDesk, queries: OrderQueries) -> None:
        self._desk = desk
        self._queries = queries

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(READ_ORDER_REPORT, self.of_order),
            route_of(READ_PERIOD_REPORT, self.of_period),
        )

    def of_order(self, request: Request, order_id: str) -> Response:
        """Return the report of one order."""
        is_csv = _is_csv_wanted(request, read_parameters(request, READ_ORDER_REPORT))
        order = known_order(self._queries, order_id)
        traded = self._desk.symbols()
        rules = next((one for one in traded if one.symbol == order.symbol), None)
        report = OrderReportAnswer.of(read_report(self._queries, order, rules))
        return _csv([report]) if is_csv else json_response(report)

    def of_period(self, request: Request) -> Response:
        """Return the report of the orders that came in a period."""
        parameters = read_parameters(request, READ_PERIOD_REPORT)
        is_csv = _is_csv_wanted(request, parameters)
        period = _read_period(parameters)
        found = read_period(self._queries, period, self._desk.symbols())
        report = PeriodReportAnswer.of(found)
        return _csv(report.orders) if is_csv else json_response(report)


def _read_period(parameters: dict[str, str]) -> Period:
    since, until = read_span(parameters)
    return Period(since=since, until=until, symbol=read_symbol(parameters))


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
