"""What the service's answers look like: another program may be listening there."""

from typing import Final

from adapters.cli.service_client import Members


ENDS: Final = frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED"})
FILLED: Final = "FILLED"


def is_order(answer: Members) -> bool:
    """Whether it can be an order."""
    return {"id", "status", "filled", "quantity"} <= answer.keys()


def is_page(answer: Members) -> bool:
    """Whether it can be a page of a list."""
    return {"items", "next_cursor"} <= answer.keys()


def is_summary(answer: Members) -> bool:
    """Whether it can be an order with what came of it."""
    return {"order", "totals", "fees"} <= answer.keys()


def is_book(answer: Members) -> bool:
    """Whether it can be a symbol's book."""
    return {"symbol", "state", "bids", "asks"} <= answer.keys()


def is_halt(answer: Members) -> bool:
    """Whether it can be the setting of the halt switch."""
    return isinstance(answer.get("halted"), bool)
