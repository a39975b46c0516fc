"""What clients want of an order while it is worked, and who waits for which answer."""

from typing import Final

from actors.executor.record import OrderRecord
from actors.executor.tools import ExecutorTools
from actors.messages.desk import (
    AmendRequest,
    CancelRequest,
    OrderRequest,
    SettleRequest,
)
from actors.runtime.addresses import AnyRecipient
from domain.orders.amendment import Terms, amended_terms, check_amendment, is_more
from domain.orders.completion import has_ended
from domain.orders.order import Order, OrderStatus
from domain.reasons import EndReason, RefusalCode
from domain.refusals import Refusal
from domain.risk.limits import check_order_risk


ENDED_BEFORE: Final = Refusal(
    code=RefusalCode.ORDER_ENDED, detail="the order has ended: the disk says how"
)
"""The answer of an executor that found no open order to work."""

NOT_RECORDED: Final = Refusal(
    code=RefusalCode.STORE_UNAVAILABLE,
    detail="the disk contradicts the order, which is put on hold; ask again",
)


class Requests:
    """Requests not served yet, and answers that wait for the disk."""

    __slots__ = ("_promised", "_waiting")

    def __init__(self) -> None:
        # Tuples, because both are empty for most orders most of the time.
        self._waiting: tuple[OrderRequest, ...] = ()
        self._promised: tuple[tuple[AnyRecipient, Order], ...] = ()

    def __bool__(self) -> bool:
        """Whether any request waits to be served."""
        return bool(self._waiting)

    @property
    def has_cancel(self) -> bool:
        """Whether a cancel is among those that wait."""
        return any(isinstance(one, CancelRequest) for one in self._waiting)

    def add(self, request: OrderRequest) -> None:
        """Keep a request until it can be served; one that comes twice is one."""
        waiting = (one.reply_to for one in self._waiting)
        promised = (reply_to for reply_to, _ in self._promised)
        if all(known is not request.reply_to for known in (*waiting, *promised)):
            self._waiting = (*self._waiting, request)

    def take_next(self) -> OrderRequest:
        """Take out the oldest request."""
        request, self._waiting = self._waiting[0], self._waiting[1:]
        return request

    def _take_cancels(self) -> tuple[CancelRequest, ...]:
        """Take out all cancels, whatever waits before them."""
        waiting = self._waiting
        self._waiting = tuple(
            one for one in waiting if not isinstance(one, CancelRequest)
        )
        return tuple(one for one in waiting if isinstance(one, CancelRequest))

    def note_cancels(self, record: OrderRecord, *, at_stop: bool) -> None:
        """Let a cancel count although the child in flight may still fill."""
        cancels = self._take_cancels()
        order = record.known()
        if order.status is OrderStatus.PENDING_CANCEL:
            for request in cancels:
                request.reply_to.tell(order)
        elif cancels:
            order = record.request_cancel()
            for request in cancels:
                self.promise(request, order)
        elif at_stop:
            record.request_cancel(EndReason.CANCELED_AT_STOP)

    def take_settlement(self) -> SettleRequest | None:
        """Take out what an operator states about the child, if they do."""
        for request in self._waiting:
            if isinstance(request, SettleRequest):
                self._waiting = tuple(one for one in self._waiting if one != request)
                return request
        return None

    def refuse_all(self, refusal: Refusal) -> None:
        """Refuse all that wait."""
        waiting, self._waiting = self._waiting, ()
        for request in waiting:
            request.reply_to.tell(refusal)

    def break_promises(self) -> None:
        """Have those come again whose answer will never be on disk.

        Nobody has been told anything yet.
        """
        promised, self._promised = self._promised, ()
        for reply_to, _ in promised:
            reply_to.tell(NOT_RECORDED)

    def promise(self, request: OrderRequest, order: Order) -> None:
        """Answer ``request`` with ``order`` when that is on disk."""
        self._promised = (*self._promised, (request.reply_to, order))

    def answer(self, version: int) -> None:
        """Answer those whose order is on disk, now that ``version`` of it is."""
        if not self._promised:
            return
        promised, self._promised = self._promised, ()
        for reply_to, order in promised:
            if order.version <= version:
                reply_to.tell(order)
            else:
                self._promised = (*self._promised, (reply_to, order))

    def answer_rest(self, order: Order | None, otherwise: Refusal | None) -> None:
        """Answer all that is left: the order is not worked any more, by us.

        Args:
            order: as it is on disk; None when that is not known.
            otherwise: the answer when the order has not ended there; None: there is
                none, the request comes again, to whoever works the order next.
        """
        waiting, self._waiting = self._waiting, ()
        for request in waiting:
            if answer := _last_word(request, order) or otherwise:
                request.reply_to.tell(answer)


def accepted_terms(
    request: AmendRequest, order: Order, tools: ExecutorTools
) -> Terms | None:
    """Return the terms that an amendment wishes; None when it was refused."""
    terms = amended_terms(order, request.command, request.sequence)
    refusal = check_amendment(order, terms, tools.rules)
    if refusal is None and is_more(order, terms):
        # Less is no risk, also where a limit was lowered meanwhile.
        refusal = check_order_risk(
            tools.limits,
            tools.rules,
            price=terms.price,
            quantity=terms.quantity,
            time_in_force=order.time_in_force,
        )
    if refusal is None:
        return terms
    request.reply_to.tell(refusal)
    return None


def _last_word(request: OrderRequest, order: Order | None) -> Order | Refusal | None:
    if order is None or not order.status.is_final:
        return None
    wanted_that = isinstance(request, CancelRequest)
    if wanted_that and order.status is OrderStatus.CANCELED:
        return order
    return has_ended(order)
