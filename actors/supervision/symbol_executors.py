"""Starts and restarts the executors of one symbol."""

import logging
from collections.abc import Callable
from typing import Any

from actors import names
from actors.executor.executor import Executor
from actors.messages.timers import ExecutorRestOver
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.supervision.specifications import RestartBudget, RestartLog
from domain.orders.stored_orders import OpenOrder
from domain.values import OrderId, Symbol


logger = logging.getLogger(__name__)

EXECUTOR_BUDGET = RestartBudget(restarts=3, within_seconds=10.0)
EXECUTOR_REST_SECONDS = 30.0
"""How long an executor that fails again and again rests before the next start."""

MakeExecutor = Callable[[OrderId, OpenOrder | None], dict[str, Any]]
"""Makes an executor's constructor arguments; None: it loads its order itself."""

ChildContext = Callable[[str], ActorContext]
"""Makes the context of an actor with that name, as the supervisor's child."""


class OrderCount:
    """How many orders of a symbol are open. Its supervisor counts; anybody may read."""

    def __init__(self) -> None:
        self.now = 0
        self.rises = 0
        """How often there was one more, which may have ended since."""

    def change_to(self, now: int) -> None:
        """Count anew."""
        self.rises += now > self.now
        self.now = now


class SymbolExecutors:
    """The symbol supervisor's part that starts and restarts executors.

    There is one for each order. One that fails again and again rests for a while, and
    no other is affected.
    """

    def __init__(
        self,
        context: ActorContext,
        address: ActorAddress,
        symbol: Symbol,
        make_executor: MakeExecutor,
        child_context: ChildContext,
        open_orders: OrderCount,
    ) -> None:
        self._open_orders = open_orders
        self._open_orders.change_to(0)
        self._context = context
        self._address = address
        self._symbol = symbol
        self._make_executor = make_executor
        self._child_context = child_context
        self._working: dict[OrderId, ActorAddress] = {}
        self._logs: dict[OrderId, RestartLog] = {}
        self._resting: set[OrderId] = set()

    def living(self) -> list[ActorAddress]:
        """List the executors that live."""
        return list(self._working.values())

    def has_living(self) -> bool:
        """Whether any executor lives."""
        return bool(self._working)

    def start_once(self, order_id: OrderId, open_order: OpenOrder | None) -> None:
        """Start an order's executor, unless it runs or rests.

        Args:
            order_id: of the order.
            open_order: as it is on disk; None: the executor loads it.
        """
        if order_id not in self._working and order_id not in self._resting:
            self._start(order_id, open_order)

    def of(self, order_id: OrderId) -> ActorAddress | None:
        """Return an order's executor; it may just have ended."""
        return self._working.get(order_id)

    def wake(self, order_id: OrderId) -> ActorAddress:
        """Start an executor for an order without one, even during a rest."""
        self._resting.discard(order_id)
        return self._start(order_id, None)

    def ended(self, ended: ActorEnded, *, may_restart: bool) -> bool:
        """Restart an executor if it failed; return False if it was not ours."""
        order_id = names.order_of(ended.name)
        known = self._working.get(order_id)
        if known is None or known.ref is not ended.ref:
            return False
        del self._working[order_id]
        self._count()
        if ended.failure is None:
            self._logs.pop(order_id, None)
        elif may_restart:
            logger.error("Executor failed name=%s cause=%r", ended.name, ended.failure)
            kind = names.kind_of(ended.name)
            self._context.runtime.meter.count("actor_failures", kind=kind)
            self._start_again(order_id)
        return True

    def rest_over(self, order_id: OrderId) -> None:
        """Start an executor that has rested, unless it was woken earlier."""
        if order_id in self._resting:
            self.wake(order_id)

    def _start_again(self, order_id: OrderId) -> None:
        runtime = self._context.runtime
        log = self._logs.setdefault(order_id, RestartLog(EXECUTOR_BUDGET))
        if log.allows(runtime.clock.monotonic_ns()):
            self._start(order_id, None)
            return
        logger.error("Executor rests order_id=%s", order_id)
        self._resting.add(order_id)
        self._count()
        due = ExecutorRestOver(order_id=order_id)
        runtime.timers.schedule(EXECUTOR_REST_SECONDS, self._address, due)

    def _start(self, order_id: OrderId, open_order: OpenOrder | None) -> ActorAddress:
        context = self._child_context(names.executor(self._symbol, order_id))
        ref = Executor.start(
            context=context, **self._make_executor(order_id, open_order)
        )
        started = self._working[order_id] = ActorAddress(ref)
        self._count()
        return started

    def _count(self) -> None:
        self._open_orders.change_to(len(self._working) + len(self._resting))
