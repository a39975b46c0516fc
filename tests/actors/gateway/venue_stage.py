"""A gateway with workers, and a venue that answers what the test says, when it says."""

from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from actors import names
from actors.gateway.config import GatewayConfig
from actors.gateway.gateway import Gateway
from actors.gateway.permits import ChildPermit as GatewayPermit
from actors.gateway.worker import GatewayWorker
from actors.ledger import Ledger
from actors.messages.gateway import (
    AccountCall,
    AccountRead,
    ChildAnswered,
    ChildUnknown,
    LookUpCall,
    PlaceCall,
    ProbeCall,
    QueryChild,
    SetHalt,
    SubmitChild,
    TradingState,
    VenueCalled,
    VenueProbed,
    WorkerBarrier,
    WorkerReady,
)
from actors.runtime.deterministic import VirtualClock
from domain.orders import lifecycle
from domain.orders.child_order import ChildOrder, ChildResult, ChildStatus, VenueFill
from domain.orders.completion import OFFER_AGE_MAX_NS
from domain.ports.venue import Permit
from domain.risk.halt import HaltSet
from domain.risk.limits import NO_LIMITS, RiskLimits
from domain.values import ZERO, Symbol
from domain.venue.answers import (
    Account,
    Balance,
    PauseReason,
    Since,
    TradingPause,
    VenueActivity,
    VenueAnswer,
)
from domain.venue.unknown_outcome import ResolutionTimes
from tests.actors.builders import RULES, SYMBOL, order, slices
from tests.actors.stage import START, Neighbour, Stage
from tests.fakes import FakePublisher, FakeStore, Recorder


TIMES = ResolutionTimes(
    window=timedelta(seconds=10),
    first=timedelta(seconds=1),
    longest=timedelta(seconds=4),
)


class AdapterError(Exception):
    """A bug in an adapter."""


class ScriptedVenue:
    """The Venue port: remembers what it was asked, and answers as it was told to."""

    def __init__(self) -> None:
        self.placed: list[ChildOrder] = []
        self.looked_up: list[tuple[ChildOrder, datetime, bool]] = []
        self.probes = 0
        self.answers: deque[VenueAnswer | Exception] = deque()
        """To the next calls about children; later ones stay without an answer."""

        self.looked_back: list[tuple[Symbol, Since]] = []
        self.activities: dict[Symbol, VenueActivity] = {}
        self.pause: TradingPause | None = None
        """What a probe finds."""

        self.balances: Account | None = RICH
        """None: they cannot be read."""

        self.accounts_read = 0

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        if reason := permit.claim():
            return VenueAnswer(result=lifecycle.never_sent(child, reason))
        self.placed.append(child)
        return self._answer()

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        self.looked_up.append((child, since, thoroughly))
        return self._answer()

    def probe(self) -> TradingPause | None:
        self.probes += 1
        return self.pause

    def account(self) -> Account | None:
        self.accounts_read += 1
        return self.balances

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        self.looked_back.append((symbol, since))
        return self.activities.get(symbol)

    def close(self) -> None:
        pass

    def _answer(self) -> VenueAnswer:
        answer = self.answers.popleft() if self.answers else UNCLEAR
        if isinstance(answer, Exception):
            raise answer
        return answer


UNCLEAR = VenueAnswer(detail="timed out")
_PLENTY = Balance(free=Decimal(1_000_000), locked=ZERO)
RICH = Account(can_trade=True, balances={"BNB": _PLENTY, "USDT": _PLENTY}, as_of=START)
ABSENT = VenueAnswer(is_absent=True)


def child(name: str = "A") -> ChildOrder:
    return lifecycle.child_of(order(name), slices((102, 1), (101, 3)), now=START)


def permit(clock: VirtualClock, expires_at: datetime | None = None) -> GatewayPermit:
    """Return what an executor sends along with a child of an offer of just now."""
    until_ns = clock.monotonic_ns() + OFFER_AGE_MAX_NS
    return GatewayPermit(clock=clock, until_ns=until_ns, expires_at=expires_at)


def done(of: ChildOrder, *fills: tuple[int, int]) -> VenueAnswer:
    """Return the answer that a child ended with fills of (price, quantity)."""
    venue_fills = tuple(
        VenueFill(
            price=Decimal(price),
            quantity=Decimal(quantity),
            fee=ZERO,
            fee_asset=None,
            trade_id=number,
            executed_at=START,
        )
        for number, (price, quantity) in enumerate(fills, start=1)
    )
    result = ChildResult(
        child_id=of.child_id,
        order_id=of.order_id,
        status=ChildStatus.DONE,
        fills=venue_fills,
    )
    return VenueAnswer(result=result)


def turned_away(
    of: ChildOrder, reason: PauseReason, seconds: float | None = None
) -> VenueAnswer:
    """Return the answer that a child was not sent, nor would others be."""
    duration = None if seconds is None else timedelta(seconds=seconds)
    pause = TradingPause(reason=reason, detail="says the venue", duration=duration)
    return VenueAnswer(result=lifecycle.never_sent(of, reason.value), pause=pause)


class VenueStage:
    """A gateway on the stage, with its ledger, its router and its workers."""

    def __init__(
        self,
        stage: Stage,
        workers: int = 4,
        *,
        real: bool = True,
        limits: RiskLimits = NO_LIMITS,
    ) -> None:
        """Put everybody on the stage.

        Args:
            stage: for them.
            workers: so many.
            real: whether they make the calls; else they listen, and the test answers.
            limits: of the operator.
        """
        self.stage = stage
        self.venue = ScriptedVenue()
        self.store = FakeStore()
        self.access = GatewayConfig(
            venue=self.venue, workers=workers, times=TIMES, limits=limits
        )
        self.executor = Recorder()
        """The workers'."""

        self.router = stage.neighbour(names.router(SYMBOL))
        self.ledger = stage.start(
            Ledger,
            names.LEDGER,
            store=self.store,
            permits=self.access.permits,
            publisher=FakePublisher(),
        )
        self.workers = [
            self.start_worker(name) if real else stage.neighbour(name)
            for name in names.gateway_workers(workers)
        ]
        self.gateway = self.start_gateway()
        if not real:
            self.pass_barrier()
            self._answer_first_questions()
        self.venue.probes = 0  # but for the one at the start

    def pass_barrier(self) -> None:
        """Have workers that only listen answer their last barrier."""
        for worker in self.workers:
            assert isinstance(worker, Neighbour)
            ready = WorkerReady(
                worker=worker.context.name, call=worker.last(WorkerBarrier)
            )
            self.stage.tell(self.gateway, ready)

    def _answer_first_questions(self) -> None:
        """Get rid of what the gateway asks by itself: may we trade, with what?"""
        for worker in self.workers * 2:  # a small pool asks one after the other
            assert isinstance(worker, Neighbour)
            name, asked = worker.context.name, worker.received[:]
            worker.received = [one for one in asked if isinstance(one, WorkerBarrier)]
            for call in asked:
                if isinstance(call, ProbeCall):
                    probed = VenueProbed(worker=name, call=call, pause=None)
                    self.stage.tell(self.gateway, probed)
                elif isinstance(call, AccountCall):
                    read = AccountRead(worker=name, call=call, account=RICH)
                    self.stage.tell(self.gateway, read)

    def start_worker(self, name: str) -> GatewayWorker:
        return self.stage.start(GatewayWorker, name, venue=self.venue)

    def start_gateway(self) -> Gateway:
        return self.stage.start(
            Gateway,
            names.GATEWAY,
            access=self.access,
            rules={SYMBOL: RULES},
        )

    def restart_gateway(self) -> None:
        self.stage.kill(self.gateway)
        self.gateway = self.start_gateway()

    def restart_worker(self, number: int = 0) -> None:
        """Have a worker's successor come; it has failed, or fails now."""
        worker = self.workers[number]
        if worker.actor_ref.is_alive():
            self.stage.kill(worker)
        self.workers[number] = (
            self.stage.neighbour(worker.context.name)
            if isinstance(worker, Neighbour)
            else self.start_worker(worker.context.name)
        )

    # What the executor does and hears.

    def submit(self, *children: ChildOrder, received_ns: int = 0) -> None:
        for one in children:
            message = SubmitChild(
                child=one,
                reply_to=self.executor,
                received_ns=received_ns,
                permit=permit(self.stage.clock),
            )
            self.stage.tell(self.gateway, message)

    def query(self, one: ChildOrder) -> None:
        self.stage.tell(self.gateway, QueryChild(child=one, reply_to=self.executor))

    def results(self) -> list[ChildResult]:
        return [one.result for one in self.executor.all(ChildAnswered)]

    def result(self) -> ChildResult:
        return self.executor.only(ChildAnswered).result

    def problems(self) -> list[str]:
        return [one.problem for one in self.executor.all(ChildUnknown)]

    # What the operator does, and the router hears.

    def halt(self, *, is_on: bool = True) -> Recorder:
        operator = Recorder()
        message = SetHalt(is_on=is_on, reason="because", reply_to=operator)
        self.stage.tell(self.gateway, message)
        return operator

    def pauses(self) -> list[PauseReason | None]:
        """Return what the router was told, oldest first."""
        told = self.router.all(TradingState)
        return [one.pause.reason if one.pause else None for one in told]

    # What workers that only listen are given, and answer.

    def calls(self, number: int) -> list[Any]:
        worker = self.workers[number]
        assert isinstance(worker, Neighbour)
        kinds = PlaceCall | LookUpCall | ProbeCall
        return [one for one in worker.received if isinstance(one, kinds)]

    def permits(self) -> list[GatewayPermit]:
        """Return those of the children that workers have in hand who only listen."""
        numbers = range(len(self.workers))
        calls = [call for number in numbers for call in self.calls(number)]
        return [call.permit for call in calls if isinstance(call, PlaceCall)]

    def claim(self) -> list[GatewayPermit]:
        """Have those workers send their children."""
        for one in self.permits():
            assert one.claim() is None
        return self.permits()

    def answer(self, number: int, answer: VenueAnswer) -> None:
        """Have a worker that only listens answer its last call."""
        call: PlaceCall | LookUpCall | ProbeCall = self.calls(number)[-1]
        name = self.workers[number].context.name
        if isinstance(call, ProbeCall):
            message: Any = VenueProbed(worker=name, call=call, pause=answer.pause)
        else:
            message = VenueCalled(worker=name, call=call, answer=answer)
        self.stage.tell(self.gateway, message)

    def answer_probe(self, pause: TradingPause | None = None) -> None:
        """Have the worker that only listens and has to probe answer."""
        (probing,) = [
            number
            for number in range(len(self.workers))
            if any(isinstance(call, ProbeCall) for call in self.calls(number))
        ]
        self.answer(probing, VenueAnswer(pause=pause))


def counts(operator: Recorder) -> list[int]:
    """Return what was said of children in flight."""
    return [one.children_in_flight for one in operator.all(HaltSet)]
