"""How a manager stands, for whoever inspects it."""

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
    """In quote; a symbol that is missing has nothing open."""

    reserved: Mapping[OrderId, Decimal]
    """As how much those orders count whose amendment is on its way, in quote."""
