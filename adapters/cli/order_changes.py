"""``run.py amend``, ``pause`` and ``unpause``."""

from adapters.cli.answers import read_order
from adapters.cli.order_tables import status_of, terms_of
from adapters.cli.output import Output
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.configuration.client_settings import AmendSettings, OneOrderSettings


def pause_order(settings: OneOrderSettings) -> int:
    """Let an order take nothing until it is unpaused, and print how it stands.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    return _set_pause(settings, "pause")


def unpause_order(settings: OneOrderSettings) -> int:
    """Let a paused order go on, and print how it stands.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    return _set_pause(settings, "resume")


def amend_order(settings: AmendSettings) -> int:
    """Change an order's price, quantity or both, and print it.

    It is sent once: a repeated one could undo what somebody else has changed meanwhile.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    path = f"/orders/{settings.order}"
    wanted = {"price": settings.price, "quantity": settings.quantity}
    call = Call(
        method="PATCH",
        path=path,
        body={name: text for name, text in wanted.items() if text is not None},
        read=read_order,
        look_at=path,
    )
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    order = reply.answer
    words = f"amended: order {order.id}, {terms_of(order)}, {status_of(order)}"
    output.answer(reply, lambda: output.line(words))
    return 0


def _set_pause(settings: OneOrderSettings, word: str) -> int:
    path = f"/orders/{settings.order}"
    call = Call(
        method="POST",
        path=f"{path}/{word}",
        body={},
        read=read_order,
        tries=TRIES,
        look_at=path,
    )
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    order = reply.answer
    words = f"{status_of(order)}: order {order.id}, {terms_of(order)}"
    output.answer(reply, lambda: output.line(words))
    return 0
