"""What an operator says: about the halt switch, and of what became of a child order."""

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from adapters.api.amounts import NonNegativeAmount, PositiveAmount
from adapters.api.request_fields import Instant, Line, TradeId


class Reason(Line):
    """Why an operator does something."""

    LENGTH_MAX = 200


class Note(Line):
    """How an operator knows what became of a child; it stays in the order's history."""

    LENGTH_MAX = 500
    MISSING: ClassVar[str] = "must say how you know"


class AssetName(Line):
    """An asset, such as ``USDT``."""

    LENGTH_MAX = 20


class HaltRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the halt switch is thrown."""

    reason: Reason | None = None
    """Is kept with the setting of the switch."""


class StatedFillRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One execution, as the venue's own records show it."""

    price: PositiveAmount
    quantity: PositiveAmount
    trade_id: TradeId | None = None
    """The venue's. Name it if you can: then the trade is booked once."""

    fee: NonNegativeAmount | UnsetType = UNSET
    fee_asset: AssetName | None = None
    executed_at: Instant | None = None


class SettleByFillsRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What became of a child order, trade by trade."""

    note: Note
    """How you know."""

    fills: list[StatedFillRequest]
    """At least one, each `trade_id` once."""


class SettleBySumRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a child order, in one sum."""

    note: Note
    """How you know."""

    quantity: NonNegativeAmount
    """All that was executed; "0" says that nothing was."""

    average_price: PositiveAmount | UnsetType = UNSET
    """Required unless the quantity is 0."""
