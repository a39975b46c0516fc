"""Takes orders in: validates, has them recorded, has executors started, answers."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from actors import names
from actors.intake.open_notional import OpenNotional
from actors.intake.orders_on_hold import OnHoldRegister
from actors.intake.recovery import Recovery
from actors.messages.desk import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    GetHolds,
    OrderRequest,
    OrdersOnHold,
    PlaceRequest,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.journal import (
    LastSequenceLoaded,
    LoadLastSequence,
    OpenOrdersLoaded,
    WriteRecord,
    Written,
)
from actors.messages.lifecycle import (
    OrderEnded,
    OrderProgress,
    StartExecutor,
    StopIntake,
    SymbolStarted,
)
from actors.messages.venue import AccountKnown
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import AnyRecipient, NameTaken
from actors.runtime.runtime import ActorContext
from domain.orders import lifecycle
from domain.orders.intake import check_order, new_order
from domain.orders.journal import NewOrder, OpenOrder, Stored, fingerprint
from domain.reasons import RefusalCode
from domain.refusals import STOPPING, Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import OrderId, Symbol
from domain.venue.symbol_rules import SymbolRules


logger = logging.getLogger(__name__)

ManagerMessage = (
    PlaceRequest
    | OrderRequest
    | Written
    | SymbolStarted
    | OpenOrdersLoaded
    | LastSequenceLoaded
    | NameTaken
    | OrderProgress
    | OrderEnded
    | AccountKnown
    | StopIntake
    | AwaitRecovery
    | GetHolds
)
"""What the manager understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """An order on its way to the disk."""

    record: NewOrder
    reply_to: AnyRecipient
    attempt: int
    """The latest one; above 1, the ledger does not refuse it."""


class SequenceCounter:
    """The ranks of acceptance given so far.

    It outlives the managers of a process: a rank may still be on its way to the disk,
    in an amendment, when its manager is replaced.
    """

    def __init__(self) -> None:
        self._last = 0

    def raise_to(self, last: int) -> None:
        """Give no rank up to ``last`` any more."""
        self._last = max(self._last, last)

    def take(self) -> int:
        """Return the next rank."""
        self._last += 1
        return self._last


class Manager(RuntimeActor):
    """Owns intake and recovery.

    Owns: orders on their way to the disk, the recoveries, what is open.
    Receives: PlaceRequest, AwaitRecovery, GetHolds and requests about orders from
        the desk;
        Written, OpenOrdersLoaded, LastSequenceLoaded from the ledger; OrderProgress,
        OrderEnded from executors; AccountKnown from the gateway; SymbolStarted,
        StopIntake from supervisors; NameTaken.
    Sends: WriteRecord and loads to the ledger, StartExecutor and requests to symbol
        supervisors, outcomes to the desk.
    Asks: nobody.
    Ends: when its supervisor stops it. A successor reads all from disk.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        rules: Mapping[Symbol, SymbolRules],
        sequence: SequenceCounter,
        limits: RiskLimits = NO_LIMITS,
        untraded: Collection[Symbol] = (),
    ) -> None:
        """Take nothing in yet.

        Args:
            context: its place.
            rules: of the symbols that are traded.
            sequence: of ranks.
            limits: of the operator.
            untraded: other symbols of which orders are open: those can only end.
        """
        super().__init__(context=context)
        self._exposure = OpenNotional(rules, limits)
        self._holds = OnHoldRegister((*rules, *untraded))
        self._rules = rules
        self._sequence = sequence
        self._knows_last_sequence = False
        self._early: list[PlaceRequest | AmendRequest] = []
        self._pending: dict[OrderId, _Pending] = {}
        self._untraded = untraded
        self._recovery = Recovery(
            context, self.address, traded=rules, untraded=untraded
        )
        self._is_stopping = False

    def on_start(self) -> None:
        """Find out what was there before us."""
        self.context.runtime.directory.watch(names.LEDGER, self.address)
        self._load_sequence()
        for symbol in (*self._rules, *self._untraded):
            self._recovery.begin(symbol)

    def on_unread(self, message: Any) -> None:
        """Leave no client without an answer, but for one that was promised."""
        if isinstance(message, PlaceRequest | OrderRequest):
            is_promised = isinstance(message, PlaceRequest) and message.is_resent
            if not is_promised:
                message.reply_to.tell(STOPPING)

    def on_receive(  # noqa: C901, PLR0912, PLR0915 - a list of cases
        self, message: ManagerMessage
    ) -> None:
        """Handle one message."""
        match message:
            case PlaceRequest():
                self._place_order(message)
            case CancelRequest() | ReleaseRequest() | SettleRequest():
                self._forward(message)
            case AmendRequest():
                self._amend(message)
            case Written():
                self._written(message)
            case SymbolStarted():
                self._exposure.recovery_begun(message.symbol, self._pending)
                self._holds.recovery_begun(message.symbol)
                self._recovery.begin(message.symbol)
            case OpenOrdersLoaded():
                self._page_loaded(message)
            case LastSequenceLoaded():
                self._sequence_loaded(message)
            case NameTaken():
                self._ledger_replaced()
            case OrderProgress(order=order, is_amendment_refused=is_refused):
                self._exposure.note(order, is_amendment_refused=is_refused)
                self._holds.note(order)
            case OrderEnded(order_id=order_id):
                self._exposure.forget(order_id)
                self._holds.forget(order_id)
            case AccountKnown(account=account):
                self._exposure.account = account
            case StopIntake():
                self._is_stopping = True
            case AwaitRecovery():
                self._recovery.await_end(message.reply_to)
            case GetHolds(reply_to=reply_to):
                reply_to.tell(OrdersOnHold(counts=self._holds.counts()))
            case _:
                assert_never(message)

    def _place_order(self, request: PlaceRequest) -> None:
        if not self._knows_last_sequence:
            self._early.append(request)
            return
        command = request.command
        refusal = self._check(request)
        if refusal is not None and not command.is_recognisable:
            request.reply_to.tell(refusal)
            return
        now = self.context.runtime.clock.now()
        sequence = self._sequence.take() if refusal is None else 0
        order = new_order(
            command, order_id=request.order_id, sequence=sequence, now=now
        )
        order, event = lifecycle.accept(order, now=now)
        if refusal is None:
            self._exposure.note(order)
        record = NewOrder(
            order=order,
            event=event,
            idempotency_key=command.idempotency_key,
            fingerprint=fingerprint(command),
            refusal=refusal,
        )
        attempt = 2 if request.is_resent else 1
        self._write(_Pending(record=record, reply_to=request.reply_to, attempt=attempt))

    def _check(self, request: PlaceRequest) -> Refusal | None:
        if request.is_resent:
            # Perhaps taken in already: only what was wrong from the start counts.
            return check_order(request.command, rules=self._rules, now=None)
        if self._is_stopping:
            return STOPPING
        now = self.context.runtime.clock.now()
        refusal = check_order(request.command, rules=self._rules, now=now)
        return refusal or self._exposure.refusal(request.command)

    def _amend(self, request: AmendRequest) -> None:
        symbol = request.command.symbol
        if symbol not in self._rules:
            detail = (
                f"{symbol} is not traded by this run: the order can be cancelled; "
                f"start with {symbol} among --symbols to amend it"
            )
            code = RefusalCode.ORDER_NOT_WORKED
            request.reply_to.tell(Refusal(code=code, detail=detail))
            return
        if not self._knows_last_sequence:
            self._early.append(request)
            return
        refusal = self._exposure.reserve(request.command)
        if refusal is not None:
            request.reply_to.tell(refusal)
            return
        if not self._forward(replace(request, sequence=self._sequence.take())):
            self._exposure.give_back(request.command.order_id)

    def _forward(self, request: OrderRequest) -> bool:
        """Send to the order's symbol; return False when nobody is there to take it.

        Behind the StartExecutor of the order, should that be on its way. Where nobody
        is there, the symbol is being started again, and the desk then repeats it.
        """
        name = names.symbol_supervisor(request.command.symbol)
        return self.context.tell(name, request)

    def _written(self, message: Written) -> None:
        pending = self._pending.get(message.order_id)
        if pending is None:
            return  # our predecessor's; recovery has found it on disk
        outcome = message.outcome
        if isinstance(outcome, Refusal) and message.attempt < pending.attempt:
            return  # the later attempt is still on its way to the disk
        assert isinstance(outcome, Stored | Refusal), "of a new order"
        del self._pending[message.order_id]
        if isinstance(outcome, Refusal) or outcome.repeated:
            self._exposure.forget(message.order_id)
        elif outcome.was_there:
            self._exposure.note(outcome.order)  # it may have gone on since
        pending.reply_to.tell(outcome)  # it is on disk: whatever happens, it is worked
        if isinstance(outcome, Stored):
            self._start_executor(outcome)

    def _start_executor(self, stored: Stored) -> None:
        order = stored.order
        is_new = not stored.repeated and not stored.was_there
        if is_new:
            logger.info("Order accepted order_id=%s", order.order_id)
        known = OpenOrder(order=order, unresolved=None, is_new=True) if is_new else None
        if not order.status.is_final:
            start = StartExecutor(order_id=order.order_id, open_order=known)
            self.context.tell(names.symbol_supervisor(order.symbol), start)

    def _page_loaded(self, message: OpenOrdersLoaded) -> None:
        if self._recovery.expects(message):
            orders = [found.order for found in message.orders]
            self._exposure.recovered(message.symbol, orders)
            for order in orders:
                self._holds.note(order)
            self._recovery.page_loaded(message)
            if not orders:
                self._say_holds(message.symbol)

    def _say_holds(self, symbol: Symbol) -> None:
        count = self._holds.counts()[symbol]
        if count:
            logger.warning("Orders on hold symbol=%s orders=%s", symbol, count)

    def _sequence_loaded(self, message: LastSequenceLoaded) -> None:
        if self._knows_last_sequence:
            return
        self._knows_last_sequence = True
        self._sequence.raise_to(message.sequence)
        early, self._early = self._early, []
        for request in early:
            self.on_receive(request)

    def _ledger_replaced(self) -> None:
        """Say again what the new ledger may not have heard."""
        if not self._knows_last_sequence:
            self._load_sequence()
        for pending in list(self._pending.values()):
            self._write(replace(pending, attempt=pending.attempt + 1))
        self._recovery.load_again()

    def _load_sequence(self) -> None:
        self.context.tell(names.LEDGER, LoadLastSequence(reply_to=self.address))

    def _write(self, pending: _Pending) -> None:
        self._pending[pending.record.order.order_id] = pending
        message = WriteRecord(
            record=pending.record, reply_to=self.address, attempt=pending.attempt
        )
        self.context.tell(names.LEDGER, message)
