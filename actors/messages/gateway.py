"""To the gateway and back: child orders, their answers, and whether any may leave."""

from dataclasses import dataclass, field
from datetime import datetime

from actors.gateway.permits import ChildPermit
from actors.runtime.addresses import AnyRecipient
from domain.orders.child_order import ChildOrder, ChildResult
from domain.values import ChildId, Symbol
from domain.venue.answers import (
    Account,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
)
from domain.venue.symbol_rules import SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitChild:
    """Executor to gateway: send this child; its intent is on disk."""

    child: ChildOrder
    reply_to: AnyRecipient
    received_ns: int
    permit: ChildPermit = field(compare=False)
    """Shared by the executor, which can revoke it at once, and the gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryChild:
    """Executor to gateway: what became of this child?"""

    child: ChildOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildAnswered:
    """Gateway to executor: the final answer on a child."""

    result: ChildResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildUnknown:
    """Gateway to executor: the outcome is unknown; the answer follows later."""

    child_id: ChildId
    problem: str
    """What went wrong, in one sentence."""

    is_contradiction: bool = False
    """Whether the venue's answer cannot be true; asking again does not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallChild:
    """Executor to gateway: if the child has not left, it must not leave any more."""

    child_id: ChildId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetChild:
    """Executor to gateway: the answer is on disk, and not needed again."""

    child_id: ChildId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall:
    """Gateway to worker: send this child."""

    child: ChildOrder
    received_ns: int
    """When the frame that caused it came in; 0 when no frame did."""

    permit: ChildPermit = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpCall:
    """Gateway to worker: ask what became of this child."""

    child: ChildOrder
    since: datetime
    thoroughly: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCall:
    """Gateway to worker: find out whether orders could be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCall:
    """Gateway to worker: read the balances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCall:
    """Reconciler to gateway to worker: read the venue's records."""

    symbol: Symbol
    since: Since
    reply_to: AnyRecipient


VenueCall = PlaceCall | LookUpCall | ProbeCall | AccountCall | ActivityCall


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerBarrier:
    """Gateway to worker: answer once you have done my predecessor's calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReady:
    """Worker to gateway, the answer to its barrier."""

    worker: str
    call: WorkerBarrier


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCalled:
    """Worker to gateway: the outcome of a call about a child."""

    worker: str
    """The worker's name."""

    call: PlaceCall | LookUpCall
    answer: VenueAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueProbed:
    """Worker to gateway: why no order could be sent; None when it could."""

    worker: str
    call: ProbeCall
    pause: TradingPause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """Worker to gateway: the balances; None when they could not be read."""

    worker: str
    call: AccountCall
    account: Account | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRead:
    """Worker to gateway to reconciler: the records; None when they were not read."""

    worker: str
    call: ActivityCall
    activity: VenueActivity | None


CallMade = VenueCalled | VenueProbed | AccountRead | ActivityRead


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKnown:
    """Gateway to manager: what the account holds."""

    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class GetChild:
    """Desk to gateway: what is known of this child?

    Answered with a ``ChildSnapshot``, or None if it is not known.
    """

    child_id: ChildId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTradingState:
    """Router to gateway: may child orders of this symbol leave?"""

    symbol: Symbol
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingState:
    """Gateway to router: why no child order may leave; None when it may.

    Sent when it changes, and to a router that asks.
    """

    pause: TradingPause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRules:
    """To the rules keeper: the venue refused a child; read the rules soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """Rules keeper to gateway and router: these rules are in force from now on."""

    rules: SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHalt:
    """Desk to gateway: set the halt switch; answered with a ``HaltSet``."""

    is_on: bool
    reason: str
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHalt:
    """Desk to gateway: the setting of the halt switch; answered as ``SetHalt``."""

    reply_to: AnyRecipient
