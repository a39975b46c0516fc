"""Messages to the reconciler, and between it and executors, about breaks."""

from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.reconciliation.comparison import ReconciliationBreak
from domain.reconciliation.repair import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileNow:
    """To the reconciler: compare all records with the venue's, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReconciliation:
    """To the reconciler, answered with ``domain``'s ``ReconciliationStatus``."""

    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakFound:
    """Reconciler to executor: the venue's records of your order differ from ours."""

    break_: ReconciliationBreak
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakJudged:
    """Executor to reconciler: the verdict on a break.

    A BOOK or HOLD is on its way to the disk; KNOWN says that it is there.
    """

    break_: ReconciliationBreak
    verdict: Verdict
