"""Whether the service can do its job, as ``/readyz`` shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.reasons import BookState
from domain.reconciliation.comparison import ReconciliationStatus
from domain.values import Symbol
from domain.venue.answers import TradingPause


class ServiceState(StrEnum):
    """The status that ``/readyz`` reports."""

    OK = "ok"
    DEGRADED = "degraded"
    """Some symbol cannot trade."""

    UNAVAILABLE = "unavailable"
    """Orders cannot be taken in, or no symbol can trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolStatus:
    """Whether one symbol can trade."""

    symbol: Symbol
    book_state: BookState
    detail: str = ""
    waiting_orders: int = 0
    pause: TradingPause | None = None
    """Why no child order may leave, whatever the state of the book."""

    lag_ns: int | None = None
    """How long ago the venue last spoke on the book's connection; None if the book is
    not in step."""

    @property
    def problem(self) -> str:
        """Say in a sentence why it cannot trade; empty if there is nothing to say."""
        if self.detail or self.pause is None:
            return self.detail
        return self.pause.detail

    @property
    def can_trade(self) -> bool:
        """Whether orders of the symbol are being matched."""
        return self.book_state is BookState.SYNCED and self.pause is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether orders are taken in, and which symbols can trade."""

    market: str
    """Where prices come from, such as ``simulated``."""

    venue: str
    """Where child orders go, such as ``paper``."""

    intake_problem: str | None
    """Why no order can be taken in; None if they can."""

    symbols: tuple[SymbolStatus, ...]
    reconciliation: ReconciliationStatus | None = None
    """How our records compare with the venue's; None on paper, or if unknown now."""

    orders_on_hold: Mapping[Symbol, int] | None = None
    """How many open orders of each symbol wait for a person, including symbols that
    are not traded; None if nobody could say in time."""

    is_real_money: bool = False
    """Whether child orders move real money."""

    commit_ns: int | None = None
    """How long the last commit took; None before the first, or if nobody could say."""

    @property
    def state(self) -> ServiceState:
        """Sum it up as one status."""
        trading = sum(status.can_trade for status in self.symbols)
        if self.intake_problem is not None or trading == 0:
            return ServiceState.UNAVAILABLE
        if trading < len(self.symbols):
            return ServiceState.DEGRADED
        return ServiceState.OK
