"""A manager's state, for inspection."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from domain.values import OrderId, Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerSnapshot:
    """What a manager knows of the open orders between two messages."""

    on_hold: AbstractSet[OrderId]
    open_notional: Mapping[Symbol, Decimal]
    """In quote; a missing symbol has nothing open."""

    reserved: Mapping[OrderId, Decimal]
    """The notional, in quote, at which orders being amended count."""
