"""The executors whose orders are enlisted, and what each was given of the book."""

from dataclasses import dataclass

from actors.messages.routing import Enlist
from actors.runtime.addresses import AnyRecipient
from domain.orders.child_order import Slice
from domain.values import OrderId, Side


@dataclass(slots=True)
class Client:
    """The executor of an enlisted order, its latest ticket, and what it was given."""

    executor: AnyRecipient
    ticket: int
    side: Side
    children: int
    """Intended when it enlisted: before whatever comes of the offer."""

    slices: tuple[Slice, ...] = ()
    """Given while the order is away, unless given back since."""

    epoch: int = 0
    """Counts the books; slices of an earlier one cannot be given back."""


class Clients:
    """All clients of one router."""

    def __init__(self) -> None:
        self._by_order: dict[OrderId, Client] = {}
        self._epoch = 0

    def __len__(self) -> int:
        """Count them."""
        return len(self._by_order)

    def executors(self) -> list[AnyRecipient]:
        """List all executors."""
        return [client.executor for client in self._by_order.values()]

    def new_book(self) -> None:
        """Note that the book is another one, or none."""
        self._epoch += 1

    def enlist(self, message: Enlist) -> None:
        """Take an executor in; replaces what was known of its order."""
        waiting = message.waiting
        self._by_order[waiting.order_id] = Client(
            message.executor, message.ticket, waiting.side, message.children
        )

    def remove(self, order_id: OrderId) -> None:
        """Forget an order; an unknown one is no error."""
        self._by_order.pop(order_id, None)

    def give(self, order_id: OrderId, slices: tuple[Slice, ...]) -> Client:
        """Note what an order is given; return whom to tell."""
        client = self._by_order[order_id]
        client.slices, client.epoch = slices, self._epoch
        return client

    def of_ticket(self, order_id: OrderId, ticket: int) -> Client | None:
        """Return the client if that is its latest ticket."""
        client = self._by_order.get(order_id)
        if client is None or client.ticket != ticket:
            return None  # given back already, when that executor left or enlisted anew
        return client

    def of_children(self, order_id: OrderId, children: int | None) -> Client | None:
        """Return the client if no child can have come of what it was given.

        Nobody works that offer then: an executor that leaves or enlists accepts no
        earlier one, and a successor never sees what its predecessor was offered.
        """
        client = self._by_order.get(order_id)
        if client is None or client.children != children:
            return None  # a child came of it, or may have: it stays taken
        return client

    def take_back(self, client: Client) -> tuple[Slice, ...]:
        """Return, once, what a client was given of the book of now."""
        slices, client.slices = client.slices, ()
        return slices if client.epoch == self._epoch else ()
