"""Messages that an actor schedules for itself: one type for each purpose."""

from dataclasses import dataclass

from domain.values import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryDue:
    """Executor: the order's ``expires_at`` has come, unless the wall clock was set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffOver:
    """Executor: the order may take an offer again after a refusal of the venue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmDue:
    """Executor: ask the algorithm again how much of the order may be done by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadDue:
    """Executor: read the order again; the disk had refused its records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDue:
    """Listener: ask for a snapshot again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDue:
    """Listener: trust the snapshot alone; no update has connected to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietCheckDue:
    """Listener: has the stream brought anything since the last check?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCheckDue:
    """Listener: are updates still late?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpDue:
    """Listener: the stream must have reached the venue's own book by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAgeCheckDue:
    """Router: has the venue spoken again?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRetryDue:
    """Ledger: try the database again; it was out of reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenureCheckDue:
    """Ledger: is the database still ours?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDue:
    """Gateway: find out whether orders could be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseOver:
    """Gateway: a pause has ended by time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltAnswerDue:
    """Gateway: answer a request to set the halt switch, whatever it still waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReadDue:
    """Gateway: read the balances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRateFree:
    """Gateway: the operator's rate lets another child leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpDue:
    """Gateway: look up a child at the venue again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationDue:
    """Reconciler: begin the next pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesDue:
    """Price recorder: record the touches of this second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRefreshDue:
    """Rules keeper: read the rules, as at every interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedRefreshDue:
    """Rules keeper: read the rules, as an actor has requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorRestOver:
    """Symbol supervisor: restart an executor that had failed too often."""

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOverdue:
    """Pending request: no answer has come in time."""

    seconds: float
    """How long the request has waited."""
