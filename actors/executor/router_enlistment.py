"""An executor's dealings with the router of its symbol."""

from actors import names
from actors.messages.routing import (
    ChildNeverSent,
    Enlist,
    GiveBack,
    Offer,
    RouterStarted,
    Withdraw,
    Withdrawn,
)
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from domain.orders.next_action import EnlistOrder
from domain.orders.order import Order
from domain.values import OrderId, Symbol


class RouterEnlistment:
    """The order's place in the router's index.

    It knows which answers the router still owes. Slotted and small: there may be a
    hundred thousand executors.
    """

    __slots__ = (
        "_address",
        "_children",
        "_context",
        "_enlisted",
        "_is_enlisted",
        "_is_new",
        "_may_be_listed",
        "_router",
        "_ticket",
    )

    def __init__(
        self, context: ActorContext, address: ActorAddress, symbol: Symbol
    ) -> None:
        self._context = context
        self._address = address
        self._router = names.router(symbol)
        self._ticket = 0
        self._children = 0
        self._is_enlisted = False
        self._enlisted: EnlistOrder | None = None
        self._may_be_listed = (
            False  # in the current router's index, by us or by a predecessor
        )
        self._is_new = False

    @property
    def is_enlisted(self) -> bool:
        """Whether a valid offer, or the answer to a withdrawal, may still come."""
        return self._is_enlisted

    @property
    def enlisted(self) -> EnlistOrder | None:
        """As what the order is enlisted; None if it is not, or was withdrawn."""
        return self._enlisted

    @property
    def ticket(self) -> int:
        """The ticket of valid offers."""
        return self._ticket

    def begin(self, order: Order, *, is_new: bool) -> None:
        """Start with an order.

        Args:
            order: as it is on disk.
            is_new: whether it was accepted just now, and has never been enlisted; else
                a predecessor's entry may be in the index.
        """
        self._is_new, self._may_be_listed = is_new, not is_new
        self._children = order.children

    def enlist(self, order: Order, action: EnlistOrder) -> None:
        """Enlist for matching, in place of what is enlisted; or wait for a router."""
        self._ticket += 1
        self._children = order.children
        message = Enlist(
            waiting=action.waiting(order),
            ticket=self._ticket,
            children=order.children,
            executor=self._address,
            may_wait=not self._is_new,
        )
        self._is_new = False
        self._is_enlisted = self._context.tell(self._router, message)
        self._may_be_listed = self._is_enlisted
        self._enlisted = action if self._is_enlisted else None

    def take(self, offer: Offer) -> EnlistOrder | None:
        """Take the offer if it answers our latest enlistment, which it then ends.

        Returns:
            As what the order was enlisted; None if the offer is not taken.
        """
        enlisted = self._enlisted
        if enlisted is None or offer.ticket != self._ticket:
            return None
        self.gone()
        return enlisted

    def hear(self, message: RouterStarted | Withdrawn) -> None:
        """Note that the answer the router owed has come, or never will."""
        if isinstance(message, RouterStarted):
            # But the new one may have our Enlist.
            self._is_enlisted, self._enlisted = False, None
        elif message.ticket == self._ticket:  # else we have enlisted again since
            self.gone()

    def gone(self) -> None:
        """Note that we are not in the router's index, and that no answer is due."""
        self._is_enlisted = self._may_be_listed = False
        self._enlisted = None

    def leave(self, order_id: OrderId) -> None:
        """Withdraw from the router; an offer on its way will not be accepted."""
        if not self._may_be_listed:
            return
        is_own = self._ticket > 0  # else a predecessor's, which we get no offers for
        self._ticket += 1
        self._enlisted = None
        message = Withdraw(
            order_id=order_id,
            ticket=self._ticket,
            # Still valid: while enlisted, an order gets no child.
            children=self._children,
            reply_to=self._address,
        )
        was_told = self._context.tell(self._router, message)
        self._is_enlisted = self._may_be_listed = was_told and is_own

    def give_back(self, offer: Offer, order: Order | None) -> None:
        """Give slices that were never sent back to the router that offered them."""
        if offer.slices and order is not None:
            message = GiveBack(
                order_id=order.order_id, ticket=offer.ticket, slices=offer.slices
            )
            offer.router.tell(message)

    def child_never_sent(self, offer: Offer | None, order: Order) -> None:
        """Give back the latest child's slices; None: only a predecessor knew them."""
        if offer is not None:
            self.give_back(offer, order)
            return
        message = ChildNeverSent(order_id=order.order_id, children=order.children - 1)
        self._context.tell(self._router, message)
