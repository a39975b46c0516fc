"""Which part of its symbol's price path belongs to an order."""

from typing import Final

from domain.market.price_path import PathWanted
from domain.orders.order import Order


AFTERWARDS_SECONDS: Final = 60
"""How much of what came after its end belongs to it."""

_OPEN_END: Final = 10**11


def path_of(order: Order, step: int = 1) -> PathWanted:
    """Return an order's path: from its arrival until a minute after its end.

    Args:
        order: open or ended.
        step: seconds between two points.
    """
    until = _OPEN_END
    if order.status.is_final:
        until = int(order.updated_at.timestamp()) + AFTERWARDS_SECONDS
    return PathWanted(
        symbol=order.symbol,
        since=int(order.created_at.timestamp()),
        until=until,
        step=step,
    )
