"""The disk, for its single writer; the ledger's port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.orders.child_order import Fill
from domain.orders.journal import ChildHistory, OpenOrder, Record, RecordOutcome
from domain.risk.halt import Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


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

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        """Write until when a venue has banned us, durably, in place of earlier ones."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
