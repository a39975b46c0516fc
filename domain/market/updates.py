"""What the venue states about its book: snapshots, updates and the touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar, dataclass_transform

from domain.orders.completion import OFFER_AGE_MAX_NS
from domain.reasons import BookState
from domain.values import Symbol


LATE_MAX_NS: Final = OFFER_AGE_MAX_NS // 2
"""How old an event may be when it is read: half of the age limit of an offer. The other
half is left for the disk and the way to the venue. Either is far more than a healthy
network and a busy machine need together."""

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def made_per_frame(cls: type[T]) -> type[T]:
    """Make a message that is frozen for the type checker, but not at run time.

    One or two of them are made of each frame, of which a busy symbol has thousands a
    second; a dataclass that freezes itself takes more than twice as long to make.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)


Level = tuple[Decimal, Decimal]
"""A level of a book: (price in quote, quantity in base)."""

Statement = tuple[str, str]
"""A level as the venue states it: (price in quote, absolute quantity in base).

A venue states far more than anybody reads, so the amounts stay text until then. Each
amount has one spelling, that of ``written``: equal amounts are equal texts."""

GONE: Final = "0.00000000"
"""The quantity of a level that is gone."""


def written(amount: Decimal) -> str:
    """Write an amount of a statement: with eight decimals, or all it has if more."""
    if not amount:
        return GONE  # a zero may have a sign
    text = f"{amount:.8f}"
    return text if Decimal(text) == amount else f"{amount:f}".rstrip("0")


def statements_of(levels: Iterable[Level]) -> tuple[Statement, ...]:
    """Write levels as a venue states them."""
    return tuple((written(price), written(quantity)) for price, quantity in levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthSnapshot:
    """The whole book at one update id, as far as the venue shows it."""

    symbol: Symbol
    last_update_id: int
    """Of the last update that is contained; numbered as updates are."""

    bids: tuple[Statement, ...]
    """Best (highest) first."""

    asks: tuple[Statement, ...]
    """Best (lowest) first."""


@made_per_frame
class DepthUpdate:
    """Levels that changed between two update ids; to be applied whole."""

    symbol: Symbol
    first_update_id: int
    """Binance's ``U``."""

    last_update_id: int
    """Binance's ``u``; the statement id of every level in here."""

    bids: tuple[Statement, ...]
    asks: tuple[Statement, ...]
    received_ns: int = 0
    """Monotonic nanoseconds when the frame came off the socket; 0 = unknown."""

    stated_ns: int = 0
    """When the venue stated it, by the same clock, as far as that is known; never after
    ``received_ns``. 0 = unknown."""


@made_per_frame
class TopOfBook:
    """Best bid and ask, for a feed that has no more; Binance's bookTicker stream."""

    symbol: Symbol
    update_id: int
    bid: Statement
    ask: Statement
    received_ns: int = 0
    stated_ns: int = 0


def late_ns(event: DepthUpdate | TopOfBook) -> int:
    """Return how old the event was when it was read, if that is too old; or 0."""
    age_ns = event.received_ns - event.stated_ns
    return age_ns if age_ns > LATE_MAX_NS and event.stated_ns else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Events of one symbol that came at once, oldest first; two or more.

    It means the same as the events one by one, and is cheaper: passing a frame on
    twice costs a tenth of everything that is done with it.
    """

    symbol: Symbol
    events: tuple[DepthUpdate | TopOfBook, ...]


def together(
    events: Sequence[DepthUpdate | TopOfBook],
) -> DepthUpdate | TopOfBook | Burst:
    """Make one message of the events of one symbol; there is at least one."""
    if len(events) == 1:
        return events[0]
    return Burst(symbol=events[0].symbol, events=tuple(events))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedConnected:
    """From now on, updates of the symbol arrive in order."""

    symbol: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDisconnected:
    """Updates may have been lost; the feed is connecting again by itself."""

    symbol: Symbol
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFailed:
    """The requested snapshot could not be read; a retry is up to the requester."""

    symbol: Symbol
    cause: str
    retry_after_seconds: float = 0.0
    """What the venue asks for; 0 if it did not say."""


FeedMessage = (
    FeedConnected
    | FeedDisconnected
    | DepthUpdate
    | TopOfBook
    | Burst
    | DepthSnapshot
    | SnapshotFailed
)
"""What a feed adapter tells the recipient of a symbol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """A copy of a book for reading."""

    symbol: Symbol
    state: BookState
    update_id: int
    """0 if the book was never in step."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    waiting_orders: int = 0
    detail: str = ""
    """Why the book is not in step, in words."""
