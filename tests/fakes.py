"""Hand-written neighbours for actors under test, each behind a port or protocol."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from adapters.replay.memory_store import MemoryStore
from domain.errors import StoreUnavailableError, TenureLostError
from domain.market.price_path import PricePoint
from domain.market.public_trades import TradedSecond
from domain.market.updates import FeedMessage
from domain.orders.child_order import Fill
from domain.orders.committed import (
    CommittedBatch,
    CommittedEvent,
    EventPage,
    Position,
)
from domain.orders.order import Order
from domain.orders.records import Record, RecordOutcome
from domain.orders.stored_orders import ChildHistory, OpenOrder
from domain.ports.runtime import Recipient
from domain.risk.halt import Halt
from domain.values import ChildId, OrderId, Symbol
from domain.venue.answers import RateLimitBan


T = TypeVar("T")


class Recorder:
    """A recipient that keeps what it is told, oldest first."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.is_gone = False

    def tell(self, message: Any) -> bool:
        if self.is_gone:
            return False
        self.received.append(message)
        return True

    def all(self, kind: type[T]) -> list[T]:
        return [message for message in self.received if isinstance(message, kind)]

    def only(self, kind: type[T]) -> T:
        """Return the one message of that kind."""
        (message,) = self.all(kind)
        return message

    def take(self) -> list[Any]:
        """Return everything, and forget it."""
        taken, self.received = self.received, []
        return taken


class FakeFeed:
    """A MarketFeed that does nothing by itself and remembers what it was asked."""

    def __init__(self) -> None:
        self.recipients: dict[Symbol, Recipient[FeedMessage]] = {}
        self.subscriptions: list[Symbol] = []
        self.snapshots_wanted: list[Symbol] = []
        self.renewals: list[tuple[Symbol, str]] = []
        self.is_closed = False
        self.heard_ns: dict[Symbol, int] = {}
        """As of when a symbol's stream is known, where that is not now."""

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        self.subscriptions.append(symbol)
        self.recipients[symbol] = recipient

    def request_snapshot(self, symbol: Symbol) -> None:
        self.snapshots_wanted.append(symbol)

    def renew(self, symbol: Symbol, cause: str) -> None:
        self.renewals.append((symbol, cause))

    def as_of_ns(self, symbol: Symbol) -> int | None:
        return self.heard_ns.get(symbol)

    def close(self) -> None:
        self.is_closed = True

    def send(self, message: FeedMessage) -> None:
        """Tell the symbol's recipient."""
        self.recipients[message.symbol].tell(message)


@dataclass
class FakePublisher:
    """Remembers what it was told is committed."""

    batches: list[CommittedBatch] = field(default_factory=list)

    def publish(self, batch: CommittedBatch) -> None:
        self.batches.append(batch)

    @property
    def events(self) -> list[CommittedEvent]:
        return [one for batch in self.batches for one in batch.events]

    @property
    def ended(self) -> list[Order]:
        """The orders whose end was told."""
        return [one.order for one in self.events if one.is_end]


@dataclass
class FakePermit:
    """A permit that others revoke; it notes what it is asked."""

    revoked: str | None = None
    claims: int = 0
    is_claimed: bool = False

    def refusal(self) -> str | None:
        return self.revoked

    def claim(self) -> str | None:
        self.claims += 1
        self.is_claimed = self.revoked is None
        return self.revoked

    def give_back(self) -> None:
        self.is_claimed = False


ALLOWED = FakePermit()
"""For tests to which it does not matter."""


@dataclass
class FakeMeter:
    """Keeps counts and durations."""

    counts: dict[str, int] = field(default_factory=dict)
    seconds: list[tuple[str, float]] = field(default_factory=list)

    def count(self, name: str, amount: int = 1, *, kind: str = "") -> None:
        key = f"{name} {kind}".rstrip()
        self.counts[key] = self.counts.get(key, 0) + amount

    def observe_seconds(self, name: str, seconds: float) -> None:
        self.seconds.append((name, seconds))


class FakeStore(MemoryStore):
    """A store in memory that remembers its batches and fails when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[tuple[Record, ...]] = []
        self.looks = 0
        """At the tenure, apart from writing."""

        self.problem: str | None = None
        """While set, every call raises StoreUnavailableError."""

        self.has_successor = False
        """While set, every call that writes raises TenureLostError."""

        self.epoch_on_disk = 2
        """What that then finds; ours is 1."""

        self.crash_before_commit: Exception | None = None
        self.crash_after_commit: Exception | None = None

    def write(self, records: Sequence[Record]) -> Sequence[RecordOutcome]:
        self._be_writable()
        _raise_once(self, "crash_before_commit")
        outcomes = super().write(records)
        self.batches.append(tuple(records))
        _raise_once(self, "crash_after_commit")
        return outcomes

    def save_prices(
        self,
        points: Sequence[PricePoint],
        keep_from: int,
        traded: Sequence[TradedSecond] = (),
    ) -> None:
        self._be_writable()
        super().save_prices(points, keep_from, traded)

    def check_tenure(self) -> None:
        self.looks += 1
        self._be_writable()

    def open_orders(
        self, symbol: Symbol, after_sequence: int, limit: int
    ) -> Sequence[OpenOrder]:
        self._be_unavailable()
        return super().open_orders(symbol, after_sequence, limit)

    def open_order(self, order_id: OrderId) -> OpenOrder | None:
        self._be_unavailable()
        return super().open_order(order_id)

    def fills_between(
        self, symbol: Symbol, since: datetime, until: datetime
    ) -> Sequence[Fill]:
        self._be_unavailable()
        return super().fills_between(symbol, since, until)

    def children_in_flight(self, symbol: Symbol) -> Sequence[ChildId]:
        self._be_unavailable()
        return super().children_in_flight(symbol)

    def child_history(self, child_id: ChildId) -> ChildHistory | None:
        self._be_unavailable()
        return super().child_history(child_id)

    def last_position(self) -> Position:
        self._be_unavailable()
        return super().last_position()

    def highest_position(self) -> Position:
        self._be_unavailable()
        return super().highest_position()

    def events_after(self, position: Position, limit: int) -> EventPage:
        self._be_unavailable()
        return super().events_after(position, limit)

    def last_sequence(self) -> int:
        self._be_unavailable()
        return super().last_sequence()

    def halt(self) -> Halt:
        self._be_unavailable()
        return super().halt()

    def save_halt(self, halt: Halt) -> None:
        self._be_writable()
        _raise_once(self, "crash_before_commit")
        super().save_halt(halt)
        _raise_once(self, "crash_after_commit")

    def save_rate_limit_ban(self, silence: RateLimitBan) -> None:
        self._be_writable()
        super().save_rate_limit_ban(silence)

    def _be_writable(self) -> None:
        self._be_unavailable()
        if self.has_successor:
            raise TenureLostError(epoch=1, newer=self.epoch_on_disk, owner="another")

    def _be_unavailable(self) -> None:
        if self.problem is not None:
            raise StoreUnavailableError(self.problem)


def _raise_once(store: FakeStore, name: str) -> None:
    error: Exception | None = getattr(store, name)
    if error is not None:
        setattr(store, name, None)
        raise error
