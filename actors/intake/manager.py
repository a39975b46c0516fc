"""Takes orders in: validates and records them, answers, gets executors started."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from actors import names
from actors.intake.open_notional import OpenNotional
from actors.intake.orders_on_hold import OnHoldRegister
from actors.intake.recovery import RecoveryCount
from actors.intake.snapshot import ManagerSnapshot
from actors.messages.client_requests import (
    AmendRequest,
    AwaitRecovery,
    CancelRequest,
    DryRunOrder,
    DryRunRequest,
    GetHolds,
    OrderRequest,
    OrdersOnHold,
    PauseRequest,
    PlaceRequest,
    ReleaseRequest,
    SettleRequest,
)
from actors.messages.gateway import AccountKnown
from actors.messages.ledger import (
    LastSequenceLoaded,
    LoadLastSequence,
    OpenOrdersLoaded,
    WriteRecord,
    Written,
)
from actors.messages.lifecycle import (
    OrderAccepted,
    OrderEnded,
    OrderProgress,
    StopIntake,
    SymbolRecovered,
)
from actors.router.answers import dry_run_without_router
from actors.router.current_touch import TouchOf, no_touch
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import AnyRecipient, NameTaken
from actors.runtime.runtime import ActorContext
from domain.orders import lifecycle
from domain.orders.commands import PlaceOrder
from domain.orders.dry_run import DryRun
from domain.orders.intake import check_order, new_order, order_refusals
from domain.orders.records import NewOrder, Stored, fingerprint
from domain.reasons import RefusalCode
from domain.refusals import STOPPING, Refusal
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import OrderId, Symbol, format_amount
from domain.venue.symbol_rules import SymbolRules


logger = logging.getLogger(__name__)

NO_ORDER: Final = OrderId("DRY-RUN")
"""The id of an order that is worked for a try; it goes nowhere."""

ManagerMessage = (
    PlaceRequest
    | DryRunRequest
    | OrderRequest
    | Written
    | SymbolRecovered
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
    """Number of the latest attempt; above 1, the ledger does not refuse it."""


class SequenceCounter:
    """Hands out sequences, the ranks of acceptance.

    Outlives the managers of a process: a sequence may still be on its way to the disk,
    in an amendment, when its manager is replaced.
    """

    def __init__(self) -> None:
        self._last = 0

    def raise_to(self, last: int) -> None:
        """Hand out only sequences above ``last`` from now on."""
        self._last = max(self._last, last)

    def take(self) -> int:
        """Return the next sequence."""
        self._last += 1
        return self._last


class Manager(RuntimeActor):
    """Owns intake: an order is confirmed once it is on disk, and worked from then on.

    Owns: orders on their way to the disk; how much is open, and how much may be.
    Receives: PlaceRequest, DryRunRequest, AwaitRecovery, GetHolds and requests about
        orders from the desk; Written, LastSequenceLoaded from the ledger, and a copy of
        each OpenOrdersLoaded; OrderProgress, OrderEnded from executors; AccountKnown
        from the gateway; SymbolRecovered from symbol supervisors; StopIntake;
        NameTaken.
    Sends: WriteRecord, LoadLastSequence to the ledger; OrderAccepted and requests to
        symbol supervisors; DryRunOrder to routers; outcomes to the desk.
    Asks: nobody.
    Ends: when its supervisor stops it. For a successor, symbol supervisors read all
        open orders again, so that no wake-up is missed and open notional is known.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        rules: Mapping[Symbol, SymbolRules],
        sequence: SequenceCounter,
        limits: RiskLimits = NO_LIMITS,
        touch_of: TouchOf = no_touch,
        untraded: Collection[Symbol] = (),
    ) -> None:
        """Make a manager, which takes nothing in before it is started.

        Args:
            context: of the manager.
            rules: of the symbols that are traded.
            sequence: hands out ranks of acceptance.
            limits: the operator's.
            touch_of: returns a symbol's touch.
            untraded: other symbols with open orders, which can only end.
        """
        super().__init__(context=context)
        self._open_notional = OpenNotional(rules, limits)
        self._on_hold = OnHoldRegister((*rules, *untraded))
        self._rules = rules
        self._touch_of = touch_of
        self._limits = limits
        self._sequence = sequence
        self._knows_last_sequence = False
        self._early: list[PlaceRequest | DryRunRequest | AmendRequest] = []
        self._pending: dict[OrderId, _Pending] = {}
        self._recovery = RecoveryCount(traded=rules, untraded=untraded)
        self._is_stopping = False

    def snapshot(self) -> ManagerSnapshot:
        """Return the manager's state; read-only, for inspection."""
        return ManagerSnapshot(
            on_hold=self._on_hold.order_ids(),
            open_notional=self._open_notional.of_symbols(),
            reserved=self._open_notional.reserved(),
        )

    def on_start(self) -> None:
        """Load the last sequence, and wait for the open orders to be read."""
        self.context.runtime.directory.watch(names.LEDGER, self.address)
        self._load_sequence()

    def on_unread(self, message: Any) -> None:
        """Leave no client without an answer, unless one is on its way."""
        if isinstance(message, PlaceRequest | DryRunRequest | OrderRequest):
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
            case DryRunRequest():
                self._dry_run(message)
            case CancelRequest() | ReleaseRequest() | SettleRequest() | PauseRequest():
                self._forward(message)
            case AmendRequest():
                self._amend(message)
            case Written():
                self._written(message)
            case OpenOrdersLoaded():
                self._open_notional.page_read(message, pending=self._pending)
                self._on_hold.page_read(message)
            case SymbolRecovered():
                self._symbol_recovered(message)
            case LastSequenceLoaded():
                self._sequence_loaded(message)
            case NameTaken():
                self._ledger_replaced()
            case OrderProgress(order=order, is_amendment_refused=is_refused):
                self._open_notional.note(order, is_amendment_refused=is_refused)
                self._on_hold.note(order)
            case OrderEnded(order_id=order_id):
                self._open_notional.forget(order_id)
                self._on_hold.forget(order_id)
            case AccountKnown(account=account):
                self._open_notional.account = account
            case StopIntake():
                self._is_stopping = True
            case AwaitRecovery():
                self._recovery.await_end(message.reply_to)
            case GetHolds(reply_to=reply_to):
                reply_to.tell(OrdersOnHold(counts=self._on_hold.counts()))
            case _:
                assert_never(message)

    def _place_order(self, request: PlaceRequest) -> None:
        command = request.command
        if not self._is_ready(command.symbol):
            self._early.append(request)
            return
        refusal = self._check(command)
        # A repeated request may be on disk by now: then that is the answer.
        is_known_to_disk = command.is_recognisable or request.is_resent
        if refusal is not None and not is_known_to_disk:
            request.reply_to.tell(refusal)
            return
        now = self.context.runtime.clock.now()
        sequence = self._sequence.take() if refusal is None else 0
        order = new_order(
            command, order_id=request.order_id, sequence=sequence, now=now
        )
        order, event = lifecycle.accept(order, now=now)
        if refusal is None:
            self._open_notional.note(order)
        record = NewOrder(
            order=order,
            event=event,
            idempotency_key=command.idempotency_key,
            fingerprint=fingerprint(command),
            touch=None if refusal is not None else self._touch_of(command.symbol),
            refusal=refusal,
        )
        attempt = 2 if request.is_resent else 1
        self._write(_Pending(record=record, reply_to=request.reply_to, attempt=attempt))

    def _dry_run(self, request: DryRunRequest) -> None:
        """Say why an order would be refused, or have the router work it for a try."""
        command = request.command
        if self._is_stopping:
            request.reply_to.tell(STOPPING)
            return
        if not self._is_ready(command.symbol):
            self._early.append(request)
            return
        now = self.context.runtime.clock.now()
        refusals = tuple(order_refusals(command, rules=self._rules, now=now))
        if command.symbol in self._rules:
            refusals += tuple(self._open_notional.refusals(command))
        if refusals:
            request.reply_to.tell(DryRun(refusals=refusals))
            return
        order = new_order(command, order_id=NO_ORDER, sequence=0, now=now)
        order, _ = lifecycle.accept(order, now=now)
        message = DryRunOrder(
            order=order,
            rules=self._rules[command.symbol],
            limits=self._limits,
            reply_to=request.reply_to,
        )
        if not self.context.tell(names.router(command.symbol), message):
            request.reply_to.tell(dry_run_without_router(message))

    def _is_ready(self, symbol: Symbol) -> bool:
        """Whether sequences can be handed out, and limited open notional is known."""
        return self._knows_last_sequence and self._open_notional.is_known(symbol)

    def _check(self, command: PlaceOrder) -> Refusal | None:
        if self._is_stopping:
            return STOPPING
        now = self.context.runtime.clock.now()
        refusal = check_order(command, rules=self._rules, now=now)
        return refusal or self._open_notional.refusal(command)

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
        if not self._is_ready(symbol):
            self._early.append(request)
            return
        refusal = self._open_notional.reserve(request.command)
        if refusal is not None:
            request.reply_to.tell(refusal)
            return
        if not self._forward(replace(request, sequence=self._sequence.take())):
            self._open_notional.give_back(request.command.order_id)

    def _forward(self, request: OrderRequest) -> bool:
        """Send to the symbol's supervisor; return False when there is none.

        It follows the order's OrderAccepted, if that is on its way. If there is none,
        the symbol is being restarted, and the desk repeats the request afterwards.
        """
        name = names.symbol_supervisor(request.command.symbol)
        return self.context.tell(name, request)

    def _written(self, message: Written) -> None:
        pending = self._pending.get(message.order_id)
        if pending is None:
            return  # of a resent request answered before, or of our predecessor
        outcome = message.outcome
        if isinstance(outcome, Refusal) and message.attempt < pending.attempt:
            return  # the later attempt is still on its way to the disk
        assert isinstance(outcome, Stored | Refusal), "of a new order"
        del self._pending[message.order_id]
        if isinstance(outcome, Refusal) or outcome.repeated:
            self._open_notional.forget(message.order_id)
        elif outcome.was_there:
            self._open_notional.note(outcome.order)  # it may have progressed since
        pending.reply_to.tell(outcome)  # it is on disk: whatever happens, it is worked
        if isinstance(outcome, Stored) and not outcome.repeated:
            self._wake_up(outcome)

    def _wake_up(self, stored: Stored) -> None:
        """Wake the symbol's supervisor to work an order that is on disk."""
        order = stored.order
        if not stored.was_there:
            logger.info(
                "Order accepted order_id=%s symbol=%s side=%s quantity=%s price=%s",
                order.order_id,
                order.symbol,
                order.side,
                format_amount(order.quantity),
                format_amount(order.price),
            )
        accepted = OrderAccepted(order=order, is_new=not stored.was_there)
        self.context.tell(names.symbol_supervisor(order.symbol), accepted)

    def _symbol_recovered(self, message: SymbolRecovered) -> None:
        self._open_notional.all_read(message.symbol)
        self._on_hold.all_read(message.symbol)
        self._recovery.note(message)
        self._receive_early()

    def _sequence_loaded(self, message: LastSequenceLoaded) -> None:
        if self._knows_last_sequence:
            return
        self._knows_last_sequence = True
        self._sequence.raise_to(message.sequence)
        self._receive_early()

    def _receive_early(self) -> None:
        early, self._early = self._early, []
        for request in early:
            self.on_receive(request)

    def _ledger_replaced(self) -> None:
        """Repeat to the new ledger what may be lost with the old one."""
        if not self._knows_last_sequence:
            self._load_sequence()
        for pending in list(self._pending.values()):
            self._write(replace(pending, attempt=pending.attempt + 1))

    def _load_sequence(self) -> None:
        self.context.tell(names.LEDGER, LoadLastSequence(reply_to=self.address))

    def _write(self, pending: _Pending) -> None:
        self._pending[pending.record.order.order_id] = pending
        message = WriteRecord(
            record=pending.record, reply_to=self.address, attempt=pending.attempt
        )
        self.context.tell(names.LEDGER, message)
