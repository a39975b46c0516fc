"""The database, for its single writer; the ledger's port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.orders.child_order import Fill
from domain.orders.committed import CommittedBatch
from domain.orders.records import Record, RecordOutcome
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.risk.halt import Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


class TradeStore(Protocol):
    """The database, for its single writer. Calls block; one thread at a time.

    Every call raises StoreUnavailableError if the database is full, locked or out of
    reach; then nothing of that call was written, and never will be. Every call that
    writes raises TenureLostError if another service has taken the database over.
    """

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        """Write all records in one transaction, durably; one outcome for each.

        A change is written only on top of the version that it follows. A record that
        contradicts what is on disk, or whose content the database refuses, is left out,
        and its outcome says so; the others are written.

        Raises:
            StoreOutcomeUnknownError: the database failed while committing. All records
                may be on disk now, or turn up after a restart, or be lost; writing them
                again shows which.
        """
        ...

    def committed(self) -> CommittedBatch:
        """Return the events that the last ``write`` which returned has put on disk.

        Those that were there before are not among them. The event of an intent may be
        put there, and told, with the next step of its order.
        """
        ...

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        """Read open orders of the symbol by ascending sequence."""
        ...

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        """Read one order; None if it is unknown or has ended."""
        ...

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        """Read the fills of the symbol executed in a span of time, ends included."""
        ...

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        """Read the children of the symbol that have no final answer."""
        ...

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        """Read everything about a child; None if its order is unknown."""
        ...

    def last_sequence(self) -> int:
        """Return the highest sequence ever given out; 0 if there is none."""
        ...

    def halt(self) -> Halt:
        """Read the state of the halt switch."""
        ...

    def save_halt(self, halt: Halt) -> None:
        """Write the state of the halt switch, durably; to repeat it does no harm."""
        ...

    def check_tenure(self) -> None:
        """Raise TenureLostError if another service has taken the database over.

        Called about every second, which also keeps the lock against others alive.
        """
        ...

    def save_rate_limit_ban(self, ban: RateLimitBan) -> None:
        """Write until when a venue has banned us, durably, in place of earlier ones."""
        ...

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        """Write points of price paths, and what was traded; what is there stays.

        Args:
            points: of any symbols.
            keep_from: Unix time; what is older may be deleted, a little at a time.
            traded: of any symbols.
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
