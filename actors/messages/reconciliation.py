"""To the reconciler, and between it and executors: what differs, what was done."""

from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.reconciliation.comparison import ReconciliationBreak
from domain.reconciliation.repair import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileNow:
    """To the reconciler: hold all records against the venue's, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReconciliation:
    """To it, answered with a ``ReconciliationStatus`` of ``domain``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakFound:
    """Reconciler to executor: the venue and we do not agree about your order."""

    break_: ReconciliationBreak
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakJudged:
    """Executor to reconciler: what is being done about it.

    BOOK and HOLD are on their way to the disk; KNOWN says that it is there.
    """

    break_: ReconciliationBreak
    verdict: Verdict
