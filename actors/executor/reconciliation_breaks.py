"""An order's reconciliation breaks, until they are judged."""

import logging

from actors.messages.reconciliation import BreakFound, BreakJudged
from domain.orders.child_settlement import words_of
from domain.orders.records import OrderChange
from domain.orders.stored_orders import ChildHistory
from domain.reconciliation.comparison import ReconciliationBreak
from domain.reconciliation.repair import Judgement, Verdict, judge
from domain.values import ChildId


logger = logging.getLogger(__name__)


class ReconciliationBreaks:
    """Judges one break after the other, each by what is on disk at that moment.

    Only the order's executor changes the order. So what it reads while all steps are on
    disk, no child is in flight and it accepts no offer, stays true until it acts, and
    includes whatever it or a predecessor has booked.
    """

    __slots__ = ("_booking", "_waiting")

    def __init__(self) -> None:
        # A tuple, because it is empty for nearly all orders nearly all the time.
        self._waiting: tuple[BreakFound, ...] = ()
        self._booking: ReconciliationBreak | None = None

    def __bool__(self) -> bool:
        """Whether any break waits to be judged."""
        return bool(self._waiting)

    def add(self, found: BreakFound) -> None:
        """Keep a break until it can be judged; ignores one that is waiting already."""
        key = found.break_.key
        if all(one.break_.key != key for one in self._waiting):
            self._waiting = (*self._waiting, found)

    @property
    def next_child(self) -> ChildId:
        """The child whose history is needed to judge the next break."""
        return self._waiting[0].break_.child_id

    def judge_next(self, history: ChildHistory | None) -> tuple[BreakFound, Judgement]:
        """Take out the next break, and judge it.

        Args:
            history: of ``next_child``, as it is on disk; None: it is not ours.
        """
        found, self._waiting = self._waiting[0], self._waiting[1:]
        judgement = judge(found.break_, history)
        is_booked = judgement.verdict is Verdict.BOOK
        self._booking = found.break_ if is_booked else None
        return found, judgement

    def describe(self, problem: str, given_up: tuple[OrderChange, ...]) -> str:
        """Say what the disk contradicts, in words by which a break is recognised.

        An order that is on hold in the words of a break that could not be booked is not
        put on hold again for the same break.

        Args:
            problem: in the disk's words.
            given_up: the changes that were not written.
        """
        booking, self._booking = self._booking, None
        words = ["" if booking is None else booking.describe(), problem]
        words += [
            f"the venue says: {words_of(change.result.fills)}"
            for change in given_up
            if change.result is not None
        ]
        return "; ".join(filter(None, words))


def report(found: BreakFound, judgement: Judgement) -> None:
    """Log and report the verdict on a break; one that is known is not logged."""
    break_ = found.break_
    known = break_.order_id, judgement.reason
    match judgement.verdict:
        case Verdict.BOOK:
            logger.warning("Late fill booked order_id=%s %s", *known)
        case Verdict.HOLD:
            logger.error("Order on hold order_id=%s %s", *known)
        case Verdict.REPORT:
            logger.error("Records differ order_id=%s %s", *known)
        case Verdict.KNOWN:
            pass
    found.reply_to.tell(BreakJudged(break_=break_, verdict=judgement.verdict))
