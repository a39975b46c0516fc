"""Looks into the actors after each step, and whenever nobody has anything to do."""

from collections.abc import Callable
from typing import Any

from actors.executor.executor import Executor
from actors.gateway.gateway import Gateway
from actors.intake.manager import Manager
from actors.listener import Listener
from actors.messages.gateway import SubmitChild
from actors.messages.ledger import Written
from actors.router.router import Router
from actors.runtime.actor import RuntimeActor
from actors.supervision.symbol_supervisor import SymbolSupervisor
from domain.orders.records import Stored
from domain.reasons import BookState, WaitReason
from domain.values import Symbol
from tests.simulation.disk import Disk
from tests.simulation.leaving import Leaving
from tests.simulation.liquidity import Liquidity
from tests.simulation.venue import SimVenue
from tests.simulation.violations import Violations


Living = Callable[[type[Any]], list[Any]]
"""Returns the living actors of a kind."""


_WAITS_FOR_A_CHILD = (WaitReason.CHILD_UNKNOWN, WaitReason.ON_HOLD)
"""On hold where what the venue says of the child cannot be true."""


class Inspection:
    """Compares what actors hold with the disk, the market and one another."""

    def __init__(
        self,
        *,
        disk: Disk,
        venues: dict[Symbol, SimVenue],
        liquidity: Liquidity,
        leaving: Leaving,
        violations: Violations,
    ) -> None:
        self._disk = disk
        self._venues = venues
        self._liquidity = liquidity
        self._leaving = leaving
        self._check = violations.check

    def child_leaves(self, sender: Any, owner: Any, message: SubmitChild) -> None:
        """Check a child on its way to the gateway."""
        self._leaving.submitted(sender, message)
        self._liquidity.observers()[SubmitChild](sender, owner, message)

    def written(self, _sender: Any, _owner: Any, message: Written) -> None:
        """Check that what is said to be on disk is there."""
        if not isinstance(message.outcome, Stored) or message.outcome.repeated:
            return
        order = self._disk.order(message.order_id)
        is_kept = order is not None and order.version >= message.version
        self._check(is_kept, "written, but not on disk", message, order)

    def look_at(self, actor: RuntimeActor) -> None:
        """Check what an actor's step left behind."""
        if isinstance(actor, Executor):
            self._look_at_executor(actor)
        elif isinstance(actor, Router):
            self._look_at_router(actor)

    def _look_at_executor(self, executor: Executor) -> None:
        now = executor.snapshot()
        order = now.order
        if order is None or not executor.actor_ref.is_alive():
            return
        kept = self._disk.order(order.order_id)
        self._check(kept is not None, "works an order that is not on disk", order)
        if kept is None:
            return
        self._check(kept.version <= order.version, "works an old order", order, kept)
        if now.is_on_disk:
            self._check(kept == order, "not the same as on disk", order, kept)

    def _look_at_router(self, router: Router) -> None:
        now = router.snapshot()
        if not router.actor_ref.is_alive():
            return
        if now.state is not BookState.SYNCED:
            self._check(now.best is None, "a touch without a book", now.best)
            return
        book = now.book
        venue = self._venues[book.symbol]
        stated = venue.books.get(book.update_id)
        self._check(stated is not None, "a book the venue never had", book.update_id)
        told = book.best_levels()
        self._check(now.best == told, "another touch is told of", now.best, told)
        for number, side in enumerate((book.bids, book.asks)):
            held = {price: quantity for price, quantity, _ in side.best_first()}
            is_same = stated is not None and held == stated[number]
            self._check(is_same, "another book than the venue's", book.update_id, held)

    def look_at_rest(self, living: Living) -> None:
        """Check a world in which nobody has anything to do now."""
        self._look_at_books(living)
        self._look_at_doubts(living)
        self._look_at_expiries(living)
        self._look_at_holds(living)

    def _look_at_books(self, living: Living) -> None:
        """Check that every book is traded on, if it is in step, and only then."""
        listeners = [one.snapshot() for one in living(Listener)]
        out_of_step = {
            one.symbol for one in listeners if one.has_started and not one.is_in_step
        }
        for router in living(Router):
            now = router.snapshot()
            is_in_step = now.symbol not in out_of_step
            is_trading = now.state is BookState.SYNCED
            text = "trades on a book that is not in step"
            self._check(is_in_step or not is_trading, text, now.symbol)
            is_held_up = now.pause is not None or now.is_venue_awaited
            if is_trading and not is_held_up:
                self._liquidity.check_nothing_left(router)

    def _look_at_doubts(self, living: Living) -> None:
        """Check that every order says so whose child is unknown."""
        every = [one.snapshot() for one in living(Executor)]
        working = {now.order_id: now for now in every}
        for gateway in living(Gateway):
            for tracked in gateway.snapshot():
                now = working.get(tracked.child.order_id)
                if now is None or tracked.is_settled:
                    continue
                child, order = now.child, now.order
                is_own = child is not None and child.child_id == tracked.child.child_id
                if tracked.problem and is_own:
                    is_said = order.reason in _WAITS_FOR_A_CHILD
                    self._check(is_said, "does not say that it waits", order)

    def _look_at_expiries(self, living: Living) -> None:
        """Check that no order outlives its end, by the wall clock, but for a child."""
        for executor in living(Executor):
            now, runtime = executor.snapshot(), executor.context.runtime
            order = now.order
            if order is None or order.expires_at is None or now.is_finished:
                continue
            due_ns = runtime.timers.next_due_ns()
            if due_ns is not None and due_ns <= runtime.clock.monotonic_ns():
                return  # the process stood still, and its timers are about to go off
            is_over = order.expires_at <= runtime.clock.now()
            may_end = now.is_on_disk and now.child is None
            is_kept = is_over and may_end and not order.status.is_final
            self._check(not is_kept, "outlives its expiry", order)

    def _look_at_holds(self, living: Living) -> None:
        """Check that the manager knows which of the orders that are worked are held."""
        supervisors = [one.snapshot() for one in living(SymbolSupervisor)]
        reading = {one.symbol for one in supervisors if one.is_reading}
        for manager in living(Manager):
            known = manager.snapshot().on_hold
            for executor in living(Executor):
                now = executor.snapshot()
                order = now.order
                is_settled = order is not None and now.is_on_disk
                if is_settled and order.symbol not in reading:
                    is_known = (order.order_id in known) is order.is_on_hold
                    self._check(is_known, "the manager is wrong about a hold", order)
