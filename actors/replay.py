"""Runs a recorded market through the same actors that trade, on virtual time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.paper_venue import PaperVenue
from actors.listener import ListenerTimes
from actors.messages.client_requests import GetBook, PlaceRequest
from actors.runtime.addresses import ActorAddress, Directory
from actors.runtime.deterministic import (
    DeterministicDispatcher,
    VirtualClock,
    VirtualTime,
    VirtualTimers,
)
from actors.runtime.runtime import Runtime
from actors.system import SystemDependencies, drain, start_system
from domain.market.updates import BookView, DepthSnapshot, FeedConnected, FeedMessage
from domain.orders.committed import CommittedBatch
from domain.ports.events import EventPublisher
from domain.ports.runtime import Recipient
from domain.ports.store import TradeStore
from domain.refusals import Refusal
from domain.replay import ReplayFrame, ReplayOrder, ReplayOutcome
from domain.values import OrderId, Symbol
from domain.venue.symbol_rules import SymbolRules


class _Answers:
    """A recipient that keeps the messages it gets."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    def tell(self, message: Any) -> bool:
        self.received.append(message)
        return True


class _RecordedFeed:
    """A MarketFeed that hands over one frame at a time."""

    def __init__(self, snapshot: DepthSnapshot | None) -> None:
        self._snapshot = snapshot
        self._recipient: Recipient[FeedMessage] | None = None

    def subscribe(self, symbol: Symbol, recipient: Recipient[FeedMessage]) -> None:
        self._recipient = recipient
        recipient.tell(FeedConnected(symbol=symbol))
        if self._snapshot is not None:
            recipient.tell(self._snapshot)

    def request_snapshot(self, symbol: Symbol) -> None:
        """Do nothing: the recording has no other snapshot."""

    def renew(self, symbol: Symbol, cause: str) -> None:
        """Do nothing: there is no connection."""

    def as_of_ns(self, symbol: Symbol) -> None:
        """Return None, for now: only virtual time passes between two frames."""

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def send(self, message: FeedMessage) -> None:
        assert self._recipient is not None
        self._recipient.tell(message)


class _Nobody:
    """A publisher that discards everything."""

    def publish(self, batch: CommittedBatch) -> None:
        """Publish nothing."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Replay:
    """One symbol of a recording, the orders in it, and the store that keeps them."""

    def __init__(
        self,
        *,
        rules: SymbolRules,
        snapshot: DepthSnapshot | None,
        store: TradeStore,
        publisher: EventPublisher | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            rules: of the symbol.
            snapshot: with which the recording begins.
            store: keeps the orders.
            publisher: is told what is committed there; None: nobody is told.
        """
        self._symbol = rules.symbol
        self._feed = _RecordedFeed(snapshot)
        self._dispatcher = DeterministicDispatcher()
        self._directory = Directory()
        self._dependencies = SystemDependencies(
            rules={rules.symbol: rules},
            feed=self._feed,
            store=store,
            publisher=publisher or _Nobody(),
            access=GatewayConfig(venue=PaperVenue(self._now)),
            listener_times=ListenerTimes(settle=None, checks_quiet=False),
            matches_max=None,
        )
        self._refusals: dict[OrderId, Refusal] = {}
        self._root: ActorAddress | None = None
        self._clock = VirtualClock(_EPOCH)

    def _now(self) -> datetime:
        return self._clock.now()

    def run(
        self, frames: Iterable[ReplayFrame], orders: Sequence[ReplayOrder]
    ) -> ReplayOutcome:
        """Run all frames; orders of the same time arrive in the order listed."""
        count = 0
        first_ns = 0
        waiting = sorted(orders, key=lambda order: order.at_ns)
        time: VirtualTime | None = None
        for frame in frames:
            if time is None:
                first_ns = frame.received_ns
                time = self._start(first_ns)
            passed_ns = frame.received_ns - first_ns
            time.run_until(passed_ns + 1)
            while waiting and waiting[0].at_ns <= passed_ns:
                self._place(waiting.pop(0))
            if frame.message is not None:
                self._feed.send(frame.message)
                self._dispatcher.run_until_idle()
            count += 1
        book = self.book()
        self._end()
        return ReplayOutcome(frames=count, book=book, refusals=self._refusals)

    def book(self) -> BookView:
        """Return the current touch; also between two frames of a run."""
        answers = _Answers()
        request = GetBook(limit=1, reply_to=answers)
        self._directory.tell(names.router(self._symbol), request)
        self._dispatcher.run_until_idle()
        view: BookView = answers.received[0]
        return view

    def _start(self, first_ns: int) -> VirtualTime:
        begin = _EPOCH + timedelta(microseconds=first_ns // 1000)
        clock = self._clock = VirtualClock(begin)
        timers = VirtualTimers(clock)
        runtime = Runtime(
            dispatcher=self._dispatcher,
            clock=clock,
            timers=timers,
            directory=self._directory,
        )
        self._root = start_system(runtime, self._dependencies)
        self._dispatcher.run_until_idle()
        return VirtualTime(clock, timers, self._dispatcher)

    def _place(self, order: ReplayOrder) -> None:
        answers = _Answers()
        request = PlaceRequest(
            order_id=order.order_id, command=order.command, reply_to=answers
        )
        self._directory.tell(names.MANAGER, request)
        self._dispatcher.run_until_idle()
        (answer,) = answers.received
        if isinstance(answer, Refusal):
            self._refusals[order.order_id] = answer

    def _end(self) -> None:
        """Leave no actor behind; waiting orders stay as they are."""
        assert self._root is not None
        drain(self._root)
        self._dispatcher.run_until_idle()
