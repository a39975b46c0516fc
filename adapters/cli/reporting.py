"""``report``: what the execution of an order, or of the orders of a period, cost."""

from adapters.api.reports import OrderReportAnswer, PeriodReportAnswer
from adapters.cli.answers import (
    read_order_report,
    read_period_report,
    read_report_csv,
)
from adapters.cli.order_tables import second_of, status_of, terms_of
from adapters.cli.output import Output, note
from adapters.cli.report_tables import figure_columns, order_report_columns
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.configuration.client_settings import ReportSettings


def print_report(settings: ReportSettings) -> int:
    """Print a report.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    path = "/report" if settings.order is None else f"/orders/{settings.order}/report"
    wanted = {
        "since": settings.since,
        "until": settings.until,
        "symbol": settings.symbol,
        "format": "csv" if settings.csv else None,
    }
    query = tuple((name, text) for name, text in wanted.items() if text is not None)
    if settings.csv:
        call = Call(
            method="GET", path=path, query=query, read=read_report_csv, tries=TRIES
        )
        output.whole(client.call(call).answer)
    elif settings.order is None:
        of_period = client.call(
            Call(
                method="GET",
                path=path,
                query=query,
                read=read_period_report,
                tries=TRIES,
            )
        )
        output.answer(of_period, lambda: _print_period(output, of_period.answer))
    else:
        of_order = client.call(
            Call(method="GET", path=path, read=read_order_report, tries=TRIES)
        )
        output.answer(of_order, lambda: _print_order(output, of_order.answer))
    return 0


def _print_order(output: Output, report: OrderReportAnswer) -> None:
    order = report.order
    came = f"came {second_of(order.created_at)} UTC"
    output.line(f"{terms_of(order)}, {came}, {status_of(order)}")
    words = [f"mid at arrival {report.arrival_mid or 'not known'}"]
    if report.end_mid is not None:
        words.append(f"mid at the end {report.end_mid}")
    if order.average_price is not None:
        words.append(f"average price {order.average_price}")
    output.line(", ".join(words))
    output.line("")
    output.table(figure_columns(report.figures))


def _print_period(output: Output, report: PeriodReportAnswer) -> None:
    if not report.orders:
        note("no orders came in the period")
        return
    for symbol in report.symbols:
        output.line(
            f"{symbol.symbol}: orders {symbol.order_count}, fills {symbol.fill_count}, "
            f"filled {symbol.filled}"
        )
        output.line("")
        output.table(figure_columns(symbol.figures))
        output.line("")
    output.line(
        "In basis points; above zero is a cost, but of price improvement and markout a "
        "gain:"
    )
    output.table(order_report_columns(report.orders))
