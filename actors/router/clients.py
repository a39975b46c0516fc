"""The executors whose orders are enlisted, and the slices each was given."""

from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from actors.messages.routing import Enlist
from actors.runtime.addresses import AnyRecipient
from domain.market.order_book import LocalOrderBook
from domain.orders.child_order import Slice
from domain.values import OrderId, Side


LOOKS = 2
"""Old notes checked for each new one: more than one, so that useless ones get fewer."""


@dataclass(slots=True)
class Client:
    """The executor of an enlisted order, its latest ticket, and what it was given."""

    executor: AnyRecipient
    ticket: int
    side: Side
    children: int
    """Children intended when it enlisted, so before any that comes of the offer."""

    slices: tuple[Slice, ...] = ()
    """Given while the order is away, unless given back since."""

    epoch: int = 0
    """The number of its book; slices of an earlier book cannot be given back."""


class Clients:
    """All clients of one router.

    The slices of an order are noted in case they are given back. Nobody reports that
    they never will be: a note lapses with the book's statements about its levels, after
    which nothing can be given back.
    """

    def __init__(self, book: LocalOrderBook) -> None:
        self._book = book
        self._by_order: dict[OrderId, Client] = {}
        self._away: OrderedDict[OrderId, Client] = OrderedDict()
        """Clients with slices, the one not checked for longest first."""

        self._epoch = 0

    def __len__(self) -> int:
        """Count the clients."""
        return len(self._by_order)

    @property
    def epoch(self) -> int:
        """Return the number of the current book."""
        return self._epoch

    def order_ids(self) -> AbstractSet[OrderId]:
        """Return the orders of all clients."""
        return self._by_order.keys()

    def away(self) -> AbstractSet[OrderId]:
        """Return the orders whose slices are still noted."""
        return self._away.keys()

    def executors(self) -> list[AnyRecipient]:
        """List all executors."""
        return [client.executor for client in self._by_order.values()]

    def new_book(self) -> None:
        """Note that the book was replaced or lost."""
        self._epoch += 1

    def enlist(self, message: Enlist) -> None:
        """Add an executor; replaces what was known of its order."""
        waiting = message.waiting
        self._away.pop(waiting.order_id, None)
        self._by_order[waiting.order_id] = Client(
            message.executor, message.ticket, waiting.side, message.children
        )

    def remove(self, order_id: OrderId) -> None:
        """Forget an order; an unknown one is no error."""
        self._by_order.pop(order_id, None)
        self._away.pop(order_id, None)

    def give(self, order_id: OrderId, slices: tuple[Slice, ...]) -> Client:
        """Note the slices that an order is given; return the client to tell."""
        client = self._by_order[order_id]
        client.slices, client.epoch = slices, self._epoch
        self.forget(LOOKS)
        self._away[order_id] = client
        return client

    def of_ticket(self, order_id: OrderId, ticket: int) -> Client | None:
        """Return the client if that is its latest ticket."""
        client = self._by_order.get(order_id)
        if client is None or client.ticket != ticket:
            return None  # given back already, as its executor left or enlisted again
        return client

    def of_children(self, order_id: OrderId, children: int) -> Client | None:
        """Return the client if no child can have come of its slices.

        Its offer is then dead: an executor that leaves or enlists accepts no earlier
        offer, and a successor never sees what its predecessor was offered.
        """
        client = self._by_order.get(order_id)
        if client is None or client.children != children:
            return None  # a child may have come of them: they stay taken
        return client

    def give_back(self, client: Client) -> bool:
        """Make a client's slices of the current book available again, once."""
        slices, client.slices = client.slices, ()
        if not slices or client.epoch != self._epoch:
            return False
        self._book.taken_by(client.side).give_back(slices)
        return True

    def forget(self, looks: int) -> None:
        """Drop notes of which nothing can be given back any more.

        Args:
            looks: how many notes to check, those not checked for longest first.
        """
        for _ in range(min(looks, len(self._away))):
            order_id, client = self._away.popitem(last=False)
            if self._may_come_back(client):
                self._away[order_id] = client
            else:
                del self._by_order[order_id]

    def _may_come_back(self, client: Client) -> bool:
        if client.epoch != self._epoch:
            return False
        levels = self._book.taken_by(client.side)
        return any(levels.is_stated_still(part) for part in client.slices)
