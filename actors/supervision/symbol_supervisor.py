"""Owns the actors of one symbol: its router, its listener and its executors."""

import logging
from dataclasses import dataclass
from typing import Any

from actors import names
from actors.messages.client_requests import (
    AmendRequest,
    CancelRequest,
    GetSymbolStatus,
    OrderRequest,
    PauseRequest,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.ledger import OpenOrdersLoaded
from actors.messages.lifecycle import Drain, OrderAccepted
from actors.messages.routing import RouterStarted
from actors.messages.timers import ExecutorRestOver
from actors.runtime.addresses import ActorAddress, AnyRef, NameTaken
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.open_order_reader import OpenOrderReader
from actors.supervision.specifications import (
    ChildSpec,
    RestartBudget,
    RestartLog,
    Strategy,
)
from actors.supervision.supervisor import RestartPauses, Supervisor, stop
from actors.supervision.symbol_executors import (
    MakeExecutor,
    OrderCount,
    SymbolExecutors,
)
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.refusals import STOPPING
from domain.values import Symbol


logger = logging.getLogger(__name__)

SYMBOL_REST_SECONDS = (5.0, 10.0, 30.0, 60.0)
"""How long router and listener rest after failing too often, the 1st, 2nd, ... time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSupervisorSnapshot:
    """A symbol supervisor's state between two messages."""

    symbol: Symbol
    is_reading: bool
    """Whether open orders are being read from disk."""


class SymbolSupervisor(Supervisor):
    """Owns one symbol's actors; their failures affect no other symbol.

    New orders, recovery and any restart are one path: open orders are read from disk,
    and those that are not worked yet get an executor. That is done at the start and
    whenever a manager is replaced, with which wake-ups may have been lost; in between,
    a wake-up carries the order, so that nothing has to be read.

    Owns: router and listener (rest-for-one; they rest together when they fail too
        often, while the executors go on, so that orders can be ended); executors (each
        on its own; one that fails again and again rests for a while, and no other is
        affected); the reading of open orders.
    Receives: ActorEnded, RestartPauseOver, Drain; OrderAccepted and requests about
        orders from the manager; OpenOrdersLoaded from the ledger; GetSymbolStatus from
        the desk, when there is no router; ExecutorRestOver; NameTaken.
    Sends: LoadOpenOrders to the ledger, SymbolRecovered to the manager; RouterStarted,
        Drain and the manager's requests to executors.
    Asks: nobody.
    Ends: as every supervisor does. Orders stay on disk, to be read again.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        symbol: Symbol,
        specs: tuple[ChildSpec, ...],
        make_executor: MakeExecutor,
        budget: RestartBudget,
        open_orders: OrderCount | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            context: its place.
            symbol: whose actors these are.
            specs: router and listener; none for a symbol that is not traded.
            make_executor: makes the arguments of an executor.
            budget: how often router and listener may fail.
            open_orders: counts the open orders for others; None: for nobody.
        """
        super().__init__(
            context=context, specs=specs, strategy=Strategy.REST_FOR_ONE, budget=budget
        )
        self._symbol = symbol
        self._rests_of_both = RestartPauses(RestartLog(budget))
        self._is_at_rest = False
        self._executors = SymbolExecutors(
            context,
            self.address,
            symbol,
            make_executor,
            self.child_context,
            open_orders or OrderCount(),
        )
        self._orphans: dict[str, AnyRef] = {}
        self._kept: list[OrderRequest] = []
        self._reader = OpenOrderReader(context, self.address, symbol)
        self._drain_request: Drain | None = None

    def snapshot(self) -> SymbolSupervisorSnapshot:
        """Return the supervisor's state; read-only, for inspection."""
        return SymbolSupervisorSnapshot(
            symbol=self._symbol, is_reading=self._reader.is_reading
        )

    def on_start(self) -> None:
        """Stop the actors that a killed predecessor left behind, then start."""
        directory = self.context.runtime.directory
        for name in (names.MANAGER, names.LEDGER):
            directory.watch(name, self.address)
        for name in directory.names(names.of_symbol(self._symbol)):
            address = directory.lookup(name)
            if address is not None and address.ref.is_alive():
                self._orphans[name] = address.ref
                stop(address)
        self.start_waiting()

    def start_waiting(self) -> None:
        """Start the waiting children, but only once all orphans have ended.

        Two actors with one job would do it twice. Nor is anything read while an orphan
        may still write.
        """
        if self._orphans:
            return
        super().start_waiting()
        self._pass_on_kept()
        if not self._reader.has_begun:
            self._reader.begin()

    def on_unread(self, message: Any) -> None:
        """Leave no client without an answer."""
        if isinstance(message, OrderRequest):
            self._turn_away(message)

    def receive_other(self, message: Any) -> None:
        """Handle messages that concern executors."""
        match message:
            case OrderAccepted():
                self._order_accepted(message)
            case OpenOrdersLoaded():
                self._page_loaded(message)
            case (
                CancelRequest()
                | AmendRequest()
                | ReleaseRequest()
                | SettleRequest()
                | PauseRequest()
            ):
                self._pass_on(message)
            case GetSymbolStatus():
                message.reply_to.tell(self._status())
            case ExecutorRestOver():
                if not self._is_ending:
                    self._executors.rest_over(message.order_id)
            case NameTaken():
                self._name_taken(message)
            case _:
                super().receive_other(message)

    def child_started(self, name: str) -> None:
        """Make every executor enlist with a new router."""
        if name == names.router(self._symbol):
            for executor in self._executors.living():
                executor.tell(RouterStarted(symbol=self._symbol))

    def other_ended(self, ended: ActorEnded) -> bool:
        """Handle the end of an executor or an orphan."""
        if self._orphans.get(ended.name) is ended.ref:
            del self._orphans[ended.name]
            return True
        return self._executors.ended(ended, may_restart=not self._is_ending)

    def failed_too_often(self, cause: str) -> None:
        """Let router and listener rest, but no executor.

        Both, because a router without a listener would trust an old book.
        """
        logger.critical(
            "Supervisor gives up name=%s cause=%s", self.context.name, cause
        )
        for name in reversed(list(self._living)):
            self.stop_child(name)
        self._to_start.clear()
        self._is_at_rest = True
        self.plan_rest(self.context.name, SYMBOL_REST_SECONDS, self._rests_of_both)

    def rested(self, name: str) -> list[str]:
        """Return router and listener, which are started together."""
        del name
        self._is_at_rest = False
        return list(self._specs)

    def all_living(self) -> list[ActorAddress]:
        """List router, listener and executors."""
        return [*super().all_living(), *self._executors.living()]

    def has_living(self) -> bool:
        """Whether router, listener or any executor is left."""
        return super().has_living() or self._executors.has_living()

    def begin_drain(self, message: Drain) -> None:
        """Stop offers first, then let the executors settle what is in flight."""
        self._drain_request = message
        self._is_ending = True
        self._to_start.clear()
        for name in reversed(list(self._living)):
            self.stop_child(name)
        self.go_on_ending()

    def go_on_ending(self) -> None:
        """Drain the executors once router and listener are gone; then end."""
        if self._drain_request is not None and not self._living:
            for executor in self._executors.living():
                executor.tell(self._drain_request)
            self._drain_request = None
        self._pass_on_kept()
        super().go_on_ending()

    def _status(self) -> SymbolStatus:
        state, detail = BookState.RESTARTING, "its actors are being started"
        if self._is_at_rest:
            state, detail = BookState.DEGRADED, "its actors failed too often and rest"
        return SymbolStatus(symbol=self._symbol, book_state=state, detail=detail)

    def _name_taken(self, message: NameTaken) -> None:
        """Repeat what may be lost with the predecessor of a ledger or manager."""
        if self._is_ending or not self._reader.has_begun:
            return
        if message.name == names.LEDGER:
            self._reader.ask_again()
        else:
            self._reader.begin()

    def _order_accepted(self, message: OrderAccepted) -> None:
        if self._orphans or self._is_ending:
            return  # it is read when the orphans have ended, or at the next start
        found = self._reader.as_told(message)
        self._executors.start_once(message.order.order_id, found)

    def _page_loaded(self, page: OpenOrdersLoaded) -> None:
        if self._is_ending:
            return  # they stay open on disk
        for found in self._reader.take(page):
            self._executors.start_once(found.order.order_id, found)

    def _pass_on(self, request: OrderRequest) -> None:
        """Pass a request to the order's executor; start one when none runs.

        The new one reads the order from disk: the order may have ended, its executor
        may be resting, or recovery may not have reached it yet.
        """
        if self._orphans:
            self._kept.append(request)
            return
        executor = self._executors.of(request.command.order_id)
        if executor is None:
            if self._is_ending:
                self._turn_away(request)
                return
            executor = self._executors.wake(request.command.order_id)
        if not executor.tell(request):
            self._kept.append(request)  # it has ended; its ActorEnded is on its way

    def _pass_on_kept(self) -> None:
        kept, self._kept = self._kept, []
        for request in kept:
            self._pass_on(request)

    def _turn_away(self, request: OrderRequest) -> None:
        if self._gave_up is None:
            request.reply_to.tell(STOPPING)  # else the desk repeats it to our successor
