"""What a venue answers about child orders, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.orders.child_order import ChildResult, VenueFill
from domain.values import ChildId, Side, Symbol


class PauseReason(StrEnum):
    """Why no child order may leave for now."""

    HALTED = "HALTED"
    """An operator said so; only an operator ends it."""

    TAKING_OVER = "TAKING_OVER"
    """The service that had the database before us may not have ended yet."""

    RATE_LIMITED = "RATE_LIMITED"
    """The venue limits or bans us: it wants no request at all."""

    LIMIT_NEAR = "LIMIT_NEAR"
    """The venue would limit us with the next order; questions may still be asked."""

    KEYS_REJECTED = "KEYS_REJECTED"
    """The venue does not accept our keys, or does not let them trade."""

    VENUE_BLOCKED = "VENUE_BLOCKED"
    """A firewall in front of the venue turns us away."""

    VENUE_UNAVAILABLE = "VENUE_UNAVAILABLE"
    """The venue takes no orders now, or cannot be reached."""

    CLOCK_SKEWED = "CLOCK_SKEWED"
    """The venue refuses our timestamps although the clock was just measured."""

    SYMBOL_NOT_TRADING = "SYMBOL_NOT_TRADING"
    """The venue has halted the symbol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingPause:
    """Child orders may not leave."""

    reason: PauseReason
    detail: str
    """One sentence for the operator, with the venue's own words."""

    duration: timedelta | None = None
    """None: until a probe, or an operator, finds that it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitBan:
    """A venue wants no requests at all for some time."""

    venue: str
    """Where that is, as its adapter names it."""

    until: datetime
    """Aware UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAnswer:
    """What is known of one child order after one call."""

    result: ChildResult | None = None
    """The final answer; None while it is unknown what became, or becomes, of it."""

    is_absent: bool = False
    """With no result: the venue says that there is no such order. For a while after it
    was sent, that proves nothing."""

    is_contradiction: bool = False
    """With no result: what the venue says cannot be true of the child."""

    detail: str = ""
    """With no result: one sentence, what happened."""

    pause: TradingPause | None = None
    """What the call taught about all orders, or, for SYMBOL_NOT_TRADING, about those
    of the child's symbol."""

    written_ns: int = field(default=0, compare=False)
    """Monotonic: when the request began to leave; 0 when none did, or nobody looked.
    A figure for the operator; nothing follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the account holds of one asset."""

    free: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account at the venue, as of one moment."""

    can_trade: bool
    balances: Mapping[str, Balance]
    """By asset; what is not in here is zero."""

    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionReport:
    """What the venue says, unasked, about one order of the account.

    The order may be somebody else's. A report may come twice, late or never; trade ids
    tell one execution from another.
    """

    child_id: ChildId
    """The id under which the order was placed, also when it was cancelled."""

    symbol: Symbol
    side: Side
    venue_order_id: int
    execution_type: str
    """What has happened, in the venue's word, such as ``TRADE``."""

    status: str
    """What the order is now, in the venue's word, such as ``FILLED``."""

    trade: VenueFill | None
    """The execution, when that is what has happened."""

    cumulative_quantity: Decimal
    """What was executed of the order so far, in base."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesChanged:
    """What the account now holds of the assets that have changed."""

    balances: Mapping[str, Balance]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTrade:
    """One execution on the account, as the venue's list of trades has it."""

    symbol: Symbol
    side: Side
    venue_order_id: int
    child_id: ChildId | None
    """None when the order is not one of ours."""

    trade: VenueFill


Since = datetime | timedelta
"""A moment of the venue's clock; or, where none is known, how long ago."""


def moment_of(since: Since, now: datetime) -> datetime:
    """Return the moment, on the clock that says ``now``."""
    return now - since if isinstance(since, timedelta) else since


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueActivity:
    """What the venue has recorded of the account in one symbol.

    The times are the venue's, as those of its trades are: our clock may be wrong.
    """

    symbol: Symbol
    since: datetime
    until: datetime
    """Between these no trade is missing, but for what the venue has not listed yet."""

    as_of: datetime
    """When it was asked. After ``until`` when there was more than could be read."""

    trades: tuple[VenueTrade, ...]
    open_children: tuple[ChildId, ...]
    """Children of ours that rest in its book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStreamConnected:
    """From now on the venue reports; what happened before must be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStreamLost:
    """The venue does not report for now; it will be connected to again."""

    cause: str


UserStreamMessage = (
    ExecutionReport | BalancesChanged | UserStreamConnected | UserStreamLost
)
