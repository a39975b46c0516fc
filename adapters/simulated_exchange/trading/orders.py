"""An order of a client, its trades, and what was asked for."""

from dataclasses import dataclass, field
from enum import StrEnum

from adapters.simulated_exchange.market.level_queue import Resting
from adapters.simulated_exchange.trading.accounts import TraderAccount


class Kind(StrEnum):
    """Order types that can be placed."""

    LIMIT = "LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"
    MARKET = "MARKET"


class Status(StrEnum):
    """States of an order."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"


OPEN = frozenset({Status.NEW, Status.PARTIALLY_FILLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What a client asks for. Amounts are integers of 1e-8; 0 means not given."""

    symbol: str
    is_buy: bool
    kind: Kind
    client_id: str
    time_in_force: str = "GTC"
    quantity: int = 0
    price: int = 0
    quote_quantity: int = 0
    """What a MARKET order wants to spend or get, in place of a quantity."""
    prevention: str = ""
    """Self-trade prevention mode; empty for the symbol's default."""
    reply: str = ""
    """ACK, RESULT or FULL; empty for the type's default."""
    strategy_id: int | None = None
    strategy_type: int | None = None

    @property
    def fills_at_once(self) -> bool:
        """Whether what is not filled at once expires."""
        return self.kind is Kind.MARKET or self.time_in_force != "GTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTrade:
    """One fill of one order."""

    trade_id: int
    order: "ExchangeOrder"
    price: int
    quantity: int
    quote_quantity: int
    commission: int
    commission_asset: str
    time_ms: int
    is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An order was made smaller, and has another client id since."""

    execution_id: int
    client_id_before: str
    client_id: str
    quantity_before: int
    quantity: int
    time_ms: int


@dataclass(slots=True, kw_only=True, eq=False)
class ExchangeOrder:
    """An accepted order and how far it has come."""

    order_id: int
    account: TraderAccount
    request: OrderRequest
    base: str
    quote: str
    quantity: int
    """As ordered; smaller after an amendment. 0 while a quote amount decides."""
    prevention: str
    time_ms: int
    client_id: str
    status: Status = Status.NEW
    executed: int = 0
    quote_executed: int = 0
    prevented: int = 0
    prevented_match_id: int | None = None
    locked: int = 0
    """What is still set aside for it, in the asset that it spends."""
    update_time_ms: int = 0
    hidden_until_ms: int = 0
    """Queries do not see it before this moment: an armed lag."""
    amendments: list["Amendment"] = field(default_factory=list)
    expiry_reason: str = ""
    trades: list[ExchangeTrade] = field(default_factory=list)
    handle: Resting | None = None
    """Its place in the book while it rests."""

    @property
    def symbol(self) -> str:
        """The symbol it trades."""
        return self.request.symbol

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.request.is_buy

    @property
    def is_open(self) -> bool:
        """Whether it may still be filled."""
        return self.status in OPEN

    @property
    def left(self) -> int:
        """What is not executed yet."""
        return self.quantity - self.executed - self.prevented

    @property
    def spends(self) -> str:
        """The asset that it pays with."""
        return self.quote if self.is_buy else self.base

    @property
    def receives(self) -> str:
        """The asset that it gets."""
        return self.base if self.is_buy else self.quote
