"""What reconciliation found about an order, until it is judged and seen to."""

import logging

from actors.executor.record import OrderRecord
from actors.messages.journal import ChildHistoryLoaded
from actors.messages.reconciliation import BreakFound, BreakJudged
from domain.orders.child_settlement import words_of
from domain.orders.journal import ChildHistory, OrderChange
from domain.reconciliation.comparison import ReconciliationBreak
from domain.reconciliation.repair import Judgement, Verdict, judge


logger = logging.getLogger(__name__)


class ReconciliationBreaks:
    """Judges one after the other, each by what is on disk at that moment.

    The order's executor is the only one who changes the order. So what it reads while
    all is on disk, no child is in flight and it takes no offer, stays true until it
    acts; and what was booked before, by itself or a predecessor, it sees there.
    """

    __slots__ = ("_booking", "_is_asked", "_waiting")

    def __init__(self) -> None:
        # A tuple, because it is empty for nearly all orders nearly all the time.
        self._waiting: tuple[BreakFound, ...] = ()
        self._is_asked = False
        self._booking: ReconciliationBreak | None = None

    def __bool__(self) -> bool:
        """Whether any waits to be judged."""
        return bool(self._waiting)

    def receive(
        self, message: BreakFound | ChildHistoryLoaded, record: OrderRecord
    ) -> None:
        """Keep a difference until it can be judged, or judge one."""
        if isinstance(message, BreakFound):
            self._add(message)
        else:
            self._loaded(message, record)

    def _add(self, message: BreakFound) -> None:
        key = message.difference.key
        if all(one.difference.key != key for one in self._waiting):
            self._waiting = (*self._waiting, message)

    def begin_reading(self, record: OrderRecord) -> bool:
        """Have the history of the next one's child read, unless it is being read."""
        if self._is_asked:
            return False
        self._is_asked = True
        record.ledger.load_history(self._waiting[0].difference.child_id)
        return True

    def read_again(self, record: OrderRecord) -> None:
        """Say again what a new ledger may not have heard."""
        if self._is_asked:
            record.ledger.load_history(self._waiting[0].difference.child_id)

    def not_booked(self) -> str:
        """Say which difference could not be booked after all; empty: it was none.

        An order that is held in these words is not held again for the same one.
        """
        booking, self._booking = self._booking, None
        return "" if booking is None else booking.describe()

    def _loaded(self, message: ChildHistoryLoaded, record: OrderRecord) -> None:
        if not self._is_asked:
            return  # read twice, around a restart of the ledger
        found = self._waiting[0]
        if message.child_id != found.difference.child_id:
            return
        record.ledger.history_loaded()
        self._waiting = self._waiting[1:]
        self._is_asked = False
        verdict = _see_to(found.difference, message.history, record)
        self._booking = found.difference if verdict is Verdict.BOOK else None
        judged = BreakJudged(difference=found.difference, verdict=verdict)
        found.reply_to.tell(judged)


def describe(
    problem: str, given_up: tuple[OrderChange, ...], differences: ReconciliationBreaks
) -> str:
    """Say what the disk contradicts, in words that are known again."""
    words = [differences.not_booked(), problem]
    words += [
        f"the venue says: {words_of(change.result.fills)}"
        for change in given_up
        if change.result is not None
    ]
    return "; ".join(filter(None, words))


def _see_to(
    difference: ReconciliationBreak, history: ChildHistory | None, record: OrderRecord
) -> Verdict:
    judgement = judge(difference, history)
    match judgement.verdict:
        case Verdict.BOOK:
            assert history is not None
            _book(difference, judgement, history, record)
        case Verdict.HOLD:
            record.hold(difference.child_id, judgement.reason)
            logger.error(
                "Order on hold order_id=%s %s", difference.order_id, judgement.reason
            )
        case Verdict.REPORT:
            logger.error(
                "Records differ order_id=%s %s", difference.order_id, judgement.reason
            )
        case Verdict.KNOWN:
            pass
    return judgement.verdict


def _book(
    difference: ReconciliationBreak,
    judgement: Judgement,
    history: ChildHistory,
    record: OrderRecord,
) -> None:
    assert difference.trade is not None
    assert history.child is not None
    record.book_late(history.child, difference.trade.trade, judgement.number)
    logger.warning(
        "Late fill booked order_id=%s %s", difference.order_id, judgement.reason
    )
