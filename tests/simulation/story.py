"""Messages in a few words, for the trace of a seed."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from domain.orders.order import Order


SKIPPED = frozenset(
    {"reply_to", "executor", "router", "event", "events", "ref", "symbol"}
)
PARTS_MAX = 4


def brief(value: Any) -> str:
    """Say what matters of a message."""
    if isinstance(value, Order):
        amounts = f"{value.filled}+{value.at_venue}/{value.quantity}@{value.price}"
        return f"<{value.order_id} v{value.version} {value.status} {amounts}>"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal | str | int | float | datetime):
        return str(value)
    if type(value) is tuple:
        shown = [brief(part) for part in value[:PARTS_MAX]]
        return f"[{' '.join(shown)}{' ...' if len(value) > PARTS_MAX else ''}]"
    parts = ", ".join(_parts(value)) if is_dataclass(value) else ""
    return f"{type(value).__name__}({parts})"


def _parts(value: Any) -> list[str]:
    names = [one.name for one in fields(value) if one.name not in SKIPPED]
    shown = [(name, getattr(value, name)) for name in names]
    return [f"{name}={brief(part)}" for name, part in shown if part not in (None, ())]
