"""Messages to the ledger, and its answers: what is written, what is read."""

from dataclasses import dataclass
from datetime import datetime

from actors.runtime.addresses import AnyRecipient
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.records import Record, RecordOutcome
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.risk.halt import Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """To the ledger: write this to disk, then answer ``Written``."""

    record: Record
    reply_to: AnyRecipient
    attempt: int = 1
    """Of a new order: above 1 it may be on disk already, so refusing it could be false.
    Of a change: how often its executor has read the order again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Ledger's answer: on disk, or why not."""

    order_id: OrderId
    version: int
    outcome: RecordOutcome
    attempt: int
    """As asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOpenOrders:
    """To the ledger: the next page of open orders of a symbol."""

    reading: str
    """Unique among all readings of all symbol supervisors; comes back in the answer."""

    symbol: Symbol
    after_sequence: int
    reply_to: AnyRecipient
    copy_to: AnyRecipient | None
    """Told the same, first, so that it gets the page before any later news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrdersLoaded:
    """Ledger's answer: a page by ascending sequence; empty at the end."""

    reading: str
    symbol: Symbol
    after_sequence: int
    """As asked."""

    last_sequence: int
    """The highest sequence on disk, of all orders of all symbols, open or not."""

    orders: tuple[OpenOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOrder:
    """To the ledger: one open order."""

    order_id: OrderId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLoaded:
    """Ledger's answer; its order is None when that has ended."""

    order_id: OrderId
    open_order: OpenOrder | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFills:
    """To the ledger: the fills of a symbol that were executed in a span of time."""

    symbol: Symbol
    since: datetime
    until: datetime
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class FillsLoaded:
    """Ledger's answer, with the children that have no final answer yet."""

    symbol: Symbol
    since: datetime
    until: datetime
    """As asked."""

    fills: tuple[Fill, ...]
    in_flight: frozenset[ChildId]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadChildHistory:
    """To the ledger: the history of one child, also of an order that has ended."""

    child_id: ChildId
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHistoryLoaded:
    """Ledger's answer; None when there is no such order."""

    child_id: ChildId
    history: ChildHistory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLastSequence:
    """To the ledger: the highest sequence ever given."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSequenceLoaded:
    """Ledger's answer."""

    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadHalt:
    """To the ledger: how does the halt switch stand?"""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltLoaded:
    """Ledger's answer."""

    halt: Halt


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveHalt:
    """To the ledger: write this setting of the halt switch to disk."""

    halt: Halt
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRateLimitBan:
    """To the ledger: write this ban to disk, for the next start."""

    ban: RateLimitBan


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePrices:
    """To the ledger: write these points of price paths when nothing else waits."""

    points: tuple[PricePoint, ...]
    traded: tuple[TradedSecond, ...] = ()
    keep_from: int
    """Unix time; older points may be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltSaved:
    """Ledger's answer: it is on disk."""

    halt: Halt


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLedgerStatus:
    """To the ledger: can you write?"""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStatus:
    """Ledger's answer."""

    problem: str | None
    """What is wrong; None if nothing is."""

    commit_ns: int | None = None
    """How long the last commit took; None before the first."""
