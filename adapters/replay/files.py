"""The files of a replay: orders in, frames in, the result out."""

import json
import logging
import math
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.replay.recordings import Recording, RecordingError
from domain.errors import ConfigurationError, InvalidAmountError, MalformedMessageError
from domain.market.updates import BookView, DepthSnapshot
from domain.orders.commands import PlaceOrder
from domain.orders.order import OrderStatus
from domain.pages import every_entry
from domain.ports.queries import OrderQueries
from domain.ports.wire_format import WireFormat
from domain.replay import ReplayFrame, ReplayOrder, ReplayOutcome
from domain.values import (
    OrderId,
    Side,
    Symbol,
    TimeInForce,
    format_amount,
    parse_amount,
)
from domain.venue.symbol_rules import SymbolRules


logger = logging.getLogger(__name__)

_NANOSECONDS: Final = 1_000_000_000
_SECONDS: Final = re.compile(
    r"[0-9]{1,9}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII
)
_SECONDS_MAX: Final = 10**9
_REQUIRED: Final = frozenset({"id", "side", "price", "quantity"})
_OPTIONAL: Final = frozenset({"at", "time_in_force"})
_REPLAYED: Final = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
"""An order of ``ORDERS.json`` has no ``expires_at``, so GTD is not among them."""


class ReplayInput:
    """A recording, opened for one symbol."""

    def __init__(self, session: Path, symbol: Symbol, wire: WireFormat) -> None:
        """Open a recording.

        Args:
            session: the recording's folder.
            symbol: whose updates are wanted.
            wire: reads the recorded messages.

        Raises:
            ConfigurationError: when there is no such recording.
        """
        self._symbol = symbol
        self._wire = wire
        try:
            self._recording = Recording(session)
        except RecordingError as error:
            raise ConfigurationError(str(error)) from error

    def snapshot(self) -> DepthSnapshot | None:
        """Return the recorded snapshot of the symbol, if there is one.

        Raises:
            ConfigurationError: when it cannot be read.
        """
        try:
            body = self._recording.snapshot(self._symbol)
            if body is None:
                logger.warning("No snapshot, so no book symbol=%s", self._symbol)
                return None
            return self._wire.read_snapshot(self._symbol, body)
        except (RecordingError, MalformedMessageError) as error:
            raise ConfigurationError(f"snapshot: {error}") from error

    def frames(self) -> Iterator[ReplayFrame]:
        """Yield every recorded frame; without content if it is not a depth update.

        Raises:
            ConfigurationError: when a line or a frame cannot be read.
        """
        is_in_there = False
        try:
            for received_ns, frame in self._recording.frames():
                update = self._wire.read_update(frame)
                if update is not None and update.symbol != self._symbol:
                    update = None
                is_in_there = is_in_there or update is not None
                yield ReplayFrame(received_ns=received_ns, message=update)
        except (RecordingError, MalformedMessageError) as error:
            raise ConfigurationError(str(error)) from error
        if not is_in_there:
            raise ConfigurationError(f"no depth updates of {self._symbol} in there")


def read_orders(path: Path, symbol: Symbol) -> list[ReplayOrder]:
    """Read ``ORDERS.json``.

    Raises:
        ConfigurationError: saying which order and field cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
        entries = json.loads(text, parse_float=str, parse_int=str)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"cannot read orders from {path}: {error}") from error
    if not isinstance(entries, list):
        raise ConfigurationError(f"{path}: expected a list of orders")
    orders = [
        _read_order(entry, symbol, f"{path}: order {number}")
        for number, entry in enumerate(entries, start=1)
    ]
    if len({order.order_id for order in orders}) < len(orders):
        raise ConfigurationError(f"{path}: two orders have the same id")
    return orders


def read_rules(path: Path | None, symbol: Symbol, wire: WireFormat) -> SymbolRules:
    """Read the symbol's rules; without a file there are none.

    Raises:
        ConfigurationError: when the file cannot be read, or lacks the symbol.
    """
    if path is None:
        return SymbolRules(symbol=symbol)
    try:
        rules = wire.read_rules(path.read_bytes())
    except (OSError, MalformedMessageError) as error:
        raise ConfigurationError(f"cannot read rules from {path}: {error}") from error
    if symbol not in rules:
        raise ConfigurationError(f"{path} has no rules for {symbol}")
    return rules[symbol]


def result_text(
    outcome: ReplayOutcome, orders: list[ReplayOrder], queries: OrderQueries
) -> str:
    """Write ``RESULT.json``: the same bytes for the same outcome."""
    result = {
        "frames": outcome.frames,
        "book": _book(outcome.book),
        "orders": [_order(order, outcome, queries) for order in orders],
    }
    return json.dumps(result, indent=2) + "\n"


def write_result(text: str, path: Path | None) -> None:
    """Write the result to a file, or to stdout.

    Raises:
        ConfigurationError: when the file cannot be written.
    """
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error}") from error


def _read_order(entry: Any, symbol: Symbol, where: str) -> ReplayOrder:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{where}: expected an object")
    missing = _REQUIRED - entry.keys()
    unknown = entry.keys() - _REQUIRED - _OPTIONAL
    if missing or unknown:
        problem = "missing" if missing else "unknown"
        named = ", ".join(sorted(missing or unknown))
        raise ConfigurationError(f"{where}: {problem} {named}")
    try:
        command = PlaceOrder(
            symbol=symbol,
            side=Side(entry["side"]),
            quantity=parse_amount(str(entry["quantity"])),
            price=parse_amount(str(entry["price"])),
            time_in_force=TimeInForce(entry.get("time_in_force", TimeInForce.GTC)),
        )
        at_ns = _nanoseconds(str(entry.get("at", "0")))
    except (ValueError, InvalidAmountError) as error:
        raise ConfigurationError(f"{where}: {error}") from error
    if command.time_in_force not in _REPLAYED:
        raise ConfigurationError(f"{where}: time_in_force GTD cannot be replayed")
    order_id = OrderId(str(entry["id"]))
    return ReplayOrder(order_id=order_id, command=command, at_ns=at_ns)


def _nanoseconds(seconds: str) -> int:
    """Read a time after the first frame, rounded up so that it is never too early."""
    is_number = _SECONDS.fullmatch(seconds) is not None
    if not is_number or Decimal(seconds) > _SECONDS_MAX:
        raise ValueError(f"at is not a number of seconds from 0 on: {seconds[:40]!r}")
    return math.ceil(Fraction(Decimal(seconds)) * _NANOSECONDS)


def _book(book: BookView) -> dict[str, Any]:
    best_bid, best_ask = (
        [format(amount, "f") for amount in levels[0]] if levels else None
        for levels in (book.bids, book.asks)
    )
    return {"update_id": book.update_id, "best_bid": best_bid, "best_ask": best_ask}


def _order(
    order: ReplayOrder, outcome: ReplayOutcome, queries: OrderQueries
) -> dict[str, Any]:
    order_id = order.order_id
    found = queries.order(order_id)
    if found is None:
        refusal = outcome.refusals.get(order_id)
        # Without a refusal it was to arrive after the last frame, so it never did.
        status = OrderStatus.PENDING_NEW if refusal is None else OrderStatus.REJECTED
        return {
            "id": order_id,
            "status": status,
            **({} if refusal is None else {"reason": refusal.code}),
            "filled": "0",
            "remaining": format_amount(order.command.quantity),
            "fills": [],
        }
    return {
        "id": order_id,
        "status": found.status,
        "filled": format_amount(found.filled),
        "remaining": format_amount(found.remaining),
        "fills": [
            {
                "price": format_amount(fill.price),
                "quantity": format_amount(fill.quantity),
                "update_id": fill.update_id,
            }
            for fill in every_entry(partial(queries.fill_page, order_id))
        ],
    }
