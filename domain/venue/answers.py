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
    """An operator halted trading; only an operator resumes it."""

    TAKING_OVER = "TAKING_OVER"
    """The service that owned the database before us may still be running."""

    RATE_LIMITED = "RATE_LIMITED"
    """The venue limits or bans us: it wants no requests at all."""

    LIMIT_NEAR = "LIMIT_NEAR"
    """The next order would break one of the venue's limits; queries may still go."""

    KEYS_REJECTED = "KEYS_REJECTED"
    """The venue does not accept our keys, or does not let them trade."""

    VENUE_BLOCKED = "VENUE_BLOCKED"
    """A firewall in front of the venue rejects us."""

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
    """None: until a probe finds, or an operator says, that it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitBan:
    """A venue wants no requests at all for some time."""

    venue: str
    """Its address, as ``VenueConnection.address`` has it."""

    until: datetime
    """Aware UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAnswer:
    """What is known of one child order after one call."""

    result: ChildResult | None = None
    """The final answer; None while the outcome is unknown."""

    is_absent: bool = False
    """Without a result: the venue says that there is no such order. For a while after
    it was sent, that proves nothing."""

    is_contradiction: bool = False
    """Without a result: what the venue says cannot be true of the child."""

    detail: str = ""
    """Without a result: what happened, in one sentence."""

    pause: TradingPause | None = None
    """What the call revealed about all orders or, for SYMBOL_NOT_TRADING, about those
    of the child's symbol."""

    written_ns: int = field(default=0, compare=False)
    """Monotonic time at which the request began to leave; 0 if none did, or if it was
    not measured. For the operator's metrics only."""


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
    """By asset; an asset that is missing has a balance of zero."""

    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionReport:
    """What the venue reports, unasked, about one order of the account.

    The order need not be ours. A report may come twice, late or never; trade ids tell
    one execution from another. It settles nothing: the child and the trade decide
    whether the venue is asked, the rest is for the log.
    """

    child_id: ChildId
    """The id under which the order was placed, even if this reports a cancel."""

    symbol: Symbol
    side: Side
    execution_type: str
    """What happened, in the venue's word, such as ``TRADE``."""

    status: str
    """The order's status now, in the venue's word, such as ``FILLED``."""

    trade: VenueFill | None
    """The execution, if that is what happened."""

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
    child_id: ChildId | None
    """None if the order is not one of ours."""

    trade: VenueFill


Since = datetime | timedelta
"""A time by the venue's clock or, if none is known, how long ago."""


def moment_of(since: Since, now: datetime) -> datetime:
    """Return the time, by the clock that says ``now``."""
    return now - since if isinstance(since, timedelta) else since


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueActivity:
    """What the venue has recorded of the account in one symbol.

    The times are the venue's, as those of its trades are: our clock may be wrong.
    """

    symbol: Symbol
    since: datetime
    until: datetime
    """No trade in between is missing, except what the venue has not listed yet."""

    as_of: datetime
    """When it was asked. After ``until`` if there was more than could be read."""

    trades: tuple[VenueTrade, ...]
    open_children: tuple[ChildId, ...]
    """Children of ours that rest in its book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStreamConnected:
    """From now on the venue reports; what happened before has to be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStreamLost:
    """The venue does not report for now; the stream is being connected again."""

    cause: str


UserStreamMessage = (
    ExecutionReport | BalancesChanged | UserStreamConnected | UserStreamLost
)
