"""Clients' requests about an order while it is worked, and the answers they await."""

from typing import Final

from actors.messages.client_requests import (
    CancelRequest,
    OrderRequest,
    PauseRequest,
    SettleRequest,
)
from actors.runtime.addresses import AnyRecipient
from domain.orders.child_order import ChildOrder
from domain.orders.completion import has_ended
from domain.orders.next_action import NOTHING_ASKED, Asked
from domain.orders.order import Order, OrderStatus
from domain.reasons import RefusalCode
from domain.refusals import STOPPING, Refusal


ENDED_BEFORE: Final = Refusal(
    code=RefusalCode.ORDER_ENDED, detail="the order has ended: the disk says how"
)
"""The answer of an executor that found its order ended."""

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

    @property
    def asked(self) -> Asked:
        """What the waiting requests ask for."""
        if not self._waiting:
            return NOTHING_ASKED
        return Asked(
            anything=True,
            cancel=any(isinstance(one, CancelRequest) for one in self._waiting),
            pause=any(_is_pause(one) for one in self._waiting),
            settlement=any(isinstance(one, SettleRequest) for one in self._waiting),
        )

    def add(self, request: OrderRequest) -> None:
        """Keep a request until it can be served; ignores a repeated one.

        It is repeated if it is to be answered to the same object of this process; what
        a client sends twice is two requests.
        """
        waiting = (one.reply_to for one in self._waiting)
        promised = (reply_to for reply_to, _ in self._promised)
        if all(known is not request.reply_to for known in (*waiting, *promised)):
            self._waiting = (*self._waiting, request)

    def take_next(self) -> OrderRequest:
        """Take out the oldest request."""
        request, self._waiting = self._waiting[0], self._waiting[1:]
        return request

    def take_cancels(self) -> tuple[CancelRequest, ...]:
        """Take out all cancels, whatever waits before them."""
        waiting = self._waiting
        self._waiting = tuple(
            one for one in waiting if not isinstance(one, CancelRequest)
        )
        return tuple(one for one in waiting if isinstance(one, CancelRequest))

    def take_pauses(self) -> tuple[PauseRequest, ...]:
        """Take out all pauses and resumes, whatever waits before them."""
        waiting = self._waiting
        self._waiting = tuple(
            one for one in waiting if not isinstance(one, PauseRequest)
        )
        return tuple(one for one in waiting if isinstance(one, PauseRequest))

    def take_settlement(self) -> SettleRequest:
        """Take out an operator's statement about the child."""
        found = next(one for one in self._waiting if isinstance(one, SettleRequest))
        self._waiting = tuple(one for one in self._waiting if one != found)
        return found

    def refuse_all(self, refusal: Refusal) -> None:
        """Refuse all waiting requests."""
        waiting, self._waiting = self._waiting, ()
        for request in waiting:
            request.reply_to.tell(refusal)

    def break_promises(self) -> None:
        """Tell clients whose answer will never be on disk to ask again.

        None of them has had an answer yet.
        """
        promised, self._promised = self._promised, ()
        for reply_to, _ in promised:
            reply_to.tell(NOT_RECORDED)

    def answer_with(
        self,
        request: OrderRequest,
        answer: Order | Refusal,
        is_on_disk: bool,  # noqa: FBT001 - as the journal says it
    ) -> None:
        """Answer a request, but not before the answer is on disk."""
        if is_on_disk:
            request.reply_to.tell(answer)
        else:
            assert isinstance(answer, Order), "a refusal does not wait for the disk"
            self._promised = (*self._promised, (request.reply_to, answer))

    def answer(self, version: int) -> None:
        """Give the answers that are on disk, now that ``version`` of the order is."""
        if not self._promised:
            return
        promised, self._promised = self._promised, ()
        for reply_to, order in promised:
            if order.version <= version:
                reply_to.tell(order)
            else:
                self._promised = (*self._promised, (reply_to, order))

    def refuse_until_settled(self, child: ChildOrder) -> None:
        """Refuse all waiting requests until an operator has settled a child."""
        detail = (
            "the order is on hold for its child order; settle that by hand first, "
            f"with the command: settle {child.child_id}"
        )
        self.refuse_all(Refusal(code=RefusalCode.CHILD_NOT_SETTLED, detail=detail))

    def answer_rest(
        self, order: Order | None, *, is_over: bool, is_stopping: bool
    ) -> None:
        """Answer what is left: this executor works the order no more.

        Args:
            order: as it is on disk; None when that is not known.
            is_over: whether the order has ended. If not, requests are repeated by the
                desk, to the executor's successor.
            is_stopping: whether the service stops, so that there is no successor.
        """
        otherwise = ENDED_BEFORE if is_over else None
        otherwise = STOPPING if is_stopping else otherwise
        waiting, self._waiting = self._waiting, ()
        for request in waiting:
            if answer := _last_word(request, order) or otherwise:
                request.reply_to.tell(answer)


def _is_pause(request: OrderRequest) -> bool:
    return isinstance(request, PauseRequest) and request.command.is_on


def _last_word(request: OrderRequest, order: Order | None) -> Order | Refusal | None:
    if order is None or not order.status.is_final:
        return None
    wanted_that = isinstance(request, CancelRequest)
    if wanted_that and order.status is OrderStatus.CANCELED:
        return order
    return has_ended(order)
