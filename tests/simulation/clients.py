"""Clients that place, cancel and amend orders, and believe what they are answered."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from actors import names
from actors.messages.client_requests import (
    AmendRequest,
    CancelRequest,
    PauseRequest,
    PlaceRequest,
)
from actors.runtime.addresses import Directory, NameTaken
from actors.runtime.timers import NANOSECONDS
from domain.orders.commands import AmendOrder, CancelOrder, PauseOrder, PlaceOrder
from domain.orders.order import WORKING, Order, OrderStatus
from domain.orders.records import Stored
from domain.ports.runtime import Clock
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import AT_ONCE, OrderId, Side, Symbol, TimeInForce
from tests.simulation.disk import Disk
from tests.simulation.profile import Profile
from tests.simulation.venue import AMOUNTS, SimVenue
from tests.simulation.violations import Violations


TIMEOUT_NS = 5 * NANOSECONDS

Command = PlaceOrder | CancelOrder | AmendOrder | PauseOrder


@dataclass(eq=False)
class Request:
    """One call of a client: what the desk does, without blocking."""

    clients: "Clients"
    directory: Directory
    command: Command
    order_id: OrderId
    deadline_ns: int
    watched: tuple[str, ...]
    answers: list[Any] = field(default_factory=list)
    is_closed: bool = False
    is_sent: bool = False

    def send(self) -> None:
        """Send, or send again."""
        message: PlaceRequest | CancelRequest | AmendRequest | PauseRequest
        match self.command:
            case PlaceOrder():
                message = PlaceRequest(
                    order_id=self.order_id,
                    command=self.command,
                    reply_to=self,
                    is_resent=self.is_sent,
                )
            case CancelOrder():
                message = CancelRequest(command=self.command, reply_to=self)
            case AmendOrder():
                message = AmendRequest(command=self.command, reply_to=self)
            case PauseOrder():
                message = PauseRequest(command=self.command, reply_to=self)
        self.is_sent = True
        self.directory.tell(names.MANAGER, message)

    def tell(self, message: Any) -> bool:
        """Take an answer in, or the news that somebody was replaced."""
        if self.is_closed:
            return True
        if isinstance(message, NameTaken):
            self.clients.to_resend.append(self)
        else:
            self.close()
            self.clients.answered(self, message)
        return True

    def close(self) -> None:
        self.is_closed = True
        for name in self.watched:
            self.directory.unwatch(name, self)


class Clients:
    """All clients of all lives of the service."""

    def __init__(
        self,
        *,
        rng: Random,
        clock: Clock,
        disk: Disk,
        venues: dict[Symbol, SimVenue],
        violations: Violations,
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._disk = disk
        self._venues = venues
        self._check = violations.check
        self._numbers = 0
        self._looked_ns = clock.monotonic_ns()
        self._by_key: dict[str, tuple[PlaceOrder, OrderId]] = {}
        self._sent: list[PlaceOrder] = []
        self.open: list[Request] = []
        self.to_resend: list[Request] = []
        self.accepted: dict[OrderId, PlaceOrder] = {}
        self.refused: dict[OrderId, Refusal] = {}
        self.timeouts: list[Command] = []

    def act(self, directory: Directory, profile: Profile) -> None:
        """Do something, or nothing."""
        rng = self._rng
        if rng.random() < profile.place:
            self.place(directory, self._draw_order())
        if rng.random() < profile.cancel and self.accepted:
            order_id, symbol = self._draw_accepted()
            self._ask(directory, CancelOrder(order_id=order_id, symbol=symbol))
        if rng.random() < profile.amend and self.accepted:
            order_id, symbol = self._draw_accepted()
            self._ask(directory, self._draw_amendment(order_id, symbol))
        if profile.pause and rng.random() < profile.pause and self.accepted:
            order_id, symbol = self._draw_accepted()
            self._pause(directory, order_id, symbol, is_on=rng.random() < 0.6)

    def resume_all(self, directory: Directory) -> None:
        """Resume what is paused, so that every order can come to its end."""
        for order in self._disk.all_orders.values():
            if order.is_paused and not order.status.is_final:
                self._pause(directory, order.order_id, order.symbol, is_on=False)

    def place(self, directory: Directory, command: PlaceOrder) -> None:
        """Place an order."""
        self._numbers += 1
        order_id = OrderId(f"ORDER{self._numbers:04d}")
        self._sent.append(command)
        watched = (names.MANAGER,)
        self._open(directory, command, order_id, watched)

    def go_on(self, *, is_idle: bool = False) -> None:
        """Send again what may be lost, and give up what takes too long.

        Time in which somebody was still busy does not count: an actor that is slow is
        not one that forgot.
        """
        while self.to_resend:
            request = self.to_resend.pop(0)
            if not request.is_closed:
                request.send()
        now, before = self._clock.monotonic_ns(), self._looked_ns
        self._looked_ns = now
        for request in self.open:
            if not is_idle:
                request.deadline_ns += now - before
            elif not request.is_closed and request.deadline_ns <= now:
                request.close()
                self.timeouts.append(request.command)
        self.open = [request for request in self.open if not request.is_closed]

    def lose_connections(self, directory: Directory | None = None) -> None:
        """Note that a process ended: nobody will answer. None: each of them."""
        for request in self.open:
            if directory is None or request.directory is directory:
                request.is_closed = True
        self.open = [one for one in self.open if not one.is_closed]
        self.to_resend = [one for one in self.to_resend if not one.is_closed]

    def answered(self, request: Request, answer: Any) -> None:
        """Check an answer against the disk."""
        match request.command:
            case PlaceOrder():
                self._placed(request, request.command, answer)
            case CancelOrder():
                self._cancelled(request, answer)
            case AmendOrder():
                self._amended(request, request.command, answer)
            case PauseOrder():
                self._paused(request, request.command, answer)

    def check_answers(self) -> None:
        """Check that what was accepted is kept, and what was refused is not."""
        for order_id, refusal in self.refused.items():
            is_kept = self._disk.order(order_id) is not None
            self._check(not is_kept, "refused, but kept later", order_id, refusal)
        for order_id, command in self.accepted.items():
            order = self._disk.order(order_id)
            self._check(order is not None, "an accepted order is lost", order_id)
            if order is not None:
                is_same = order.side is command.side and order.symbol == command.symbol
                self._check(is_same, "another order than was asked for", order)

    def _placed(self, request: Request, command: PlaceOrder, answer: Any) -> None:
        if isinstance(answer, Refusal):
            is_kept = self._disk.order(request.order_id) is not None
            self._check(not is_kept, "refused, but kept", request.order_id, answer)
            self.refused[request.order_id] = answer
            expected = {
                RefusalCode.STORE_UNAVAILABLE,
                RefusalCode.STOPPING,
                RefusalCode.IDEMPOTENCY_KEY_REUSED,
                RefusalCode.CLIENT_ORDER_ID_REUSED,
                RefusalCode.NOTIONAL_BELOW_MINIMUM,
                RefusalCode.EXPIRES_AT_IN_THE_PAST,
            }
            if command.time_in_force in AT_ONCE:
                expected.add(RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT)
            self._check(answer.code in expected, "strange refusal", answer)
            return
        assert isinstance(answer, Stored)
        order_id = answer.order.order_id
        is_kept = self._disk.order(order_id) is not None
        self._check(is_kept, "answered before it was on disk", answer)
        is_own = order_id == request.order_id
        self._check(is_own or answer.repeated, "another order", answer)
        self.accepted.setdefault(order_id, command)
        for name in (command.idempotency_key, command.client_order_id):
            if name is not None:
                known = self._by_key.setdefault(name, (command, order_id))
                is_same = known[1] == order_id and _same(known[0], command)
                self._check(is_same, "one key, two orders", name, answer)

    def _cancelled(self, request: Request, answer: Any) -> None:
        order = self._disk.order(request.order_id)
        assert order is not None
        if isinstance(answer, Order):
            there = (OrderStatus.CANCELED, OrderStatus.PENDING_CANCEL)
            self._check(answer.status in there, "not cancelled", answer)
            is_going = order.status.is_final or order.status in there
            self._check(is_going, "cancel is not on disk", answer, order)
        else:
            self._check_refusal(answer, order)

    def _amended(self, request: Request, command: AmendOrder, answer: Any) -> None:
        order = self._disk.order(request.order_id)
        assert order is not None
        if isinstance(answer, Order):
            is_kept = order.version >= answer.version
            self._check(is_kept, "amended before it was on disk", answer, order)
            if command.price is not None:
                self._check(answer.price == command.price, "other price", answer)
        else:
            self._check_refusal(answer, order)

    def _paused(self, request: Request, command: PauseOrder, answer: Any) -> None:
        order = self._disk.order(request.order_id)
        assert order is not None
        if isinstance(answer, Order):
            is_kept = order.version >= answer.version
            self._check(is_kept, "paused before it was on disk", answer, order)
            is_done = answer.is_paused is command.is_on
            is_going = answer.status not in WORKING
            self._check(is_done or is_going, "not as requested", command, answer)
        elif answer.code is RefusalCode.ORDER_NEVER_WAITS:
            is_right = command.is_on and order.time_in_force in AT_ONCE
            self._check(is_right, "an order that waits was not paused", answer, order)
        else:
            self._check_refusal(answer, order)

    def _check_refusal(self, answer: Refusal, order: Order) -> None:
        if answer.code is RefusalCode.ORDER_ENDED:
            self._check(order.status.is_final, "said to have ended", order)
        is_known = answer.code is not RefusalCode.ORDER_NOT_WORKED
        self._check(is_known, "an accepted order is turned away", answer)

    def _pause(
        self, directory: Directory, order_id: OrderId, symbol: Symbol, *, is_on: bool
    ) -> None:
        command = PauseOrder(order_id=order_id, symbol=symbol, is_on=is_on)
        self._ask(directory, command)

    def _ask(
        self, directory: Directory, command: CancelOrder | AmendOrder | PauseOrder
    ) -> None:
        supervisor = names.symbol_supervisor(command.symbol)
        executor = names.executor(command.symbol, command.order_id)
        watched = (names.MANAGER, supervisor, executor)
        self._open(directory, command, command.order_id, watched)

    def _open(
        self,
        directory: Directory,
        command: Command,
        order_id: OrderId,
        watched: tuple[str, ...],
    ) -> None:
        request = Request(
            clients=self,
            directory=directory,
            command=command,
            order_id=order_id,
            deadline_ns=self._clock.monotonic_ns() + TIMEOUT_NS,
            watched=watched,
        )
        for name in watched:
            directory.watch(name, request)
        self.open.append(request)
        request.send()

    def _draw_accepted(self) -> tuple[OrderId, Symbol]:
        """Choose an order that may still be open; often one with a child in flight."""
        in_flight = [one for one in self._disk.unresolved if one in self.accepted]
        if in_flight and self._rng.random() < 0.5:
            order_id = self._rng.choice(in_flight)
        else:
            order_id = self._rng.choice(list(self.accepted)[-12:])
        return order_id, self.accepted[order_id].symbol

    def _draw_order(self) -> PlaceOrder:
        rng = self._rng
        if self._sent and rng.random() < 0.1:
            again = rng.choice(self._sent[-5:])
            if rng.random() < 0.3:
                return replace(again, quantity=again.quantity + 1)
            return again
        symbol = rng.choice(list(self._venues))
        side = rng.choice(tuple(Side))
        time_in_force = rng.choice(
            (TimeInForce.GTC, TimeInForce.GTC, *tuple(TimeInForce))
        )
        expires_at = None
        if time_in_force is TimeInForce.GTD:
            span = rng.randrange(rng.choice((100_000, 1_000_000, 30_000_000)))
            expires_at = self._clock.now() + timedelta(microseconds=span + 1)
        self._numbers += 1
        name = f"C{self._numbers}"
        return PlaceOrder(
            symbol=symbol,
            side=side,
            quantity=AMOUNTS[rng.randrange(1, 30)],
            price=self._draw_price(symbol),
            time_in_force=time_in_force,
            expires_at=expires_at,
            client_order_id=name if rng.random() < 0.3 else None,
            idempotency_key=f"K{name}" if rng.random() < 0.5 else None,
        )

    def _draw_price(self, symbol: Symbol) -> Decimal:
        middle = self._venues[symbol].middle
        return AMOUNTS[middle + self._rng.randrange(-6, 7)]

    def _draw_amendment(self, order_id: OrderId, symbol: Symbol) -> AmendOrder:
        rng = self._rng
        price = self._draw_price(symbol) if rng.random() < 0.6 else None
        quantity = AMOUNTS[rng.randrange(3, 40)] if rng.random() < 0.6 else None
        return AmendOrder(
            order_id=order_id, symbol=symbol, price=price, quantity=quantity
        )


def _same(one: PlaceOrder, other: PlaceOrder) -> bool:
    return replace(one, idempotency_key=None) == replace(other, idempotency_key=None)
