"""What follows from an answer that is not a success: one table.

Source: Binance spot API documentation, errors and general information (2026-07-21),
and the venue's observed behaviour since. Codes are stable; texts decide where one code
stands for many things; the HTTP status decides where there is no code.

The rule behind every row: with money in flight, "not executed" is concluded only where
the venue's answer leaves no doubt. Only a 4xx with a code does that.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from adapters.binance.rest_replies import parse_error, words_of_refusal
from adapters.network.http_transport import HttpReply
from domain.orders.child_order import FollowUp
from domain.venue.answers import PauseReason


class Outcome(StrEnum):
    """What an error says about the request that it answers."""

    NOT_TAKEN = "NOT_TAKEN"
    """Certainly not executed, for a reason that has nothing to do with the order."""

    REJECTED = "REJECTED"
    """The venue refused this order; it was not executed."""

    UNKNOWN = "UNKNOWN"
    """It may have been executed, or may still be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What to do after an error."""

    outcome: Outcome
    follow_up: FollowUp = FollowUp.GO_ON
    pause: PauseReason | None = None
    pause_for: timedelta | None = None
    """None with RATE_LIMITED: as long as the venue says."""


_UNKNOWN: Final = Reaction(outcome=Outcome.UNKNOWN)
_WAIT: Final = Reaction(outcome=Outcome.REJECTED, follow_up=FollowUp.WAIT)
_RULES: Final = Reaction(outcome=Outcome.REJECTED, follow_up=FollowUp.WAIT_FOR_RULES)
"""The rules have changed since they were last read; the next child needs new ones."""

_END: Final = Reaction(outcome=Outcome.REJECTED, follow_up=FollowUp.END)
_LIMITED: Final = Reaction(outcome=Outcome.NOT_TAKEN, pause=PauseReason.RATE_LIMITED)
_SKEWED: Final = Reaction(outcome=Outcome.NOT_TAKEN, pause=PauseReason.CLOCK_SKEWED)
_KEYS: Final = Reaction(outcome=Outcome.REJECTED, pause=PauseReason.KEYS_REJECTED)
_BLOCKED: Final = Reaction(
    outcome=Outcome.UNKNOWN,
    pause=PauseReason.VENUE_BLOCKED,
    pause_for=timedelta(seconds=60),
)
_CLOSED: Final = Reaction(
    outcome=Outcome.REJECTED,
    pause=PauseReason.SYMBOL_NOT_TRADING,
    pause_for=timedelta(seconds=60),
)
"""Halted now, but perhaps open again in a minute."""

_NO_SYMBOL: Final = Reaction(
    outcome=Outcome.REJECTED,
    follow_up=FollowUp.END,
    pause=PauseReason.SYMBOL_NOT_TRADING,
)
_NO_TRADING: Final = Reaction(
    outcome=Outcome.NOT_TAKEN,
    pause=PauseReason.VENUE_UNAVAILABLE,
    pause_for=timedelta(seconds=30),
)
_NO_SERVICE: Final = Reaction(
    outcome=Outcome.REJECTED,
    pause=PauseReason.VENUE_UNAVAILABLE,
    pause_for=timedelta(minutes=10),
)
_WRONG_PLACE: Final = Reaction(
    outcome=Outcome.UNKNOWN,
    pause=PauseReason.VENUE_UNAVAILABLE,
    pause_for=timedelta(seconds=30),
)

ARCHIVED: Final = -2026
ABSENT: Final = -2013
BAD_TIMESTAMP: Final = -1021

BY_STATUS: Final[dict[int, Reaction]] = {
    403: _BLOCKED,  # the firewall, in HTML; says nothing about the order
    408: _UNKNOWN,  # the server that timed out may have passed the request on
    418: _LIMITED,
    429: _LIMITED,
    451: _BLOCKED,  # a restricted location: code 0, and words that matter
}
"""Statuses that decide by themselves, whatever the body says."""

BY_TEXT: Final[tuple[tuple[str, Reaction], ...]] = (
    ("Filter failure: PERCENT_PRICE", _WAIT),  # and _BY_SIDE; the average moves
    ("Filter failure: MAX_", _WAIT),  # orders or position of the account
    ("Filter failure: EXCHANGE_MAX_", _WAIT),
    ("Filter failure: PRICE_FILTER", _RULES),
    ("Filter failure: LOT_SIZE", _RULES),
    ("Filter failure: NOTIONAL", _RULES),
    ("Filter failure: MIN_NOTIONAL", _RULES),
    ("Filter failure: ", _END),
    ("insufficient balance", _WAIT),
    ("Duplicate order sent", _UNKNOWN),  # an open order has our id: it is ours
    ("Unknown order sent", _UNKNOWN),
    ("Market is closed", _CLOSED),
    ("trading is not enabled", _NO_TRADING),
    ("action is disabled on this account", _KEYS),
    ("account may not place or cancel orders", _KEYS),
    ("symbol is not permitted for this account", _NO_SYMBOL),
    ("symbol is restricted for this account", _NO_SYMBOL),
    ("Order book liquidity is less than", _WAIT),
    ("would immediately match and take", _END),
    ("would trigger immediately", _END),
    ("is zero or less", _END),
    ("IcebergQty exceeds QTY", _END),
    ("Unsupported order combination", _END),
    ("not supported for this symbol", _END),
)
"""By a part of the text, whatever the code: the same text came with several codes."""

_MALFORMED: Final = (
    *range(-1119, -1099),
    *(-1014, -1020, -1127, -1128, -1130, -1134, -1135, -1145, -2039),
)
"""Our request is wrong, and would be refused again."""

BY_CODE: Final[dict[int, Reaction]] = {
    **dict.fromkeys(_MALFORMED, _END),
    **dict.fromkeys((-1000, -1001, -1006, -1007, -1008), _UNKNOWN),
    **dict.fromkeys((-1003, -1015, -1034), _LIMITED),
    **dict.fromkeys((-1002, -1022, -2014, -2015), _KEYS),
    **dict.fromkeys((-1121, -1122, -1151), _NO_SYMBOL),
    **dict.fromkeys((-1220, -2016), _CLOSED),
    **dict.fromkeys((-2011, ABSENT, ARCHIVED), _UNKNOWN),  # no answers to a new order
    -1013: _END,
    -1016: _NO_SERVICE,
    -1112: _WAIT,
    BAD_TIMESTAMP: _SKEWED,
}

_CLIENT_ERRORS: Final = range(400, 500)
_NOT_FOUND: Final = 404


def reaction_to(reply: HttpReply) -> Reaction:
    """Say what follows from a reply that is not a success."""
    if reply.status in BY_STATUS:
        return BY_STATUS[reply.status]
    if reply.status not in _CLIENT_ERRORS:
        return _UNKNOWN
    code, text = parse_error(reply.body)
    if not code:
        # a gateway's error page, not the venue's answer
        return _WRONG_PLACE if reply.status == _NOT_FOUND else _UNKNOWN
    for words, reaction in BY_TEXT:
        if words in text:
            return reaction
    return BY_CODE.get(code, _WAIT)


def refusal_code_of(reply: HttpReply) -> int:
    """Return the code by which the venue itself refuses a request; 0 when it does not.

    Status and code must agree, because a proxy on the way may answer 503 with the text
    of some other answer.
    """
    if reply.status in BY_STATUS or reply.status not in _CLIENT_ERRORS:
        return 0
    return parse_error(reply.body)[0]


def words_of(reply: HttpReply) -> str:
    """Return the venue's answer in one line."""
    return words_of_refusal(reply.status, reply.body)
