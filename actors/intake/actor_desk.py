"""How HTTP threads reach the actors: tell, and get the answer as a future."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from itertools import count
from typing import Any

from actors import names
from actors.intake.order_inquiry import inquire
from actors.intake.pending_request import MakeRequest, PendingRequest
from actors.messages.client_requests import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    DryRunRequest,
    GetBook,
    GetHolds,
    GetSymbolStatus,
    GetWaiting,
    OrdersOnHold,
    PauseRequest,
    PlaceRequest,
    Recovered,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.gateway import GetHalt, SetHalt
from actors.messages.ledger import GetLedgerStatus, LedgerStatus
from actors.messages.reconciliation import GetReconciliation
from actors.runtime.runtime import Runtime
from actors.runtime.timers import NANOSECONDS
from domain.errors import DeskTimeoutError
from domain.market.updates import BookView
from domain.matching.open_limits import OpenLimits, open_limits
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    OrderCommand,
    PauseOrder,
    PlaceOrder,
    ReleaseOrder,
    SettleChild,
)
from domain.orders.dry_run import DryRun
from domain.orders.order import Order
from domain.orders.order_now import OrderNow
from domain.orders.records import Stored
from domain.ports.runtime import NewOrderId
from domain.readiness import Readiness, SymbolStatus
from domain.reasons import BookState
from domain.refusals import STOPPING, Refusal
from domain.risk.halt import HaltSet
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


REQUEST_SECONDS = 5.0
"""How long a client waits for an answer about an order."""

STATUS_SECONDS = 1.0
"""How long all parts together may take to report their status."""


class ActorDesk:
    """The OrderDesk port on top of the manager and the routers."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        rules: Mapping[Symbol, SymbolRules],
        new_order_id: NewOrderId,
        labels: tuple[str, str],
        is_real_money: bool = False,
    ) -> None:
        """Open the desk.

        Args:
            runtime: where the actors are found.
            rules: of the symbols traded.
            new_order_id: makes order ids.
            labels: names of the market and the venue, for the readiness answer.
            is_real_money: whether child orders move real money.
        """
        self._directory = runtime.directory
        self._clock = runtime.clock
        self._dispatcher = runtime.dispatcher
        self._timers = runtime.timers
        self._is_closed = False
        self._rules = rules
        self._new_order_id = new_order_id
        self._market, self._venue = labels
        self._is_real_money = is_real_money

    def place(self, command: PlaceOrder) -> Future[Stored | Refusal]:
        """Place an order; resolves to ``Stored`` once it is on disk.

        The order's id is made here, once for each call: what is sent again after the
        restart of an actor is the same order, but a second call is another one, unless
        the command has a key or a client order id.
        """
        order_id = self._new_order_id()
        tries = count()
        return self._send(
            names.MANAGER,
            lambda reply_to: PlaceRequest(
                order_id=order_id,
                command=command,
                reply_to=reply_to,
                is_resent=next(tries) > 0,
            ),
        )

    def dry_run(self, command: PlaceOrder) -> Future[DryRun | Refusal]:
        """Work an order for a try; resolves to what would become of it now."""
        return self._send(
            names.MANAGER,
            lambda reply_to: DryRunRequest(command=command, reply_to=reply_to),
            names.router(command.symbol),
        )

    def cancel(self, command: CancelOrder) -> Future[Order | Refusal]:
        """Cancel; resolves to the order, PENDING_CANCEL while its child may fill."""
        return self._ask_about(
            command, lambda reply_to: CancelRequest(command=command, reply_to=reply_to)
        )

    def amend(self, command: AmendOrder) -> Future[Order | Refusal]:
        """Amend; resolves to the order with its new terms, once on disk."""
        return self._ask_about(
            command, lambda reply_to: AmendRequest(command=command, reply_to=reply_to)
        )

    def release(self, command: ReleaseOrder) -> Future[Order | Refusal]:
        """Release; resolves to the order, which takes offers again."""
        return self._ask_about(
            command,
            lambda reply_to: ReleaseRequest(command=command, reply_to=reply_to),
        )

    def pause(self, command: PauseOrder) -> Future[Order | Refusal]:
        """Pause or resume; resolves to the order, once on disk."""
        return self._ask_about(
            command, lambda reply_to: PauseRequest(command=command, reply_to=reply_to)
        )

    def settle(self, command: SettleChild) -> Future[Order | Refusal]:
        """Settle a child as an operator states; resolves to the order, once on disk."""
        return self._ask_about(
            command, lambda reply_to: SettleRequest(command=command, reply_to=reply_to)
        )

    def set_halt(self, *, is_on: bool, reason: str) -> Future[HaltSet | Refusal]:
        """Set the halt switch; resolves when that is in force, on disk or not yet."""
        return self._send(
            names.GATEWAY,
            lambda reply_to: SetHalt(is_on=is_on, reason=reason, reply_to=reply_to),
        )

    def halt(self) -> Future[HaltSet | Refusal]:
        """Return the setting of the halt switch."""
        return self._send(names.GATEWAY, lambda reply_to: GetHalt(reply_to=reply_to))

    def book(self, symbol: Symbol, limit: int) -> BookView:
        """Return the book, up to ``limit`` levels a side."""
        router = names.router(symbol)
        if self._directory.lookup(router) is not None:
            view: BookView = self._await(
                router, lambda reply_to: GetBook(limit=limit, reply_to=reply_to)
            )
            return view
        status = self._absent(symbol, self._deadline_ns(STATUS_SECONDS))
        return BookView(
            symbol=symbol,
            state=status.book_state,
            update_id=0,
            bids=(),
            asks=(),
            detail=status.detail,
        )

    def open_limits(self, symbol: Symbol) -> OpenLimits:
        """Return the limits at which orders wait; none while there is no router."""
        asked = self._ask(
            names.router(symbol), lambda reply_to: GetWaiting(reply_to=reply_to)
        )
        waiting = self._word_of(asked, self._deadline_ns(STATUS_SECONDS))
        return open_limits(symbol, waiting or ())

    def order_now(self, order: Order) -> OrderNow:
        """Ask those who work an order why it does not fill now."""
        return inquire(order, self._ask_all, self._clock)

    def symbols(self) -> Sequence[SymbolRules]:
        """Return the rules of the symbols that are traded."""
        return tuple(self._rules.values())

    def readiness(self) -> Readiness:
        """Ask all parts at once; one that does not answer in time is not ready."""
        deadline_ns = self._deadline_ns(STATUS_SECONDS)
        reconciler = self._ask(
            names.RECONCILER, lambda reply_to: GetReconciliation(reply_to=reply_to)
        )
        ledger = self._ask(
            names.LEDGER, lambda reply_to: GetLedgerStatus(reply_to=reply_to)
        )
        manager = self._ask_holds()
        routers = {
            symbol: self._ask(
                names.router(symbol),
                lambda reply_to: GetSymbolStatus(reply_to=reply_to),
            )
            for symbol in self._rules
        }
        statuses = tuple(
            self._symbol_status(symbol, router, deadline_ns)
            for symbol, router in routers.items()
        )
        on_disk = self._ledger_status(ledger, deadline_ns)
        problem = on_disk.problem
        if manager is None:
            problem = problem or "the manager is being restarted"
        return Readiness(
            market=self._market,
            venue=self._venue,
            intake_problem=problem,
            symbols=statuses,
            reconciliation=self._word_of(reconciler, deadline_ns),
            orders_on_hold=self._holds_of(manager, deadline_ns),
            is_real_money=self._is_real_money,
            commit_ns=on_disk.commit_ns,
        )

    def await_recovery(self, timeout_seconds: float) -> Recovered:
        """Wait until all open orders have executors again; return their number."""
        answer: Recovered = self._await(
            names.MANAGER,
            lambda reply_to: AwaitRecovery(reply_to=reply_to),
            timeout_seconds,
        )
        return answer

    def close(self) -> None:
        """Refuse requests about orders from now on: the actors are about to end."""
        self._is_closed = True

    def _ask_about(self, command: OrderCommand, make: MakeRequest) -> Future[Any]:
        """Ask the manager, which passes the request on."""
        supervisor = names.symbol_supervisor(command.symbol)
        executor = names.executor(command.symbol, command.order_id)
        return self._send(names.MANAGER, make, supervisor, executor)

    def _send(self, name: str, make: MakeRequest, *others: str) -> Future[Any]:
        if self._is_closed:
            refused: Future[Any] = Future()
            refused.set_result(STOPPING)
            return refused
        question = PendingRequest(self._directory, name, make, (name, *others))
        question.end_after(REQUEST_SECONDS, self._timers)
        with self._dispatcher.run_woken_actors():
            question.send()
        return question.answer

    def _ask(self, name: str, make: MakeRequest) -> PendingRequest | None:
        """Ask an actor for its status; None when it does not exist."""
        question = PendingRequest(self._directory, name, make)
        return question if question.send() else None

    def _ask_all(self, questions: Mapping[str, MakeRequest]) -> dict[str, Any]:
        """Ask actors by name, all at once; None for one that says nothing in time."""
        deadline_ns = self._deadline_ns(STATUS_SECONDS)
        asked = {name: self._ask(name, make) for name, make in questions.items()}
        return {name: self._word_of(one, deadline_ns) for name, one in asked.items()}

    def _await(
        self, name: str, make: MakeRequest, seconds: float = REQUEST_SECONDS
    ) -> Any:
        question = PendingRequest(self._directory, name, make, (name,))
        question.send()
        return question.wait(seconds)

    def _ask_holds(self) -> PendingRequest | None:
        return self._ask(names.MANAGER, lambda reply_to: GetHolds(reply_to=reply_to))

    def _holds_of(
        self, asked: PendingRequest | None, deadline_ns: int
    ) -> Mapping[Symbol, int] | None:
        answer: OrdersOnHold | None = self._word_of(asked, deadline_ns)
        return None if answer is None else answer.counts

    def _symbol_status(
        self, symbol: Symbol, asked: PendingRequest | None, deadline_ns: int
    ) -> SymbolStatus:
        status: SymbolStatus | None = self._word_of(asked, deadline_ns)
        return status or self._absent(symbol, deadline_ns)

    def _absent(self, symbol: Symbol, deadline_ns: int) -> SymbolStatus:
        """Ask the symbol's supervisor why no router answers."""
        supervisor = self._ask(
            names.symbol_supervisor(symbol),
            lambda reply_to: GetSymbolStatus(reply_to=reply_to),
        )
        status: SymbolStatus | None = self._word_of(supervisor, deadline_ns)
        if status is not None:
            return status
        state, detail = BookState.RESTARTING, "its actors are being started"
        if supervisor is None:
            state, detail = BookState.DEGRADED, "its supervisor failed too often"
        return SymbolStatus(symbol=symbol, book_state=state, detail=detail)

    def _ledger_status(
        self, asked: PendingRequest | None, deadline_ns: int
    ) -> LedgerStatus:
        if asked is None:
            return LedgerStatus(problem="the ledger is being restarted")
        status: LedgerStatus | None = self._word_of(asked, deadline_ns)
        return status or LedgerStatus(problem="the ledger does not answer")

    def _word_of(self, asked: PendingRequest | None, deadline_ns: int) -> Any:
        """Return an actor's answer; None when it does not exist, or takes too long."""
        if asked is None:
            return None
        try:
            return asked.wait(self._left_seconds(deadline_ns))
        except DeskTimeoutError:
            return None

    def _deadline_ns(self, timeout_seconds: float) -> int:
        return self._clock.monotonic_ns() + int(timeout_seconds * NANOSECONDS)

    def _left_seconds(self, deadline_ns: int) -> float:
        return (deadline_ns - self._clock.monotonic_ns()) / NANOSECONDS
