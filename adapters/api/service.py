"""The state of the service and of the halt switch, as answers have them."""

from typing import Final, Self

from msgspec import UNSET, Struct, UnsetType

from adapters.api.times import Time, time_or_none
from domain.readiness import Readiness, ServiceState, SymbolStatus
from domain.reasons import BookState
from domain.reconciliation.comparison import SymbolReconciliation
from domain.risk.halt import HaltSet
from domain.venue.answers import PauseReason


HALT_NOT_ON_DISK: Final = "HALT_NOT_ON_DISK"
"""Not a refusal: the halt is in force as long as the process lives."""

_ENDS_WITH_THE_PROCESS: Final = (
    "no child order leaves; the database is out of reach, so that the halt is not on "
    "disk yet and ends if the process does"
)


class HealthAnswer(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class IntakeAnswer(Struct, frozen=True, kw_only=True):
    """Whether orders are taken in."""

    ok: bool
    problem: str | None
    """Why not."""


class ReconciliationAnswer(Struct, frozen=True, kw_only=True):
    """How our records of a symbol compare with the venue's."""

    matched_at: Time | None
    """When they were last compared; null: never yet."""

    behind_seconds: int
    """How long before that the comparison ends. Should be zero or little."""

    problem: str | None
    """Why they could not be compared the last time."""

    differences: list[str]
    """Found then, and neither repaired nor acknowledged by a person."""

    @classmethod
    def of(cls, records: SymbolReconciliation) -> Self:
        """Show the result of a comparison."""
        return cls(
            matched_at=time_or_none(records.matched_at),
            behind_seconds=int(records.behind.total_seconds()),
            problem=records.problem or None,
            differences=list(records.open_breaks),
        )


class SymbolReadinessAnswer(Struct, frozen=True, kw_only=True):
    """Whether one symbol can trade, and why not."""

    symbol: str
    can_trade: bool
    state: BookState
    """Of its book."""

    pause: PauseReason | None
    """Why no child order may leave, whatever the state of the book."""

    detail: str
    """Why it cannot trade, in a sentence; empty if there is nothing to say."""

    waiting_orders: int
    lag_seconds: float | None
    """How long ago the venue last spoke on the book's connection; null if the book is
    not in step."""

    reconciliation: ReconciliationAnswer | None
    """Null on paper, or if unknown now."""

    @classmethod
    def of(cls, status: SymbolStatus, records: SymbolReconciliation | None) -> Self:
        """Show the state of a symbol."""
        lag_ns = status.lag_ns
        return cls(
            symbol=status.symbol,
            can_trade=status.can_trade,
            state=status.book_state,
            pause=None if status.pause is None else status.pause.reason,
            detail=status.problem,
            waiting_orders=status.waiting_orders,
            lag_seconds=None if lag_ns is None else round(lag_ns / 1e9, 3),
            reconciliation=None
            if records is None
            else ReconciliationAnswer.of(records),
        )


class ReadinessAnswer(Struct, frozen=True, kw_only=True):
    """Whether the service can do its job."""

    status: ServiceState
    market: str
    """Where prices come from, such as `simulated`."""

    venue: str
    """Where child orders go, such as `paper`."""

    real_money: bool
    """Whether child orders move real money."""

    intake: IntakeAnswer
    orders_on_hold: int | None
    """How many open orders wait for a person; null if nobody could say in time."""

    symbols: list[SymbolReadinessAnswer]

    @classmethod
    def of(cls, readiness: Readiness) -> Self:
        """Show whether the service can do its job."""
        problem = readiness.intake_problem
        on_hold = readiness.orders_on_hold
        compared = readiness.reconciliation
        records = {one.symbol: one for one in compared.symbols} if compared else {}
        return cls(
            status=readiness.state,
            market=readiness.market,
            venue=readiness.venue,
            real_money=readiness.is_real_money,
            intake=IntakeAnswer(ok=problem is None, problem=problem),
            orders_on_hold=None if on_hold is None else sum(on_hold.values()),
            symbols=[
                SymbolReadinessAnswer.of(status, records.get(status.symbol))
                for status in readiness.symbols
            ],
        )


class HaltAnswer(Struct, frozen=True, kw_only=True):
    """The setting of the halt switch."""

    halted: bool
    """While it is on, no child order leaves."""

    reason: str | None
    """The operator's words."""

    since: Time | None
    """Null: it was never thrown."""

    children_in_flight: int
    """Child orders that left before, and are not answered yet or with an unknown
    outcome: at most this many may still be executed."""

    on_disk: bool
    """Whether the setting outlives the process."""

    code: str | UnsetType = UNSET
    """`HALT_NOT_ON_DISK`, if it is on and does not outlive the process."""

    detail: str | UnsetType = UNSET
    """The same in a sentence."""

    @classmethod
    def of(cls, state: HaltSet) -> Self:
        """Show the setting of the switch."""
        halt = state.halt
        is_fleeting = halt.is_on and not state.is_on_disk
        return cls(
            halted=halt.is_on,
            reason=halt.reason or None,
            since=time_or_none(halt.since),
            children_in_flight=state.children_in_flight,
            on_disk=state.is_on_disk,
            code=HALT_NOT_ON_DISK if is_fleeting else UNSET,
            detail=_ENDS_WITH_THE_PROCESS if is_fleeting else UNSET,
        )
