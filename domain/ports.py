"""What the middle needs from the outside, and what it offers to the outside.

Adapters implement these; the actors know nothing else of the outside world.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from domain.commands import (
    AmendOrder,
    CancelOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.execution import ChildOrder, Fill
from domain.halt import Halt, HaltSet
from domain.instrument import SymbolRules
from domain.market import BookView, FeedMessage
from domain.order import Order, OrderEvent
from domain.pages import Page, PageWanted
from domain.records import (
    ChildHistory,
    OpenOrder,
    OrderFilter,
    OrderPage,
    Record,
    RecordOutcome,
    Stored,
)
from domain.refusals import Refusal
from domain.status import Readiness
from domain.summary import FillTotals
from domain.values import ChildId, OrderId, Symbol
from domain.venue import (
    Account,
    Silence,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
)


M_contra = TypeVar("M_contra", contravariant=True)


class Recipient(Protocol[M_contra]):
    """Somewhere to send messages. Never blocks; tolerates that nobody is there."""

    def tell(self, message: M_contra) -> bool:
        """Send; return False when the recipient is gone and nothing was sent."""
        ...


class Clock(Protocol):
    """The time, so that tests and replays can have their own."""

    def now(self) -> datetime:
        """Return the wall clock, aware UTC."""
        ...

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back; the zero point means nothing.

        They count while the machine is suspended: what was there before is that old.
        """
        ...


class MarketFeed(Protocol):
    """Prices from a market. No call blocks; answers are told to the recipient."""

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        """Send everything about the symbol to ``recipient`` from now on.

        Replaces an earlier recipient. ``FeedConnected`` is the first message, as soon
        as updates flow (at once when they already do).
        """
        ...

    def request_snapshot(self, symbol: Symbol) -> None:
        """Have a ``DepthSnapshot`` or a ``SnapshotFailed`` sent to the recipient."""
        ...

    def renew(self, symbol: Symbol, cause: str) -> None:
        """Drop the connection that carries the symbol and make a new one."""
        ...

    def as_of_ns(self, symbol: Symbol) -> int | None:
        """Say as of when the symbol's stream is known, by the monotonic clock.

        All that the venue said of it until then was told: another symbol's message, or
        the answer to a ping, proves that for a quiet one. For any thread.

        Returns:
            0 before the first word; None: as of now, where no venue can be silent.
        """
        ...

    def close(self) -> None:
        """End all connections; nothing is sent afterwards."""
        ...


class TradeStore(Protocol):
    """The disk, for its single writer. Calls block; one thread at a time.

    Every call raises StoreUnavailableError when the database is full, locked or out
    of reach; then nothing of that call was written, and never will be. Every call that
    writes raises TenureLostError when another service has taken the database over.
    """

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Write all records in one transaction, durably; one outcome for each.

        A change is written only on top of the version that it follows. A record that
        contradicts what is on disk, or cannot be written for what it says, is left
        out and said so: it is nobody else's trouble.

        Raises:
            StoreOutcomeUnknownError: when the database failed while committing. All
                records may be on disk now, or turn up after a restart, or be lost;
                writing them again tells.
        """
        ...

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        """Read open orders of the symbol by ascending sequence."""
        ...

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        """Read one order; None when it is unknown or has ended."""
        ...

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        """Read the fills of the symbol that were executed in a span, ends included."""
        ...

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        """Read the children of the symbol that have no final answer."""
        ...

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read all about a child; None when its order is unknown."""
        ...

    def last_sequence(self) -> int:
        """Return the highest sequence ever given; 0 when there is none."""
        ...

    def halt(self) -> Halt:
        """Read how the halt switch stands."""
        ...

    def save_halt(self, halt: Halt) -> None:
        """Write how the halt switch stands, durably; to do so twice does no harm."""
        ...

    def check_tenure(self) -> None:
        """Raise TenureLostError if another service has taken the database over.

        Called every second or so, also to keep others from it.
        """
        ...

    def save_silence(self, silence: Silence) -> None:
        """Write until when a venue wants silence, durably, in place of earlier ones."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Permit(Protocol):
    """Whether one child may leave; others revoke it at any time. Never blocks."""

    def refusal(self) -> str | None:
        """Say why the child may not leave; None when it may, as things are now."""
        ...

    def claim(self) -> str | None:
        """Let the child leave: nothing that takes time comes before its first byte.

        Returns:
            Why it may not; None when it may. Then it counts as sent.
        """
        ...

    def give_back(self) -> None:
        """Note that what was sent is certainly not executed, nor will be.

        To be sent again, it must be claimed again.
        """
        ...


class Venue(Protocol):
    """Where child orders go. Calls block, for a bounded time; any thread may call.

    Nothing is raised for what a network, a venue or an account can do: that is in the
    answers. No call repeats a request that may have been executed.
    """

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Send the child, LIMIT at its price, IOC or FOK, under its own id, once.

        Args:
            child: whose intent is on disk.
            permit: claimed after each stamp, as the last thing before the request is
                written. A child that may not leave is answered NEVER_SENT with the
                permit's word as the reason.
        """
        ...

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Ask what became of a child that may have been sent.

        Args:
            child: that may have been sent.
            since: when it was intended, at the latest.
            thoroughly: search open orders and trades, too, when the venue does not
                know its id. Costs much more of the venue's limits.

        Returns:
            A result once the venue has ended it and its trades add up to what it
            says was executed. ``is_absent`` when everything asked was silent.
        """
        ...

    def probe(self) -> TradingPause | None:
        """Find out whether orders could be sent now: clock, keys, permission.

        Asked while trading is paused, seldom. Sends nothing while the venue said to
        be silent.
        """
        ...

    def account(self) -> Account | None:
        """Read the balances; None when they could not be read."""
        ...

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Read what the venue has recorded of the account in one symbol.

        Returns:
            The trades since then, as far as they could be read at once, and the open
            children; None when that was nothing. Gives way to orders and look-ups.
        """
        ...

    def close(self) -> None:
        """End all connections; later calls answer that nothing was sent."""
        ...


class OrderQueries(Protocol):
    """Reading what is on disk, from any thread.

    Every call raises StoreUnavailableError when the database is out of reach.
    """

    def order(self, order_id: OrderId) -> Order | None:
        """Read one order."""
        ...

    def orders(self, wanted: OrderFilter) -> OrderPage:
        """Read a page of orders, newest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def fill_page(self, order_id: OrderId, wanted: PageWanted) -> Page[Fill]:
        """Read a page of the fills of an order, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def event_page(self, order_id: OrderId, wanted: PageWanted) -> Page[OrderEvent]:
        """Read a page of the history of an order, oldest first.

        Raises:
            InvalidRequestError: when the cursor is not one of ours.
        """
        ...

    def fill_totals(self, order_id: OrderId) -> FillTotals:
        """Add up the fills of an order, whose number may be large."""
        ...

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read all about a child; None when its order is unknown."""
        ...

    def child_of_trade(self, symbol: Symbol, trade_id: int) -> ChildId | None:
        """Tell as which child's fill a trade is booked; None when it is not."""
        ...


class OrderDesk(Protocol):
    """The way into the service.

    What has to wait for the disk returns a future at once; it fails with
    DeskTimeoutError when no answer came. The others block, never longer than the
    desk's timeout, and raise that error themselves.
    """

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        """Have an order accepted; at the end with ``Stored`` it is on disk."""
        ...

    def cancel(self, command: CancelOrder) -> Future[Order | Refusal]:
        """Cancel; ends with the order, PENDING_CANCEL while a child may still fill."""
        ...

    def amend(self, command: AmendOrder) -> Future[Order | Refusal]:
        """Amend; ends with the order as it is with its new terms, on disk."""
        ...

    def release(self, command: ReleaseOrder) -> Future[Order | Refusal]:
        """Release an order on hold; ends with it as it is then."""
        ...

    def settle(self, command: SettleChild) -> Future[Order | Refusal]:
        """Settle a child as an operator states; ends with the order, on disk."""
        ...

    def set_halt(self, *, is_on: bool, reason: str) -> Future[HaltSet | Refusal]:
        """Throw the halt switch; ends when it stands so, whether on disk or not yet.

        On: no child order leaves after that. The answer waits for those in flight and
        for the disk, but not for long. Off counts only once it is on disk; a refusal
        says that it is not.
        """
        ...

    def halt(self) -> Future[HaltSet | Refusal]:
        """Say how the halt switch stands."""
        ...

    def book(self, symbol: Symbol, limit: int) -> BookView:
        """Return up to ``limit`` levels a side."""
        ...

    def symbols(self) -> Sequence[SymbolRules]:
        """Return what is traded, with its rules. Does not block."""
        ...

    def readiness(self) -> Readiness:
        """Say per symbol whether it can trade and why not."""
        ...


class Announcer(Protocol):
    """Tells the operator, without ever making the caller wait."""

    def order_ended(self, order: Order) -> None:
        """Show the summary of an order that has ended and is on disk."""
        ...


class Meter(Protocol):
    """Counts and durations for the operator's metrics. Cheap and thread-safe."""

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter."""
        ...

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""
        ...


Helping = Callable[[], AbstractContextManager[object]]
"""Entered around sends by a thread that can then help: at the end of the context it
runs for a while what it woke, so that no other thread has to be woken for that."""

NewOrderId = Callable[[], OrderId]
"""Makes an order id that was never given before and never will be again."""
