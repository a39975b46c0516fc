"""An executor's dealings with the gateway."""

from datetime import datetime

from actors import names
from actors.gateway.permits import ChildPermit
from actors.messages.gateway import (
    ForgetChild,
    QueryChild,
    RecallChild,
    SubmitChild,
)
from actors.messages.routing import Offer
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildOrder, ChildResult
from domain.orders.completion import OFFER_AGE_MAX_NS, WithheldReason
from domain.orders.next_action import ChildSituation
from domain.values import ChildId


class ChildInFlight:
    """The child order that is at the venue, or may be; at most one.

    It knows which answers the gateway still owes, so that after a restart of the
    gateway the executor can repeat what may be lost. Slotted and small: there may be a
    hundred thousand executors.
    """

    __slots__ = (
        "_address",
        "_child",
        "_context",
        "_is_sent",
        "_offer",
        "_permit",
        "_received_ns",
        "_settled",
    )

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        self._child: ChildOrder | None = None
        self._offer: Offer | None = None
        self._is_sent = False
        self._permit: ChildPermit | None = None
        self._settled: ChildId | None = None
        self._received_ns = 0  # the frame of the fills that are not on disk yet

    @property
    def child(self) -> ChildOrder | None:
        """The child in flight; None when there is none."""
        return self._child

    @property
    def offer(self) -> Offer | None:
        """The offer the child was made of; None for a child found on disk."""
        return self._offer

    @property
    def is_sent(self) -> bool:
        """Whether there is a child in flight that may have left."""
        return self._child is not None and self._is_sent

    def of(self, child_id: ChildId) -> ChildOrder | None:
        """Return the child in flight, if it has that id."""
        is_own = self._child is not None and self._child.child_id == child_id
        return self._child if is_own else None

    def known(self) -> ChildOrder:
        """Return the child in flight; there must be one."""
        assert self._child is not None
        return self._child

    def situation(self) -> ChildSituation | None:
        """Return what decides about the child; None when there is none.

        The age of its offer counts from the state of the book, not from when the offer
        was accepted: it may have waited before that, too.
        """
        if self._child is None:
            return None
        as_of_ns = self._offer.as_of_ns if self._offer is not None else 0
        age_ns = self._context.runtime.clock.monotonic_ns() - as_of_ns
        return ChildSituation(is_sent=self._is_sent, offer_age_ns=age_ns)

    def intend(self, child: ChildOrder, offer: Offer) -> None:
        """Hold a child until its intent is on disk."""
        self._child, self._offer, self._is_sent = child, offer, False
        self._observe("frame_to_offer_seconds", offer.received_ns)

    def take_over(self, child: ChildOrder, *, is_asked_about: bool) -> None:
        """Take over a child found on disk, of which nothing else is known.

        Args:
            child: whose intent is on disk, but no result.
            is_asked_about: whether to ask the gateway what became of it; if not, an
                operator has to say.
        """
        self._child, self._offer, self._is_sent = child, None, True
        if is_asked_about:
            self._query(child)

    def ask_no_more(self) -> None:
        """Make the gateway forget the child, or the one settled last."""
        self._context.runtime.directory.unwatch(names.GATEWAY, self._address)
        if self._child is not None:
            self._settled = self._child.child_id
        self.forget_settled()

    def drop(self) -> bool:
        """Forget the child; return whether there was one that had not left."""
        has_not_left = self._child is not None and not self._is_sent
        self.ask_no_more()
        self._child = None
        return has_not_left

    def submit(self, expires_at: datetime | None) -> None:
        """Send the child, whose intent is on disk, unless it has been sent.

        Args:
            expires_at: of its order.
        """
        if self._is_sent:
            return
        assert self._child is not None
        assert self._offer is not None, "a child that was found on disk is never sent"
        self._is_sent = True
        self._observe("frame_to_intent_seconds", self._offer.received_ns)
        self._watch()
        self._permit = ChildPermit(
            clock=self._context.runtime.clock,
            until_ns=self._offer.as_of_ns + OFFER_AGE_MAX_NS,
            expires_at=expires_at,
        )
        message = SubmitChild(
            child=self._child,
            reply_to=self._address,
            received_ns=self._offer.received_ns,
            permit=self._permit,
        )
        self._context.tell(names.GATEWAY, message)

    def recall(self, reason: WithheldReason) -> None:
        """Keep the child from leaving, unless it has left."""
        assert self._child is not None
        self.revoke(reason)  # takes effect at once, even if a worker has the child
        recall = RecallChild(child_id=self._child.child_id, reason=reason.value)
        self._context.tell(names.GATEWAY, recall)

    def revoke(self, reason: WithheldReason) -> None:
        """Revoke the permit without telling the gateway, which will notice."""
        if self._permit is not None:
            self._permit.revoke(reason.value)

    def ask_again(self) -> None:
        """Ask a new gateway what became of the child; it may or may not have left."""
        if self._child is not None and self._is_sent:
            self._query(self._child)

    def settled(self, result: ChildResult | None = None) -> Offer | None:
        """Note the final answer; return the offer the child was made of."""
        self._context.runtime.directory.unwatch(names.GATEWAY, self._address)
        assert self._child is not None
        self._settled = self._child.child_id
        offer, self._child, self._offer = self._offer, None, None
        is_filled = result is not None and bool(result.fills)
        self._received_ns = offer.received_ns if offer and is_filled else 0
        self._permit = None
        return offer

    def forget_settled(self) -> None:
        """Make the gateway forget the last answer, which is on disk now."""
        self._observe("frame_to_fill_seconds", self._received_ns)
        self._received_ns = 0
        if self._settled is not None:
            self._context.tell(names.GATEWAY, ForgetChild(child_id=self._settled))
            self._settled = None

    def _observe(self, name: str, received_ns: int) -> None:
        if received_ns:
            runtime = self._context.runtime
            seconds = (runtime.clock.monotonic_ns() - received_ns) / NANOSECONDS
            runtime.meter.observe_seconds(name, seconds)

    def _query(self, child: ChildOrder) -> None:
        self._watch()
        message = QueryChild(child=child, reply_to=self._address)
        self._context.tell(names.GATEWAY, message)

    def _watch(self) -> None:
        self._context.runtime.directory.watch(names.GATEWAY, self._address)
