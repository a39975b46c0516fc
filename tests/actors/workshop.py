"""An executor with neighbours that only listen, played by the test."""

import dataclasses
from datetime import datetime
from decimal import Decimal
from typing import Any

from actors import names
from actors.executor.executor import Executor
from actors.executor.trading_rules import TradingRules
from actors.gateway.permits import Permits
from actors.ledger import Ledger
from actors.messages.gateway import (
    ChildAnswered,
    ForgetChild,
    QueryChild,
    SubmitChild,
)
from actors.messages.ledger import LoadOrder, OrderLoaded, WriteRecord, Written
from actors.messages.routing import Enlist, GiveBack, Offer, Withdraw, Withdrawn
from actors.runtime.runtime import ActorEnded
from domain.algorithms.contract import Algorithm
from domain.algorithms.immediate import IMMEDIATE
from domain.market.touch import Touch
from domain.orders.child_order import ChildResult, ChildStatus, Slice
from domain.orders.order import Order, OrderStatus
from domain.orders.records import OrderChange, Stored
from domain.orders.stored_orders import OpenOrder
from domain.reasons import BookState, EndReason, WaitReason
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.venue.symbol_rules import SymbolRules
from tests.actors.builders import RULES, SYMBOL, result, slices
from tests.actors.stage import Neighbour, Stage
from tests.fakes import FakePublisher, FakeStore, Recorder


class Workshop:
    """One executor, its ledger, router and gateway."""

    def __init__(
        self,
        stage: Stage,
        open_order: OpenOrder | None,
        *,
        rules: SymbolRules = RULES,
        name: str = "A",
        limits: RiskLimits = NO_LIMITS,
        algorithm: Algorithm = IMMEDIATE,
        store: FakeStore | None = None,
        keeps_ledger: bool = False,
    ) -> None:
        """Start all of them.

        Args:
            stage: to play on.
            open_order: as it is on disk; None: the executor asks.
            rules: of the symbol.
            name: of the order.
            limits: of the operator's.
            algorithm: of the order.
            store: of a ledger that is a real one; none: it only listens.
            keeps_ledger: whether that one runs already.
        """
        self.stage = stage
        self.rules_read_ns: int | None = None
        self.touch: Touch | None = None
        if store is None:
            self.ledger = stage.neighbour(names.LEDGER)
        elif not keeps_ledger:
            stage.start(
                Ledger,
                names.LEDGER,
                store=store,
                permits=Permits(),
                publisher=FakePublisher(),
            )
        self.gateway = stage.neighbour(names.GATEWAY)
        self.router = stage.neighbour(names.router(SYMBOL))
        self.watcher = Recorder()
        self.executor = stage.start(
            Executor,
            f"{SYMBOL}/order/{name}",
            self.watcher,
            rules=TradingRules(
                symbol=SYMBOL,
                rules_book={SYMBOL: rules},
                limits=limits,
                algorithm_of=lambda _: algorithm,
                rules_read_ns=lambda: self.rules_read_ns,
                read_touch=lambda: self.touch,
            ),
            order_id=name,
            open_order=open_order,
        )

    # What the neighbours were told.

    def enlisted(self) -> Enlist:
        return self.router.last(Enlist)

    def changes(self) -> list[OrderChange]:
        return [
            message.record
            for message in self.ledger.all(WriteRecord)
            if isinstance(message.record, OrderChange)
        ]

    def change(self) -> OrderChange:
        return self.changes()[-1]

    def order(self) -> Order:
        """Return the order as it was last sent to the disk."""
        return self.change().order

    def submitted(self) -> list[SubmitChild]:
        return self.gateway.all(SubmitChild)

    def queried(self) -> list[QueryChild]:
        return self.gateway.all(QueryChild)

    def forgotten(self) -> list[ForgetChild]:
        return self.gateway.all(ForgetChild)

    def given_back(self) -> list[tuple[Slice, ...]]:
        return [message.slices for message in self.router.all(GiveBack)]

    def is_over(self) -> bool:
        return bool(self.watcher.all(ActorEnded))

    def ended_as(self) -> tuple[OrderStatus, EndReason | WaitReason | None]:
        """Check that the executor has ended normally, and say with which order."""
        assert self.watcher.only(ActorEnded).failure is None
        order = self.order()
        assert order.status.is_final
        return order.status, order.reason

    # What the neighbours do.

    def tell(self, *messages: Any) -> None:
        self.stage.tell(self.executor, *messages)

    def load(self, open_order: OpenOrder | None) -> None:
        asked = self.ledger.last(LoadOrder)
        answer = OrderLoaded(order_id=asked.order_id, open_order=open_order)
        asked.reply_to.tell(answer)
        self.stage.run()

    def offer(
        self,
        *parts: tuple[int, int],
        ticket: int | None = None,
        book_state: BookState = BookState.SYNCED,
        as_of_ns: int | None = None,
        touch: Touch | None = None,
    ) -> Offer:
        enlisted = self.enlisted()
        offer = Offer(
            order_id=enlisted.waiting.order_id,
            ticket=enlisted.ticket if ticket is None else ticket,
            slices=slices(*parts),
            book_state=book_state,
            is_paused=False,
            touch=touch,
            received_ns=99,
            as_of_ns=self.stage.clock.monotonic_ns() if as_of_ns is None else as_of_ns,
            router=self.router.address,
        )
        self.tell(offer)
        return offer

    def written(self) -> None:
        """Have everything on disk that was sent there."""
        for message in self.ledger.all(WriteRecord):
            answer = written(message.record.order)
            self.tell(dataclasses.replace(answer, attempt=message.attempt))

    def answered(self, *fills: tuple[int, int], status: str = "DONE") -> ChildResult:
        """Answer the last child that was sent or asked about."""
        child = (self.queried() or self.submitted())[-1].child
        answer = result(child, *fills, status=ChildStatus(status))
        self.tell(ChildAnswered(result=answer))
        return answer

    def withdrawn(self) -> None:
        asked = self.router.last(Withdraw)
        self.tell(Withdrawn(order_id=asked.order_id, ticket=asked.ticket))

    def fill(self, *parts: tuple[int, int]) -> None:
        """Offer, fill and record."""
        self.offer(*parts)
        self.written()
        self.answered(*parts)
        self.written()

    def replace(self, neighbour: Neighbour) -> Neighbour:
        """Have another actor take a neighbour's name."""
        self.stage.kill(neighbour)
        return self.stage.neighbour(neighbour.context.name)

    def now(self) -> datetime:
        return self.stage.clock.now()


def written(order: Order) -> Written:
    """Return the ledger's word that a version is on disk."""
    return Written(
        order_id=order.order_id,
        version=order.version,
        outcome=Stored(order=order),
        attempt=1,
    )


def waiting(order: Order) -> OpenOrder:
    """Return an open order without a child."""
    return OpenOrder(order=order, unresolved=None)


def amount(number: int) -> Decimal:
    return Decimal(number)
