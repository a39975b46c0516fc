"""``run.py settle`` and ``run.py release``: for orders on hold."""

from collections.abc import Mapping
from typing import Any

import click

from adapters.api.orders import OrderAnswer
from adapters.cli.answers import read_order
from adapters.cli.service_client import Call, ServiceClient
from adapters.configuration.on_hold_settings import ReleaseSettings, SettleSettings
from adapters.configuration.switch_settings import ServiceLocation


def settle_child(settings: SettleSettings) -> int:
    """State what became of a child order, and print its order's state.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    child_id = settings.child
    order_id = child_id.rpartition("-")[0]
    body: dict[str, Any] = {"note": settings.note}
    if settings.fills is not None:
        body["fills"] = settings.fills
    if settings.quantity is not None:
        body["quantity"] = settings.quantity
    if settings.average_price is not None:
        body["average_price"] = settings.average_price
    path = f"/orders/{order_id}/children/{child_id}/settle"
    order = _call(settings, path, body, look_at=f"/orders/{order_id}")
    click.echo(f"settled {child_id}: {_words(order)}{_what_next(order)}")
    return 0


def release_order(settings: ReleaseSettings) -> int:
    """Let an order on hold take offers again.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    path = f"/orders/{settings.order}"
    order = _call(settings, f"{path}/release", {}, look_at=path)
    click.echo(f"released {settings.order}: {_words(order)}")
    return 0


def _call(
    place: ServiceLocation, path: str, body: Mapping[str, Any], look_at: str
) -> OrderAnswer:
    call = Call(method="POST", path=path, body=body, read=read_order, look_at=look_at)
    return ServiceClient(place).call(call).answer


def _words(order: OrderAnswer) -> str:
    return f"{order.status}, {order.filled} of {order.quantity} filled"


def _what_next(order: OrderAnswer) -> str:
    """Say what follows from a settlement: the answer shows the moment before that."""
    is_on_hold = order.reason == "ON_HOLD"
    words = ""
    if is_on_hold and order.status == "PENDING_CANCEL":
        words = "; it ends now, for a cancel has waited"
    elif is_on_hold and order.time_in_force in ("IOC", "FOK"):
        words = "; it ends now, as IOC and FOK orders do"
    elif is_on_hold:
        return "; on hold: see what the venue's trades say, then release or cancel it"
    elif order.status in ("NEW", "PARTIALLY_FILLED"):
        return ""  # released since: the same was stated again
    return f"{words}; if the venue's trades say otherwise, the log does: Records differ"
