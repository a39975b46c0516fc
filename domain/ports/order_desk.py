"""The way into the service; the port that the edges call."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from domain.market.updates import BookView
from domain.matching.open_limits import OpenLimits
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    PauseOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.dry_run import DryRun
from domain.orders.order import Order
from domain.orders.order_now import OrderNow
from domain.orders.records import Stored
from domain.readiness import Readiness
from domain.refusals import Refusal
from domain.risk.halt import HaltSet
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


class OrderDesk(Protocol):
    """The one way into the service: orders, the halt switch, what is traded, how it is.

    Whoever lets somebody in calls this: HTTP today, another protocol or a broker's
    consumer tomorrow. Any thread may.

    * ``place``, ``dry_run``, ``cancel``, ``amend``, ``release``, ``pause``, ``settle``,
      ``set_halt`` and ``halt`` return a future at once and never block; it fails with
      DeskTimeoutError if no answer comes. The thread that calls may run the actors that
      it woke.
    * ``book``, ``open_limits``, ``order_now`` and ``readiness`` block, never longer
      than the desk's timeout; ``book`` raises that error itself.
    * ``symbols`` answers at once.

    A call that is made twice is two requests. The two things that make a repeated
    ``place`` the same order for ever are the client's: its idempotency key and its
    client order id. Nothing makes a repeated amendment the same one.
    """

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        """Have an order accepted; with ``Stored`` it is on disk."""
        ...

    def dry_run(self, command: PlaceOrder) -> Future[DryRun | Refusal]:
        """Say what would become of an order now; nothing is kept, and nothing sent.

        What is wrong with the order is in the ``DryRun``; a refusal says only that
        nobody can be asked.
        """
        ...

    def cancel(self, command: CancelOrder) -> Future[Order | Refusal]:
        """Cancel; gives the order, PENDING_CANCEL while a child may still fill."""
        ...

    def amend(self, command: AmendOrder) -> Future[Order | Refusal]:
        """Amend; gives the order with its new terms, once they are on disk."""
        ...

    def release(self, command: ReleaseOrder) -> Future[Order | Refusal]:
        """Release an order on hold; gives the order afterwards."""
        ...

    def pause(self, command: PauseOrder) -> Future[Order | Refusal]:
        """Pause or resume an order; gives the order, once that is on disk."""
        ...

    def settle(self, command: SettleChild) -> Future[Order | Refusal]:
        """Settle a child as an operator states; gives the order, once it is on disk."""
        ...

    def set_halt(self, *, is_on: bool, reason: str) -> Future[HaltSet | Refusal]:
        """Throw the halt switch; done once it is set, even if not on disk yet.

        On: no child order leaves after that. The answer waits for those in flight and
        for the disk, but not for long. Off takes effect only once it is on disk; a
        refusal says that it is not.
        """
        ...

    def halt(self) -> Future[HaltSet | Refusal]:
        """Return the state of the halt switch."""
        ...

    def book(self, symbol: Symbol, limit: int) -> BookView:
        """Return up to ``limit`` levels on each side."""
        ...

    def open_limits(self, symbol: Symbol) -> OpenLimits:
        """Return the limits at which orders wait to be offered something.

        An order with a child in flight, on hold, or waiting after a refusal is not
        among them; none is while the symbol is being started.
        """
        ...

    def order_now(self, order: Order) -> OrderNow:
        """Say why an order does not fill now; what nobody says in time is left out."""
        ...

    def symbols(self) -> Sequence[SymbolRules]:
        """Return what is traded, with its rules. Does not block."""
        ...

    def readiness(self) -> Readiness:
        """Say per symbol whether it can trade and why not."""
        ...
