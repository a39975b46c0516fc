"""``run.py cancel``: one order, or all open orders."""

import sys
from collections.abc import Sequence
from typing import Final

import click

from adapters.api.many_orders import CANCEL_ALL_SECONDS, CancelAllAnswer
from adapters.api.orders import OrderAnswer
from adapters.cli.answers import page_of, read_cancel_all, read_order
from adapters.cli.failures import ExitCode
from adapters.cli.order_tables import status_of
from adapters.cli.output import Output, note
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.configuration.client_settings import CancelSettings
from domain.errors import ConfigurationError
from domain.orders.order import OrderStatus
from domain.pages import PAGE_MAX
from domain.values import OrderId


_TIMEOUT: Final = "TIMEOUT"
"""Of a cancel that may be carried out all the same."""

_ANSWER_SECONDS: Final = CANCEL_ALL_SECONDS + 15.0
"""What one call may take, and then the last orders that it asked."""


def cancel(settings: CancelSettings) -> int:
    """Cancel what is left of one order, or all open orders, and print what came of it.

    Raises:
        CommandError: the service does not answer, or refuses.
        ConfigurationError: nobody can be asked whether all orders are meant.
    """
    if settings.order is not None:
        return _cancel_one(settings, settings.order)
    whose = settings.all or "all symbols"
    if not settings.yes and not _is_meant(settings, whose):
        note("nothing was canceled")
        return ExitCode.REFUSED
    return _cancel_all(settings, whose)


def _cancel_one(settings: CancelSettings, order: OrderId) -> int:
    path = f"/orders/{order}"
    call = Call(method="DELETE", path=path, read=read_order, tries=TRIES, look_at=path)
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    output.answer(reply, lambda: output.line(_canceled(reply.answer)))
    return ExitCode.DONE


def _canceled(order: OrderAnswer) -> str:
    filled = f"{order.filled} of {order.quantity} {order.symbol} filled"
    words = f"{status_of(order)}: order {order.id}, {filled}"
    if order.status is OrderStatus.PENDING_CANCEL:
        words += "; it ends when the child order in flight has its answer"
    return words


def _is_meant(settings: CancelSettings, whose: str) -> bool:
    if not sys.stdin.isatty():
        words = f"add --yes to cancel all open orders of {whose}: nobody can be asked"
        raise ConfigurationError(words)
    number = _open_now(settings)
    return click.confirm(f"Cancel all {number} open orders of {whose}?", err=True)


def _open_now(settings: CancelSettings) -> str:
    query = [("status", "open"), ("limit", str(PAGE_MAX))]
    if settings.all is not None:
        query.append(("symbol", settings.all))
    call = Call(
        method="GET",
        path="/orders",
        query=tuple(query),
        read=page_of(read_order),
        tries=TRIES,
    )
    page = ServiceClient(settings).call(call).answer
    return f"{len(page.items)}{'' if page.next_cursor is None else ' or more'}"


def _cancel_all(settings: CancelSettings, whose: str) -> int:
    """Ask until the service has asked each order that is open now to end."""
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    answers: list[CancelAllAnswer] = []
    before: int | None = None
    while not answers or before is not None:
        reply = client.call(_call(settings.all, before))
        answers.append(reply.answer)
        before = reply.answer.next_before_sequence
        if output.as_json:
            output.json(reply.body)
    if not output.as_json:
        for line in _lines(answers, whose):
            output.line(line)
    failures = [one for answer in answers for one in answer.failures]
    if not failures:
        return ExitCode.DONE
    is_unknown = any(one.code == _TIMEOUT for one in failures)
    return ExitCode.NOT_REACHABLE if is_unknown else ExitCode.REFUSED


def _call(symbol: str | None, before: int | None) -> Call[CancelAllAnswer]:
    query = [("all", "true") if symbol is None else ("symbol", symbol)]
    if before is not None:
        query.append(("before_sequence", str(before)))
    return Call(
        method="DELETE",
        path="/orders",
        query=tuple(query),
        read=read_cancel_all,
        tries=TRIES,
        timeout_seconds=_ANSWER_SECONDS,
        look_at="/orders?status=open",
    )


def _lines(answers: Sequence[CancelAllAnswer], whose: str) -> list[str]:
    canceled = sum(one.canceled for one in answers)
    ended = sum(one.ended for one in answers)
    words = f"canceled: {canceled} {'order' if canceled == 1 else 'orders'} of {whose}"
    if ended:
        words += f", {ended} had ended by themselves"
    lines = [words]
    for answer in answers:
        lines += [
            f"PENDING_CANCEL: order {one.id}, up to {one.may_fill} {one.symbol} may "
            "still fill"
            for one in answer.may_fill
        ]
        lines += [
            f"not canceled: order {one.id} {one.symbol}, {one.code}: {one.detail}"
            for one in answer.failures
        ]
    pending = sum(one.pending for one in answers)
    failed = sum(one.failed for one in answers)
    if pending + failed > len(lines) - 1:
        lines.append(f"in all, {pending} may still fill, {failed} are not canceled")
    return lines
