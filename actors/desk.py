"""The way into the actors for HTTP threads: tell, then wait for the answer."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from actors import names
from actors.messages.desk import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    GetBook,
    GetSymbolStatus,
    PlaceRequest,
    Recovered,
)
from actors.messages.recording import GetLedgerStatus, LedgerStatus
from actors.runtime.addresses import AnyRecipient, Directory, NameTaken
from actors.runtime.timers import NANOSECONDS
from domain.commands import AmendOrder, CancelOrder, PlaceOrder
from domain.errors import DeskTimeoutError
from domain.instrument import SymbolRules
from domain.market import BookView
from domain.order import Order
from domain.ports import Clock, NewOrderId
from domain.reasons import BookState
from domain.records import Stored
from domain.refusals import Refusal
from domain.status import Readiness, SymbolStatus
from domain.values import Symbol


REQUEST_SECONDS = 5.0
"""How long a client waits for an answer about an order."""

STATUS_SECONDS = 1.0
"""How long all parts together may take to say how they are."""


class ReplySlot:
    """A recipient that a thread waits at."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: SimpleQueue[Any] = SimpleQueue()

    def tell(self, message: Any) -> bool:
        """Put an answer in."""
        self._answers.put(message)
        return True

    def wait(self, timeout_seconds: float) -> Any:
        """Take the next answer out.

        Raises:
            DeskTimeoutError: when none comes in time.
        """
        try:
            return self._answers.get(timeout=max(timeout_seconds, 0.0))
        except Empty:
            message = f"no answer within {timeout_seconds:.1f} seconds"
            raise DeskTimeoutError(message) from None


class ActorDesk:
    """The OrderDesk port on top of the manager and the routers.

    A request is sent again when the actor that had it is replaced: all of them may
    come twice and are carried out once.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        clock: Clock,
        rules: Mapping[Symbol, SymbolRules],
        new_order_id: NewOrderId,
        labels: tuple[str, str],
    ) -> None:
        """Open the desk.

        Args:
            directory: where the actors are found.
            clock: for timeouts.
            rules: of the symbols traded.
            new_order_id: makes ids.
            labels: names of the market and the venue, for the readiness.
        """
        self._directory = directory
        self._clock = clock
        self._rules = dict(rules)
        self._new_order_id = new_order_id
        self._market, self._venue = labels

    def place(self, command: PlaceOrder) -> Stored | Refusal:
        """Have an order accepted; on return with ``Stored`` it is on disk."""
        order_id = self._new_order_id()
        tries = count()
        answer: Stored | Refusal = self._request(
            (names.MANAGER,),
            lambda slot: PlaceRequest(
                order_id=order_id,
                command=command,
                reply_to=slot,
                is_resent=next(tries) > 0,
            ),
        )
        return answer

    def cancel(self, command: CancelOrder) -> Order | Refusal:
        """Cancel; returns the order, PENDING_CANCEL while a child may still fill."""
        executor = names.executor(command.symbol, command.order_id)
        answer: Order | Refusal = self._request(
            (names.MANAGER, executor),
            lambda slot: CancelRequest(command=command, reply_to=slot),
        )
        return answer

    def amend(self, command: AmendOrder) -> Order | Refusal:
        """Amend; returns the order with its new terms, on disk."""
        executor = names.executor(command.symbol, command.order_id)
        answer: Order | Refusal = self._request(
            (names.MANAGER, executor),
            lambda slot: AmendRequest(command=command, reply_to=slot),
        )
        return answer

    def book(self, symbol: Symbol, limit: int) -> BookView:
        """Return up to ``limit`` levels a side."""
        router = names.router(symbol)
        if self._directory.lookup(router) is not None:
            view: BookView = self._request(
                (router,), lambda slot: GetBook(limit=limit, reply_to=slot)
            )
            return view
        status = self._absent(symbol)
        return BookView(
            symbol=symbol,
            state=status.book_state,
            update_id=0,
            bids=(),
            asks=(),
            detail=status.detail,
        )

    def symbols(self) -> Sequence[SymbolRules]:
        """Return what is traded, with its rules."""
        return tuple(self._rules.values())

    def readiness(self) -> Readiness:
        """Ask everyone at once; who does not answer in time is not ready."""
        deadline_ns = self._deadline_ns(STATUS_SECONDS)
        ledger = ReplySlot()
        slots: dict[Symbol, ReplySlot] = {}
        has_ledger = self._directory.tell(
            names.LEDGER, GetLedgerStatus(reply_to=ledger)
        )
        has_manager = self._directory.lookup(names.MANAGER) is not None
        for symbol in self._rules:
            slot = ReplySlot()
            message = GetSymbolStatus(reply_to=slot)
            if self._directory.tell(names.router(symbol), message):
                slots[symbol] = slot
        statuses = tuple(
            self._symbol_status(symbol, slots.get(symbol), deadline_ns)
            for symbol in self._rules
        )
        problem = self._ledger_problem(ledger if has_ledger else None, deadline_ns)
        if not has_manager:
            problem = problem or "the manager is being restarted"
        return Readiness(
            market=self._market,
            venue=self._venue,
            intake_problem=problem,
            symbols=statuses,
        )

    def await_recovery(self, timeout_seconds: float) -> int:
        """Wait until all open orders are worked again; return how many there are."""
        answer: Recovered = self._request(
            (names.MANAGER,),
            lambda slot: AwaitRecovery(reply_to=slot),
            timeout_seconds,
        )
        return answer.orders

    def _request(
        self,
        watched: tuple[str, ...],
        make: Callable[[AnyRecipient], Any],
        timeout_seconds: float = REQUEST_SECONDS,
    ) -> Any:
        """Send to the first name, again whenever a watched one gets a new actor."""
        deadline_ns = self._deadline_ns(timeout_seconds)
        slot = ReplySlot()
        for name in watched:
            self._directory.watch(name, slot)
        try:
            answer: Any = NameTaken(name=watched[0])
            while isinstance(answer, NameTaken):
                self._directory.tell(watched[0], make(slot))
                answer = slot.wait(self._left_seconds(deadline_ns))
            return answer
        finally:
            for name in watched:
                self._directory.unwatch(name, slot)

    def _symbol_status(
        self, symbol: Symbol, slot: ReplySlot | None, deadline_ns: int
    ) -> SymbolStatus:
        if slot is None:
            return self._absent(symbol)
        try:
            status: SymbolStatus = slot.wait(self._left_seconds(deadline_ns))
        except DeskTimeoutError:
            return self._absent(symbol)
        return status

    def _absent(self, symbol: Symbol) -> SymbolStatus:
        supervisor = names.symbol_supervisor(symbol)
        if self._directory.lookup(supervisor) is None:
            state, detail = BookState.DEGRADED, "its actors failed too often and rest"
        else:
            state, detail = BookState.RESTARTING, "its actors are being started"
        return SymbolStatus(symbol=symbol, book_state=state, detail=detail)

    def _ledger_problem(self, slot: ReplySlot | None, deadline_ns: int) -> str | None:
        if slot is None:
            return "the ledger is being restarted"
        try:
            status: LedgerStatus = slot.wait(self._left_seconds(deadline_ns))
        except DeskTimeoutError:
            return "the ledger does not answer"
        return status.problem

    def _deadline_ns(self, timeout_seconds: float) -> int:
        return self._clock.monotonic_ns() + int(timeout_seconds * NANOSECONDS)

    def _left_seconds(self, deadline_ns: int) -> float:
        return (deadline_ns - self._clock.monotonic_ns()) / NANOSECONDS
