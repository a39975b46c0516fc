"""Checks that no child leaves late: after its order's end was due, or its offer's.

Both when an executor hands it over, and when the venue's adapter sends it.
"""

from typing import Any

from actors.executor.executor import Executor
from actors.messages.client_requests import CancelRequest
from actors.messages.gateway import SubmitChild
from actors.messages.ledger import WriteRecord
from actors.messages.lifecycle import Drain
from actors.messages.routing import Offer
from actors.runtime.actor import RuntimeActor
from actors.runtime.deterministic import VirtualClock
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildOrder
from domain.orders.records import OrderChange
from domain.values import ChildId
from tests.simulation.disk import Disk
from tests.simulation.violations import Violations


OFFER_SECONDS_MAX = 5


class Leaving:
    """Watches what an executor was told before it sends a child."""

    def __init__(self, disk: Disk, clock: VirtualClock, violations: Violations) -> None:
        self._disk = disk
        self._clock = clock
        self._check = violations.check
        self._stops: dict[str, object] = {}
        """By executor: what told it to end its order or itself."""

        self._offered_ns: dict[tuple[str, ChildId], int] = {}
        """When the router made the offer that an executor made a child of."""

        self._told: dict[int, tuple[Offer, int]] = {}
        """By identity: offers, kept so that it stays theirs, and when each was made."""

        self._submitted_by: dict[ChildId, str] = {}

    def note_read(self, reader: RuntimeActor, message: object) -> None:
        """Note what an actor takes out of its mailbox."""
        is_stop = isinstance(message, CancelRequest | Drain)
        if is_stop and isinstance(reader, Executor):
            self._stops[reader.actor_urn] = message

    def offered(self, offer: Offer) -> None:
        """Note when a router made an offer."""
        self._told[id(offer)] = offer, self._clock.monotonic_ns()

    def recorded(self, sender: Any, _owner: Any, message: WriteRecord) -> None:
        """Note when an executor made a child of an offer."""
        record = message.record
        if isinstance(record, OrderChange) and record.intent is not None:
            key = (sender.actor_urn, record.intent.child_id)
            _, offered_ns = self._told[id(sender.snapshot().offer)]
            self._offered_ns.setdefault(key, offered_ns)

    def submitted(self, sender: Any, message: SubmitChild) -> None:
        """Check that the child may leave, as things are when it is submitted."""
        self._submitted_by[message.child.child_id] = sender.actor_urn
        self.check_sending(message.child)

    def check_sending(self, child: ChildOrder) -> None:
        """Check that the child may leave now, whoever has had it in hand meanwhile."""
        executor = self._submitted_by[child.child_id]
        stop = self._stops.get(executor)
        self._check(stop is None, "a child left after", stop, child)
        order = self._disk.all_orders[child.order_id]
        is_due = order.expires_at is not None and order.expires_at <= self._clock.now()
        self._check(not is_due, "a child left after its order's time", child, order)
        offered_ns = self._offered_ns[executor, child.child_id]
        age = (self._clock.monotonic_ns() - offered_ns) / NANOSECONDS
        self._check(age <= OFFER_SECONDS_MAX, "a child of an old offer", age, child)
