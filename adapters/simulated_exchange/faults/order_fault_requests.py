"""The fault switches of the trading side; msgspec reads and checks the JSON."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from adapters.simulated_exchange.faults.fault_requests import (
    DrawnFault,
    Fault,
    Seconds,
    Symbol,
)


Call = Literal["place", "cancel", "query", "any"]


class NoAnswer(DrawnFault, frozen=True, kw_only=True, tag="no_answer"):
    """Hold the connection for a while, then cut it without a reply."""

    when: Literal["before", "after"] = "before"
    """Before the request reaches the engine (it never does), or after."""
    seconds: Seconds = 2.0
    call: Call = "place"


class OrderError(DrawnFault, frozen=True, kw_only=True, tag="order_error"):
    """Answer that the outcome is unknown."""

    status: Literal[500, 502, 503, 504] = 500
    executed: bool = False
    """Whether the request is carried out all the same."""
    code: Literal[-1000, -1001, -1006, -1007, -1008] | None = -1000
    """None: an empty body."""
    call: Call = "place"


class QueryLag(DrawnFault, frozen=True, kw_only=True, tag="query_lag"):
    """Let queries not see the next orders for a while after they were accepted."""

    seconds: Seconds


class LateArrival(DrawnFault, frozen=True, kw_only=True, tag="late_arrival"):
    """Give no answer at once; the order enters the engine later, if still valid."""

    seconds: Seconds
    answer: Literal["cut", "timeout"] = "cut"
    """Cut the connection, or say -1007 (504)."""


class DuplicateId(DrawnFault, frozen=True, kw_only=True, tag="duplicate_id"):
    """Answer the next placement that the id is in use; nothing is placed."""


class FillBeforeCancel(DrawnFault, frozen=True, kw_only=True, tag="fill_before_cancel"):
    """Fill the order at its price just before the cancel, which then fails."""


class PartialFill(DrawnFault, frozen=True, kw_only=True, tag="partial_fill"):
    """Let an order that fills at once get only a part; the rest expires."""

    fraction: Annotated[float, Meta(ge=0, lt=1)] = 0.5


class WorsePrice(DrawnFault, frozen=True, kw_only=True, tag="worse_price"):
    """Execute an order that fills at once at a price worse than its limit."""

    fraction: Annotated[float, Meta(gt=0, lt=1)] = 0.01
    """By this share of the limit."""


class HugeTradeIds(DrawnFault, frozen=True, kw_only=True, tag="huge_trade_ids"):
    """Number the trades of an order that fills at once from 2^63 on."""


class RateLimited(DrawnFault, frozen=True, kw_only=True, tag="rate_limited"):
    """Refuse requests as too many."""

    status: Literal[429, 418] = 429
    code: Literal[-1003, -1015] = -1003
    retry_after: Annotated[int, Meta(ge=0, le=86_400)] = 1
    call: Call = "place"


class Waf(DrawnFault, frozen=True, kw_only=True, tag="waf"):
    """Answer with the firewall's HTML page (403)."""

    call: Call = "place"


class LostUserEvents(DrawnFault, frozen=True, kw_only=True, tag="user_events"):
    """Lose the next execution reports, send them twice, or send them late."""

    kind: Literal["lost", "doubled", "late"]
    seconds: Seconds = 1.0
    """How late."""


class ClockSkew(Fault, frozen=True, kw_only=True, tag="clock_skew"):
    """Set the exchange's clock wrong, until `clear`."""

    milliseconds: Annotated[int, Meta(ge=-86_400_000, le=86_400_000)]


class Wipe(Fault, frozen=True, kw_only=True, tag="wipe"):
    """Forget all orders, trades and balances, as the testnet does every month."""


class SymbolStatusFault(Fault, frozen=True, kw_only=True, tag="symbol_status"):
    """Change the status of a symbol, until `clear`."""

    symbol: Symbol
    status: Literal["TRADING", "HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY", "DELISTED"]
    """The last one is no status of the venue's: it forgets the symbol."""


class RuleChange(Fault, frozen=True, kw_only=True, tag="rules"):
    """Change figures of a symbol's filters, until `clear`."""

    symbol: Symbol
    filters: dict[str, dict[str, Any]]


ArmedFault = (
    NoAnswer
    | OrderError
    | QueryLag
    | LateArrival
    | DuplicateId
    | FillBeforeCancel
    | PartialFill
    | WorsePrice
    | HugeTradeIds
    | RateLimited
    | Waf
    | LostUserEvents
)
"""Armed and then met by requests or events, by count or by chance."""
StandingFault = ClockSkew | Wipe | SymbolStatusFault | RuleChange
"""Done at once."""
AnyTradingFault = ArmedFault | StandingFault
