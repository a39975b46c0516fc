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
    """The executor's, who can revoke it at once, and the gateway's."""


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
    """Gateway to executor: the venue has not said; the answer follows in time."""

    child_id: ChildId
    problem: str
    """One sentence, what happened."""

    is_contradiction: bool = False
    """What the venue says cannot be true of the child, however often it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallChild:
    """Executor to gateway: if the child has not left, it may not leave any more."""

    child_id: ChildId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetChild:
    """Executor to gateway: the answer is on disk, nobody will ask again."""

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
    """Reconciler to gateway to worker: read what the venue has recorded."""

    symbol: Symbol
    since: Since
    reply_to: AnyRecipient


VenueCall = PlaceCall | LookUpCall | ProbeCall | AccountCall | ActivityCall


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerBarrier:
    """Gateway to worker: answer when all is done that my predecessor gave you."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReady:
    """Worker to gateway, the answer to its barrier."""

    worker: str
    call: WorkerBarrier


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCalled:
    """Worker to gateway: what a call about a child taught."""

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
    """Gateway to the keeper of rules: the venue refused a child; read them soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """Keeper of rules to gateway and router: these hold from now on."""

    rules: SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHalt:
    """Desk to gateway: throw the halt switch; answered with a ``HaltSet``."""

    is_on: bool
    reason: str
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHalt:
    """Desk to gateway, answered as ``SetHalt``."""

    reply_to: AnyRecipient
