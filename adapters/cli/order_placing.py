"""``run.py order``: places an order, once, however often the call is repeated."""

import shlex
from typing import Final

from adapters.api.orders import OrderAnswer
from adapters.cli.answers import read_order
from adapters.cli.failures import ExitCode, OutcomeUnknownError
from adapters.cli.order_tables import status_of, terms_of
from adapters.cli.output import Output
from adapters.cli.service_client import TRIES, Call, Reply, ServiceClient
from adapters.cli.trying import try_order
from adapters.cli.watching import watch_order
from adapters.configuration.client_settings import PlaceOrderSettings
from adapters.program_name import program_name
from domain.values import TimeInForce


_CREATED: Final = 201


def place_order(settings: PlaceOrderSettings) -> int:
    """Place an order, and watch it if that is wanted; or only try it.

    Returns:
        The exit code.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    if settings.dry_run:
        return try_order(settings, _body(settings))
    client, output = ServiceClient(settings), Output(as_json=settings.json)
    reply = _place(client, settings)
    output.answer(reply, lambda: output.line(_words(reply)))
    if settings.watch:
        return watch_order(client, output, reply.answer, last_shown=0)
    return ExitCode.DONE


def _place(client: ServiceClient, settings: PlaceOrderSettings) -> Reply[OrderAnswer]:
    """Place it; while no answer comes, again with the same key."""
    call = Call(
        method="POST",
        path="/orders",
        body=_body(settings),
        key=settings.idempotency_key,
        read=read_order,
        tries=TRIES,
    )
    again = shlex.join([*program_name().split(), "order", *settings.repeat])
    advice = f"this command repeats it, and places nothing twice: {again}"
    try:
        return client.call(call)
    except OutcomeUnknownError as error:
        raise OutcomeUnknownError(error.why, advice) from error
    except KeyboardInterrupt:
        raise OutcomeUnknownError("stopped before an answer came", advice) from None


def _body(settings: PlaceOrderSettings) -> dict[str, str]:
    body: dict[str, str] = {
        "symbol": settings.symbol,
        "side": settings.side,
        "quantity": settings.quantity,
        "price": settings.price,
    }
    if settings.time_in_force is not TimeInForce.GTC:
        body["time_in_force"] = settings.time_in_force
    if settings.expires_at is not None:
        body["expires_at"] = settings.expires_at
    if settings.client_order_id is not None:
        body["client_order_id"] = settings.client_order_id
    return body


def _words(reply: Reply[OrderAnswer]) -> str:
    order = reply.answer
    if reply.status == _CREATED:
        return f"accepted: order {order.id}, {terms_of(order)}"
    return f"known already: order {order.id}, {terms_of(order)}, {status_of(order)}"
