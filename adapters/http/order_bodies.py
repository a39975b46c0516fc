"""Turns JSON members into commands. All faults of a request are reported at once."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from adapters.api.problems import FieldFault
from adapters.http.problems import Code, impossible, shortened, shown
from adapters.http.request_reading import NumberText
from domain.errors import InvalidAmountError
from domain.orders.commands import AmendOrder, PlaceOrder
from domain.orders.order import Order
from domain.values import ZERO, Side, Symbol, TimeInForce, parse_amount


SYMBOL_LENGTH_MAX: Final = 64
"""Far above the venue's longest; the manager checks which symbols there are."""

REASON_LENGTH_MAX: Final = 200
"""Of an operator's reason, which is one line."""

UNKNOWN_FIELDS_NAMED_MAX: Final = 20
"""Keeps the answer to a body full of unknown fields short."""

_SIDES: Final[Mapping[object, Side]] = {side.value: side for side in Side}
_TIMES_IN_FORCE: Final[Mapping[object, TimeInForce]] = {
    time_in_force.value: time_in_force for time_in_force in TimeInForce
}

_ORDER_FIELDS: Final = frozenset(
    {
        "symbol",
        "side",
        "quantity",
        "price",
        "time_in_force",
        "expires_at",
        "client_order_id",
    }
)
_SELL_FIELDS: Final = frozenset({"symbol", "price", "quantity"})
_AMEND_FIELDS: Final = frozenset({"price", "quantity"})
_HALT_FIELDS: Final = frozenset({"reason"})
_CLIENT_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
_ZERO_TEXT: Final = re.compile(r"0{1,16}(\.0{1,12})?", re.ASCII)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)",
    re.ASCII | re.IGNORECASE,
)

E = TypeVar("E", bound=StrEnum)


def read_place_order(members: dict[str, object], key: str | None) -> PlaceOrder:
    """Read the body of ``POST /api/v1/orders``.

    Args:
        members: the body.
        key: the request's idempotency key.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    fields = Fields(members, known=_ORDER_FIELDS)
    symbol = fields.symbol()
    side = fields.choice("side", _SIDES) or Side.SELL
    quantity = fields.amount("quantity")
    price = fields.amount("price")
    time_in_force = fields.choice("time_in_force", _TIMES_IN_FORCE, TimeInForce.GTC)
    expires_at = fields.time("expires_at")
    client_order_id = fields.client_order_id()
    fields.finish()
    return PlaceOrder(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=price,
        time_in_force=time_in_force or TimeInForce.GTC,
        expires_at=expires_at,
        client_order_id=client_order_id,
        idempotency_key=key,
    )


def read_sell_order(members: dict[str, object], key: str | None) -> PlaceOrder:
    """Read the body of ``POST /SellOrder``: a sell order, good till cancelled.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    fields = Fields(members, known=_SELL_FIELDS)
    symbol = fields.symbol()
    price = fields.amount("price")
    quantity = fields.amount("quantity")
    fields.finish()
    return PlaceOrder(
        symbol=symbol,
        side=Side.SELL,
        quantity=quantity,
        price=price,
        idempotency_key=key,
    )


def read_amend_order(members: dict[str, object], order: Order) -> AmendOrder:
    """Read the body of ``PATCH /api/v1/orders/{id}``.

    Raises:
        ProblemError: 422 naming every field that is wrong or unknown, or both fields
            when neither is given.
    """
    fields = Fields(members, known=_AMEND_FIELDS)
    given = _AMEND_FIELDS & members.keys()
    price = fields.amount("price") if "price" in given else None
    quantity = fields.amount("quantity") if "quantity" in given else None
    if not given:
        fields.blame("price", Code.FIELD_MISSING, "price or quantity must be given")
    fields.finish()
    return AmendOrder(
        order_id=order.order_id, symbol=order.symbol, price=price, quantity=quantity
    )


def read_halt(members: dict[str, object]) -> str:
    """Read the body of ``POST /api/v1/halt`` or ``resume``; return the reason given.

    Raises:
        ProblemError: 422 naming every field that is wrong or unknown.
    """
    fields = Fields(members, known=_HALT_FIELDS)
    reason = fields.words("reason", at_most=REASON_LENGTH_MAX)
    fields.finish()
    return reason


class Fields:
    """The members of a body, read one by one.

    A reading method that meets a fault keeps it and returns a stand-in, so that a
    client learns of all faults at once; ``finish`` raises them.
    """

    def __init__(self, members: dict[str, object], *, known: frozenset[str]) -> None:
        self._members = members
        self._faults: list[FieldFault] = []
        unknown = [name for name in members if name not in known]
        for name in unknown[:UNKNOWN_FIELDS_NAMED_MAX]:
            words = f"unknown field {shown(name)}"
            self.blame(shortened(name), Code.FIELD_UNKNOWN, words)

    def blame(self, name: str, code: str, detail: str) -> None:
        """Keep a fault."""
        self._faults.append(FieldFault(field=name, code=code, detail=detail))

    def is_blamed(self, name: str) -> bool:
        """Whether a field has a fault, so that its value is a stand-in."""
        return any(fault.field == name for fault in self._faults)

    def finish(self) -> None:
        """Raise the faults, if there are any."""
        if self._faults:
            raise impossible(self._faults)

    def symbol(self) -> Symbol:
        """Read ``symbol``; the manager checks whether it is supported."""
        value = self._required("symbol")
        if value is None:
            return Symbol("")
        if isinstance(value, NumberText) or not isinstance(value, str):
            self.invalid("symbol", "must be a string such as 'BNBUSDT'")
            return Symbol("")
        if not 1 <= len(value) <= SYMBOL_LENGTH_MAX:
            self.invalid("symbol", f"must have 1 to {SYMBOL_LENGTH_MAX} characters")
        return Symbol(value)

    def amount(self, name: str, *, may_be_zero: bool = False) -> Decimal:
        """Read a price or quantity: a JSON string or number in plain digits."""
        value = self._required(name)
        if may_be_zero and isinstance(value, str) and _ZERO_TEXT.fullmatch(value):
            return ZERO
        if value is None:
            return ZERO
        if not isinstance(value, str):
            self.invalid(name, "must be a decimal number or a string holding one")
            return ZERO
        try:
            return parse_amount(value)
        except InvalidAmountError as error:
            self.invalid(name, f"{shown(error.text)} {error.problem}")
            return ZERO

    def choice(
        self, name: str, words: Mapping[object, E], default: E | None = None
    ) -> E | None:
        """Read one of ``words``; None only after a fault."""
        if default is not None and self._members.get(name) is None:
            return default
        value = self._required(name)
        if value is None:
            return None
        chosen = words.get(value) if isinstance(value, str) else None
        if chosen is None:
            self.invalid(name, f"must be one of {', '.join(words.values())}")
        return chosen

    def time(self, name: str) -> datetime | None:
        """Read an optional time; None also after a fault."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, str) and _RFC_3339.fullmatch(value) is not None:
            try:
                return datetime.fromisoformat(value.upper()).astimezone(UTC)
            except (ValueError, OverflowError):
                pass  # such as the 31st of February; refused below
        self.invalid(name, "must be an RFC 3339 time such as 2031-05-01T12:00:00Z")
        return None

    def words(self, name: str, *, at_most: int) -> str:
        """Read an optional line of text; empty when there is none."""
        value = self._members.get(name)
        if value is None:
            return ""
        is_text = isinstance(value, str) and not isinstance(value, NumberText)
        text = str(value)
        if not is_text or len(text) > at_most or not text.isprintable():
            self.invalid(name, f"must be one line of at most {at_most} characters")
        return text

    def client_order_id(self) -> str | None:
        """Read the client's own id of the order; None also after a fault."""
        value = self._members.get("client_order_id")
        if value is None:
            return None
        is_text = isinstance(value, str) and not isinstance(value, NumberText)
        if is_text and _CLIENT_ORDER_ID.fullmatch(str(value)) is not None:
            return str(value)
        self.invalid(
            "client_order_id", "must be a string of 1 to 36 of A-Z a-z 0-9 - _"
        )
        return None

    def _required(self, name: str) -> object:
        """Return the member; None after a fault; null is one, too."""
        value = self._members.get(name)
        if value is None:
            words = "must not be null" if name in self._members else "is missing"
            self.blame(name, Code.FIELD_MISSING, f"{name} {words}")
        return value

    def invalid(self, name: str, words: str) -> None:
        """Keep a fault of a field that cannot be read."""
        self.blame(name, Code.FIELD_INVALID, f"{name} {words}")
