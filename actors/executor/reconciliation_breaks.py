"""What reconciliation found about an order, until it is judged."""

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
    """Judges one after the other, each by what is on disk at that moment.

    The order's executor is the only one who changes the order. So what it reads while
    all is on disk, no child is in flight and it takes no offer, stays true until it
    acts; and what was booked before, by itself or a predecessor, it sees there.
    """

    __slots__ = ("_booking", "_waiting")

    def __init__(self) -> None:
        # A tuple, because it is empty for nearly all orders nearly all the time.
        self._waiting: tuple[BreakFound, ...] = ()
        self._booking: ReconciliationBreak | None = None

    def __bool__(self) -> bool:
        """Whether any waits to be judged."""
        return bool(self._waiting)

    def add(self, found: BreakFound) -> None:
        """Keep a break until it can be judged; one that is found twice is one."""
        key = found.break_.key
        if all(one.break_.key != key for one in self._waiting):
            self._waiting = (*self._waiting, found)

    @property
    def next_child(self) -> ChildId:
        """The child by whose history the next one is judged."""
        return self._waiting[0].break_.child_id

    def judge_next(self, history: ChildHistory | None) -> tuple[BreakFound, Judgement]:
        """Take out the next one, and judge it.

        Args:
            history: of ``next_child``, as it is on disk; None: of no order of ours.
        """
        found, self._waiting = self._waiting[0], self._waiting[1:]
        judgement = judge(found.break_, history)
        is_booked = judgement.verdict is Verdict.BOOK
        self._booking = found.break_ if is_booked else None
        return found, judgement

    def describe(self, problem: str, given_up: tuple[OrderChange, ...]) -> str:
        """Say what the disk contradicts, in words that are known again.

        An order that is held in the words of a break that could not be booked is not
        held again for the same one.

        Args:
            problem: as the disk says it.
            given_up: what it did not take.
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
    """Say what has come of a break; nothing does of one that is known."""
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
