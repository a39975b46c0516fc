"""Messages as a person reads them in a chat or a mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.api.bodies import decoder_of
from adapters.webhooks.messages import ChangedOrder, MessageBody, WebhookMessage
from domain.orders.order import OrderStep


LINES_MAX: Final = 20
"""Orders that are told of; the rest is counted."""

_ALARMING: Final = frozenset(
    {OrderStep.HELD.value, OrderStep.CHILD_UNKNOWN.value, OrderStep.REJECTED.value}
)

_read: Final = decoder_of(MessageBody)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatText:
    """A message in words."""

    title: str
    body: str
    """Plain text, a line for each order. Nothing in it is a client's own text, which
    might call people or hide links."""

    is_alarming: bool
    """Whether somebody should look."""


def chat_text(message: WebhookMessage, environment: str) -> ChatText:
    """Put a message into words.

    Args:
        message: as it is on disk.
        environment: where the orders are traded, in the operator's words.
    """
    orders = _read(message.body).data.orders
    lines = [_line(one) for one in orders[:LINES_MAX]]
    if len(orders) > LINES_MAX:
        lines.append(f"and {len(orders) - LINES_MAX} more orders")
    count = "1 order" if len(orders) == 1 else f"{len(orders)} orders"
    return ChatText(
        title=f"{count} changed ({environment})",
        body="\n".join(lines),
        is_alarming=any(_ALARMING & one.events.keys() for one in orders),
    )


def _line(changed: ChangedOrder) -> str:
    order = changed.order
    words = f"{order.side} {order.quantity} {order.symbol} at {order.price}"
    words += f": {order.status}"
    if order.reason is not None:
        words += f" ({order.reason})"
    words += f", {order.filled} filled"
    if order.average_price is not None:
        words += f" at {order.average_price} on average"
    return f"{words}; {_happened(changed.events)}; order {order.id}"


def _happened(events: Mapping[str, int]) -> str:
    return ", ".join(
        kind if count == 1 else f"{count} x {kind}" for kind, count in events.items()
    )
