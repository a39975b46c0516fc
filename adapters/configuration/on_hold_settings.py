"""The settings of ``settle`` and ``release``: which child or order, and its outcome."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.configuration.option_values import order_id_of
from adapters.configuration.options import Option
from adapters.configuration.switch_settings import (
    PLACE_OPTIONS,
    ServiceLocation,
    read_with_place,
)
from domain.errors import ConfigurationError
from domain.values import read_child_id


_FILL: Final = re.compile(r"([0-9.]+)@([0-9.]+)(?:#([0-9]+))?", re.ASCII)


def _child_of(text: str) -> str:
    if read_child_id(text) is None:
        raise ValueError("is not a child order's id, such as 01J5...-3")
    return text


def _fills_of(text: str) -> tuple[dict[str, Any], ...]:
    """Read ``QUANTITY@PRICE#TRADE_ID`` parts, separated by commas."""
    fills = []
    for part in text.split(","):
        found = _FILL.fullmatch(part.strip())
        if found is None:
            raise ValueError("must read QUANTITY@PRICE#TRADE_ID[,...]")
        quantity, price, trade_id = found.groups()
        fill: dict[str, Any] = {"quantity": quantity, "price": price}
        if trade_id is not None:
            fill["trade_id"] = int(trade_id)
        fills.append(fill)
    return tuple(fills)


SETTLE_OPTIONS: Final = (
    Option(
        name="child",
        read=_child_of,
        metavar="CHILD",
        help="The child order's id, as the venue and the history have it.",
        required=True,
        is_argument=True,
        command_line_only=True,
    ),
    Option(
        name="quantity",
        read=str,
        metavar="AMOUNT",
        help="All that was executed, in base; 0: nothing was.",
        command_line_only=True,
    ),
    Option(
        name="average-price",
        read=str,
        metavar="PRICE",
        help="At which it was executed, on average.",
        command_line_only=True,
    ),
    Option(
        name="fills",
        read=_fills_of,
        metavar="LIST",
        help="In place of both: QUANTITY@PRICE#TRADE_ID of each trade, with commas; "
        "#TRADE_ID can be left out, but only with it is the trade known again.",
        command_line_only=True,
    ),
    Option(
        name="note",
        read=str,
        default="",
        metavar="TEXT",
        help="How you know. It stays in the order's history.",
        command_line_only=True,
    ),
    *PLACE_OPTIONS,
)
RELEASE_OPTIONS: Final = (
    Option(
        name="order",
        read=order_id_of,
        metavar="ORDER",
        help="The order's id.",
        required=True,
        is_argument=True,
        command_line_only=True,
    ),
    *PLACE_OPTIONS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSettings(ServiceLocation):
    """A child order of a running service, and how it was executed."""

    child: str
    quantity: str | None
    average_price: str | None
    fills: tuple[dict[str, Any], ...] | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings(ServiceLocation):
    """An order of a running service that is to be released."""

    order: str


def read_settle_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> SettleSettings:
    """Read the statement, and where the service is.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    settings = SettleSettings(**read_with_place(SETTLE_OPTIONS, command_line, environ))
    if not settings.note.strip():
        raise ConfigurationError("--note: must say how you know")
    if settings.fills is None and settings.quantity is None:
        raise ConfigurationError("--quantity: is missing; 0 when nothing was executed")
    return settings


def read_release_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> ReleaseSettings:
    """Read which order, and where the service is.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return ReleaseSettings(**read_with_place(RELEASE_OPTIONS, command_line, environ))
