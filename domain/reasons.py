"""Reason codes: why an order ended, why a request was refused, why nothing trades."""

from enum import StrEnum


class EndReason(StrEnum):
    """Why an order ended."""

    COMPLETED = "COMPLETED"
    """All of its quantity was filled."""

    CANCELED_BY_CLIENT = "CANCELED_BY_CLIENT"
    CANCELED_AT_STOP = "CANCELED_AT_STOP"
    EXPIRED_AT_TIME = "EXPIRED_AT_TIME"
    """A GTD order reached its ``expires_at``."""

    IOC_REMAINDER = "IOC_REMAINDER"
    """What an IOC order could not fill at once."""

    FOK_NOT_FILLABLE = "FOK_NOT_FILLABLE"
    """A FOK order found too little on arrival; nothing was sold or bought."""

    BOOK_UNUSABLE = "BOOK_UNUSABLE"
    """An IOC or FOK order arrived while the book was not in step with the venue."""

    REMAINDER_BELOW_MINIMUM = "REMAINDER_BELOW_MINIMUM"
    """What is left is too small for the venue's filters."""

    TRADING_PAUSED = "TRADING_PAUSED"
    """An IOC or FOK order arrived while no child order may leave."""

    REFUSED_FOR_NOW = "REFUSED_FOR_NOW"
    """The venue, or a limit of the operator's, refused the only child of an IOC or FOK
    order, which cannot wait; the history has the venue's or the limit's words."""

    REJECTED_BY_VENUE = "REJECTED_BY_VENUE"
    """The venue will accept no child of the order; the history has its words."""


class WaitReason(StrEnum):
    """Why an open order does less than it could."""

    CHILD_UNKNOWN = "CHILD_UNKNOWN"
    """The venue has not said yet what became of the child order in flight."""

    CHILD_REFUSED = "CHILD_REFUSED"
    """The venue refused the last child; the next one waits for a while."""

    PAUSED = "PAUSED"
    """A client or an operator has paused it; it waits until it is resumed."""

    ON_HOLD = "ON_HOLD"
    """Something the venue or the disk says cannot be true, and a person has to look at
    it; a release or an amendment lets the order go on."""


class RefusalCode(StrEnum):
    """Why a request was refused; stable, part of the HTTP interface."""

    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    SYMBOL_NOT_TRADING = "SYMBOL_NOT_TRADING"
    PRICE_OFF_TICK = "PRICE_OFF_TICK"
    PRICE_BELOW_MINIMUM = "PRICE_BELOW_MINIMUM"
    PRICE_ABOVE_MAXIMUM = "PRICE_ABOVE_MAXIMUM"
    QUANTITY_OFF_LOT = "QUANTITY_OFF_LOT"
    QUANTITY_BELOW_MINIMUM = "QUANTITY_BELOW_MINIMUM"
    QUANTITY_ABOVE_MAXIMUM = "QUANTITY_ABOVE_MAXIMUM"
    QUANTITY_NOT_ABOVE_FILLED = "QUANTITY_NOT_ABOVE_FILLED"
    NOTIONAL_BELOW_MINIMUM = "NOTIONAL_BELOW_MINIMUM"
    NOTIONAL_ABOVE_MAXIMUM = "NOTIONAL_ABOVE_MAXIMUM"
    ORDER_NOTIONAL_ABOVE_LIMIT = "ORDER_NOTIONAL_ABOVE_LIMIT"
    """This and the following are the operator's own limits."""

    CHILD_NOTIONAL_ABOVE_LIMIT = "CHILD_NOTIONAL_ABOVE_LIMIT"
    OPEN_NOTIONAL_ABOVE_LIMIT = "OPEN_NOTIONAL_ABOVE_LIMIT"
    PRICE_OUTSIDE_COLLAR = "PRICE_OUTSIDE_COLLAR"
    CHILD_RATE_ABOVE_LIMIT = "CHILD_RATE_ABOVE_LIMIT"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    EXPIRES_AT_MISSING = "EXPIRES_AT_MISSING"
    EXPIRES_AT_UNEXPECTED = "EXPIRES_AT_UNEXPECTED"
    EXPIRES_AT_IN_THE_PAST = "EXPIRES_AT_IN_THE_PAST"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    CLIENT_ORDER_ID_REUSED = "CLIENT_ORDER_ID_REUSED"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    ORDER_ENDED = "ORDER_ENDED"
    UNKNOWN_CHILD = "UNKNOWN_CHILD"
    CHILD_IN_FLIGHT = "CHILD_IN_FLIGHT"
    """The venue's answer is still awaited, so a person cannot state the outcome."""

    CHILD_SETTLED = "CHILD_SETTLED"
    """It has ended, with another outcome than stated."""

    TRADE_BOOKED = "TRADE_BOOKED"
    """The stated trade is already booked for another child."""

    CHILD_NOT_SETTLED = "CHILD_NOT_SETTLED"
    """An operator has to settle it before anything else can be done."""

    ORDER_NEVER_WAITS = "ORDER_NEVER_WAITS"
    """An IOC or FOK order cannot be paused."""

    ORDER_NOT_WORKED = "ORDER_NOT_WORKED"
    """Its symbol is not traded by this run of the service."""

    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    ORDER_UNREADABLE = "ORDER_UNREADABLE"
    """The order's records on disk are unreadable; a person has to repair them."""

    RESUME_NOT_ON_DISK = "RESUME_NOT_ON_DISK"
    """Trading stays halted until the resume is on disk; it is not forgotten."""

    STOPPING = "STOPPING"
    TIMEOUT = "TIMEOUT"


class BookState(StrEnum):
    """Whether a symbol's book may be traded on, and why not."""

    SYNCED = "SYNCED"
    CONNECTING = "CONNECTING"
    """No stream yet."""

    SYNCING = "SYNCING"
    """Waiting for a snapshot that fits the stream."""

    GAP = "GAP"
    """An event was missed; a new snapshot is on its way."""

    CROSSED = "CROSSED"
    """Best bid at or above best ask: the book was wrong and is being rebuilt."""

    STALE = "STALE"
    """The book is old: the stream is silent although the venue's book moved, or its
    updates come late, or the process stood still."""

    RESTARTING = "RESTARTING"
    """The symbol's actors are being started."""

    DEGRADED = "DEGRADED"
    """The symbol's actors failed too often and are resting."""
