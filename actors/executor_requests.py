"""What clients want of an order while it is worked, and who waits for which answer."""

from actors.messages import AmendRequest, AnyRecipient, CancelRequest
from domain.ending import has_ended
from domain.order import Order, OrderStatus


Request = CancelRequest | AmendRequest


class Requests:
    """Requests not served yet, and answers that wait for the disk."""

    __slots__ = ("_promised", "_waiting")

    def __init__(self) -> None:
        # Tuples, because both are empty for most orders most of the time.
        self._waiting: tuple[Request, ...] = ()
        self._promised: tuple[tuple[AnyRecipient, int], ...] = ()

    def __bool__(self) -> bool:
        """Whether any request waits to be served."""
        return bool(self._waiting)

    def add(self, request: Request) -> None:
        """Keep a request until it can be served."""
        self._waiting = (*self._waiting, request)

    def take_next(self) -> Request:
        """Take out the oldest request."""
        request, self._waiting = self._waiting[0], self._waiting[1:]
        return request

    def take_cancels(self) -> tuple[CancelRequest, ...]:
        """Take out all cancels, whatever waits before them."""
        waiting = self._waiting
        self._waiting = tuple(one for one in waiting if isinstance(one, AmendRequest))
        return tuple(one for one in waiting if isinstance(one, CancelRequest))

    def promise(self, request: Request, version: int) -> None:
        """Answer ``request`` when ``version`` of the order is on disk."""
        self._promised = (*self._promised, (request.reply_to, version))

    def answer(self, order: Order | None, version: int) -> None:
        """Answer with ``order`` those whose version is on disk."""
        if not self._promised:
            return
        due = [reply_to for reply_to, wanted in self._promised if wanted <= version]
        self._promised = tuple(one for one in self._promised if one[1] > version)
        for reply_to in due:
            reply_to.tell(order)

    def answer_ended(self, order: Order) -> None:
        """Answer all that is left: the order has ended."""
        waiting, self._waiting = self._waiting, ()
        for request in waiting:
            wanted_that = isinstance(request, CancelRequest)
            if wanted_that and order.status is OrderStatus.CANCELED:
                request.reply_to.tell(order)
            else:
                request.reply_to.tell(has_ended(order))
