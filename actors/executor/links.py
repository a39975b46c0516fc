"""An executor's dealings with the router, the ledger and the gateway.

Each link knows what the other side may still owe us, so that after a restart of that
side the executor can say again what may be lost. Slotted and small: there may be a
hundred thousand executors.
"""

from datetime import datetime
from decimal import Decimal

from actors import names
from actors.gateway.permits import ChildPermit
from actors.messages.journal import (
    LoadChildHistory,
    LoadOrder,
    WriteRecord,
    Written,
)
from actors.messages.routing import (
    ChildNeverSent,
    Enlist,
    Offer,
    Release,
    Withdraw,
)
from actors.messages.venue import (
    ForgetChild,
    QueryChild,
    RecallChild,
    SubmitChild,
)
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from domain.matching.matcher import WaitingOrder
from domain.orders.child_order import ChildOrder
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.orders.journal import OrderChange
from domain.orders.order import Order
from domain.values import ChildId, OrderId, Symbol


class RouterLink:
    """The order's place in the router's index."""

    __slots__ = (
        "_address",
        "_children",
        "_context",
        "_router",
        "_ticket",
        "is_enlisted",
        "is_new",
    )

    def __init__(
        self, context: ActorContext, address: ActorAddress, symbol: Symbol
    ) -> None:
        self._context = context
        self._address = address
        self._router = names.router(symbol)
        self._ticket = 0
        self._children = 0
        self.is_enlisted = False
        """Whether an offer may come that counts, or the last word of a withdrawal."""

        self.is_new = False
        """Whether the order was accepted just now, and has never been enlisted."""

    def enlist(self, order: Order, limit: Decimal) -> None:
        """Have the order matched at a limit; without a router, wait for one."""
        self._ticket += 1
        waiting = WaitingOrder(
            order_id=order.order_id,
            side=order.side,
            price=limit,
            quantity=order.waiting,
            sequence=order.sequence,
            time_in_force=order.time_in_force,
        )
        self._children = order.children
        message = Enlist(
            waiting=waiting,
            ticket=self._ticket,
            children=order.children,
            executor=self._address,
            may_wait=not self.is_new,
        )
        self.is_new = False
        self.is_enlisted = self._context.tell(self._router, message)

    def accepts(self, offer: Offer) -> bool:
        """Whether the offer answers our latest enlistment; then we are away."""
        if offer.ticket != self._ticket or not self.is_enlisted:
            return False
        self.is_enlisted = False
        return True

    def gone(self) -> None:
        """Note that the router ended: whatever it owed us never comes."""
        self.is_enlisted = False

    def leave(self, order_id: OrderId) -> None:
        """Want no more offers; one that is on its way will not be accepted."""
        if self.is_enlisted:
            self._ticket += 1
            # Still as many: while it is enlisted, no child is made.
            self.is_enlisted = self.forget(order_id, self._children)

    def forget(self, order_id: OrderId, children: int | None) -> bool:
        """Have the router drop its note of the order; answered with Withdrawn.

        Args:
            order_id: of the order.
            children: intended so far; None when unknown.
        """
        message = Withdraw(order_id=order_id, children=children, reply_to=self._address)
        return self._context.tell(self._router, message)

    def release(self, offer: Offer, order: Order | None) -> None:
        """Give slices back that were never sent, to the router that offered them."""
        if offer.slices and order is not None:
            message = Release(
                order_id=order.order_id, ticket=offer.ticket, slices=offer.slices
            )
            offer.router.tell(message)

    def child_never_sent(self, offer: Offer | None, order: Order) -> None:
        """Give back what the latest child was made of; None: a predecessor knew."""
        if offer is not None:
            self.release(offer, order)
            return
        message = ChildNeverSent(order_id=order.order_id, children=order.children - 1)
        self._context.tell(self._router, message)


class LedgerLink:
    """Changes of the order that are not known to be on disk yet.

    The disk takes a change only on top of the one before it, and says so when that is
    missing: a ledger that fails may lose the first of two messages, and its successor
    get the second. Then both are said again.
    """

    __slots__ = ("_address", "_context", "_is_loading", "_reading", "_unwritten")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        # A tuple, because it is empty for most orders most of the time.
        self._unwritten: tuple[OrderChange, ...] = ()
        self._is_loading = False
        self._reading = 1

    @property
    def is_clear(self) -> bool:
        """Whether everything is on disk."""
        return not self._unwritten

    def load(self, order_id: OrderId) -> None:
        """Ask for the order as it is on disk, until ``loaded``."""
        self._watch()
        self._context.tell(
            names.LEDGER, LoadOrder(order_id=order_id, reply_to=self._address)
        )

    def loaded(self) -> None:
        """Note that the order came."""
        self._unwatch()

    def load_history(self, child_id: ChildId) -> None:
        """Ask for all that is on disk about a child, until ``history_loaded``."""
        self._is_loading = True
        self._watch()
        message = LoadChildHistory(child_id=child_id, reply_to=self._address)
        self._context.tell(names.LEDGER, message)

    def history_loaded(self) -> None:
        """Note that the history came."""
        self._is_loading = False
        if not self._unwritten:
            self._unwatch()

    def write(self, change: OrderChange) -> None:
        """Have a change written, after all earlier ones."""
        if not self._unwritten:
            self._watch()
        self._unwritten = (*self._unwritten, change)
        self._tell(change)

    def expects(self, answer: Written) -> bool:
        """Whether it answers something written since the order was read last."""
        return answer.attempt == self._reading

    def written(self, version: int) -> None:
        """Note that everything up to ``version`` is on disk."""
        self._unwritten = tuple(
            change for change in self._unwritten if change.order.version > version
        )
        if not self._unwritten and not self._is_loading:
            self._unwatch()

    def missed(self, on_disk: Order) -> bool:
        """Say again what the disk misses; return False when that is not ours to say.

        Args:
            on_disk: the order, to which the first of our changes should have come.
        """
        if not self._unwritten or self._unwritten[0].follows > on_disk.version:
            return False
        self.write_again()
        return True

    def write_again(self) -> None:
        """Say again what a new ledger may not have heard; it does no harm twice."""
        for change in self._unwritten:
            self._tell(change)

    def give_up(self) -> tuple[OrderChange, ...]:
        """Take back all that is not on disk; what is answered about it counts no more.

        The caller has the order read anew.
        """
        given_up, self._unwritten = self._unwritten, ()
        self._reading += 1
        self._unwatch()
        return given_up

    def _tell(self, change: OrderChange) -> None:
        message = WriteRecord(
            record=change, reply_to=self._address, attempt=self._reading
        )
        self._context.tell(names.LEDGER, message)

    def _watch(self) -> None:
        self._context.runtime.directory.watch(names.LEDGER, self._address)

    def _unwatch(self) -> None:
        self._context.runtime.directory.unwatch(names.LEDGER, self._address)


class GatewayLink:
    """The child order that is at the venue, or may be."""

    __slots__ = (
        "_address",
        "_context",
        "_permit",
        "_settled",
        "child",
        "is_sent",
        "offer",
    )

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        self.child: ChildOrder | None = None
        """In flight; None when there is none."""

        self.offer: Offer | None = None
        """What the child was made of; None for one that was found on disk."""

        self.is_sent = False
        self._permit: ChildPermit | None = None
        self._settled: ChildId | None = None

    @property
    def offer_age_ns(self) -> int:
        """Nanoseconds since the venue's book was as the child's offer shows it.

        They do not begin when the offer is taken: it may have waited for that, too.
        """
        as_of_ns = self.offer.as_of_ns if self.offer is not None else 0
        return self._context.runtime.clock.monotonic_ns() - as_of_ns

    def intend(self, child: ChildOrder, offer: Offer) -> None:
        """Hold a child until its intent is on disk."""
        self.child, self.offer, self.is_sent = child, offer, False

    def keep(self, child: ChildOrder) -> None:
        """Take over a child of which a person has to say what became of it."""
        self.child, self.offer, self.is_sent = child, None, True

    def ask_no_more(self) -> None:
        """Have the gateway forget the child, or the one settled last."""
        self._context.runtime.directory.unwatch(names.GATEWAY, self._address)
        if self.child is not None:
            self._settled = self.child.child_id
        self.forget_settled()

    def drop(self) -> bool:
        """Forget all about the child; return whether one was there that never left."""
        has_not_left = self.child is not None and not self.is_sent
        self.ask_no_more()
        self.child = None
        return has_not_left

    def adopt(self, child: ChildOrder) -> None:
        """Take over a child found on disk, of which nothing else is known."""
        self.child, self.offer = child, None
        self.query()

    def submit(self, expires_at: datetime | None) -> None:
        """Send the child, whose intent is on disk, unless that was done.

        Args:
            expires_at: of its order.
        """
        if self.is_sent:
            return
        assert self.child is not None
        assert self.offer is not None, "a child that was found on disk is never sent"
        self.is_sent = True
        self._watch()
        self._permit = ChildPermit(
            clock=self._context.runtime.clock,
            until_ns=self.offer.as_of_ns + OFFER_AGE_MAX_NS,
            expires_at=expires_at,
        )
        message = SubmitChild(
            child=self.child,
            reply_to=self._address,
            received_ns=self.offer.received_ns,
            permit=self._permit,
        )
        self._context.tell(names.GATEWAY, message)

    def recall(self, reason: WithheldReason) -> None:
        """Have the child not leave any more, unless it has left."""
        assert self.child is not None
        self.revoke(reason)  # counts at once, wherever the child is just now
        recall = RecallChild(child_id=self.child.child_id, reason=reason.value)
        self._context.tell(names.GATEWAY, recall)

    def revoke(self, reason: WithheldReason) -> None:
        """Do the same without a word to the gateway; it will see."""
        if self._permit is not None:
            self._permit.revoke(reason.value)

    def query(self) -> None:
        """Ask what became of the child; it may or may not have arrived."""
        assert self.child is not None
        self.is_sent = True
        self._watch()
        message = QueryChild(child=self.child, reply_to=self._address)
        self._context.tell(names.GATEWAY, message)

    def settled(self) -> Offer | None:
        """Note the final answer; return the offer the child was made of."""
        self._context.runtime.directory.unwatch(names.GATEWAY, self._address)
        assert self.child is not None
        self._settled = self.child.child_id
        offer, self.child, self.offer = self.offer, None, None
        self._permit = None
        return offer

    def forget_settled(self) -> None:
        """Have the gateway forget the last answer: it is on disk."""
        if self._settled is not None:
            self._context.tell(names.GATEWAY, ForgetChild(child_id=self._settled))
            self._settled = None

    def _watch(self) -> None:
        self._context.runtime.directory.watch(names.GATEWAY, self._address)
