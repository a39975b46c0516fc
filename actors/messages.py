"""Messages between actors that carry addresses, and the requests of the desk.

Plain observations and records live in ``domain``; what is here is plumbing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.commands import AmendOrder, CancelOrder, PlaceOrder
from domain.execution import ChildOrder, ChildResult, Slice
from domain.matching import WaitingOrder
from domain.ports import Recipient
from domain.reasons import BookState
from domain.records import OpenOrder, Record, RecordOutcome
from domain.values import OrderId, Side, Symbol


AnyRecipient = Recipient[Any]


# Listener and router


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Router to listener: so many more updates may be on their way."""

    updates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSuspect:
    """Router to listener: the book cannot be right; get in step again."""

    state: BookState
    detail: str


# Router and executor


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlist:
    """Executor to router: match this order, or let it wait.

    Replaces what the router knew of the order.
    """

    waiting: WaitingOrder
    ticket: int
    """Counts the executor's enlistments; comes back in the offer."""

    executor: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Router to executor: these slices are yours, and nobody else's."""

    order_id: OrderId
    ticket: int
    slices: tuple[Slice, ...]
    """Empty: an IOC or FOK order found nothing."""

    book_state: BookState
    received_ns: int
    """When the frame that caused the offer came in; 0 when no frame did."""

    epoch: int
    """Counts the router's books; slices of an earlier book cannot be given back."""

    router: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Executor to router: these slices were never sent; others may have them."""

    side: Side
    """Of the order they were meant for."""

    slices: tuple[Slice, ...]
    epoch: int
    """Of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Executor to router: offer this order nothing any more."""

    order_id: OrderId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Router to executor: no further offer is on its way."""

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterStarted:
    """Supervisor to executor: a router without orders is there; enlist."""

    symbol: Symbol


# Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """To the ledger: have this on disk, then answer ``Written``."""

    record: Record
    reply_to: AnyRecipient
    attempt: int = 1
    """Above 1: it may be on disk already, so that refusing it could be a lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Ledger's answer: on disk, or refused."""

    order_id: OrderId
    version: int
    outcome: RecordOutcome
    attempt: int
    """As asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOpenOrders:
    """To the ledger: the next page of open orders of a symbol."""

    recovery: str
    """Whose page it is, for whoever asked; comes back in the answer."""

    symbol: Symbol
    after_sequence: int
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrdersLoaded:
    """Ledger's answer: a page by ascending sequence; empty at the end."""

    recovery: str
    symbol: Symbol
    after_sequence: int
    """As asked."""

    orders: tuple[OpenOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOrder:
    """To the ledger: one open order."""

    order_id: OrderId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLoaded:
    """Ledger's answer; None when the order has ended."""

    order_id: OrderId
    open_order: OpenOrder | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLastSequence:
    """To the ledger: the highest sequence ever given."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSequenceLoaded:
    """Ledger's answer."""

    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLedgerStatus:
    """To the ledger: can you write?"""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStatus:
    """Ledger's answer: what is wrong, or None."""

    problem: str | None


# Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitChild:
    """Executor to gateway: send this child; its intent is on disk."""

    child: ChildOrder
    reply_to: AnyRecipient
    received_ns: int


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
class ForgetChild:
    """Executor to gateway: the answer is on disk, nobody will ask again."""

    child_id: str


# Manager, supervisors and the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Desk to manager. The same id may come twice; the order is made once."""

    order_id: OrderId
    command: PlaceOrder
    reply_to: AnyRecipient
    is_resent: bool = False
    """Whether an earlier manager may have taken it in already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Desk to manager to executor."""

    command: CancelOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendRequest:
    """Desk to manager to executor; the manager fills in ``sequence``."""

    command: AmendOrder
    reply_to: AnyRecipient
    sequence: int = 0
    """The place in line, should the amendment cost the order its old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartExecutor:
    """Manager to symbol supervisor: work this order, unless that is being done."""

    order_id: OrderId
    open_order: OpenOrder | None
    """None: the executor reads it from disk, because what we know may be old."""

    recovery: str | None = None
    """The recovery that read it; None for an order that was just taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolStarted:
    """Symbol supervisor to manager: send me the symbol's open orders."""

    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStarting:
    """Manager to symbol supervisor: open orders are about to be read.

    From now until RecoveryFinished, an order that ends must not be started again: what
    was read may be older than its end. What earlier recoveries read is not valid any
    more: another supervisor may have had the orders worked meanwhile.
    """

    recovery: str
    """Unique among all recoveries of all managers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFinished:
    """Manager to symbol supervisor: all open orders that were read have been sent."""

    recovery: str
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRecovery:
    """Edge to manager: answer ``Recovered`` when all open orders are worked again."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Manager's answer."""

    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBook:
    """Desk to router."""

    limit: int
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSymbolStatus:
    """Desk to router, answered with a ``domain.status.SymbolStatus``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIntake:
    """Root supervisor to manager: refuse new orders from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Stop without losing anything: settle what is in flight, then end."""

    cancel_orders: bool
    """Whether open orders are cancelled, or stay open on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDue:
    """A timer of one's own went off."""

    what: str
    at: datetime | None = None
