"""Starts actors, and restarts them when they fail."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actors import names
from actors.messages.lifecycle import Drain
from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext, ActorEnded
from actors.runtime.timers import NANOSECONDS
from actors.supervision.specifications import (
    ChildSpec,
    Restart,
    RestartBudget,
    RestartBudgetExceededError,
    RestartLog,
    Strategy,
)
from domain.errors import TenureLostError


logger = logging.getLogger(__name__)


CALM_SECONDS = 600.0
"""After this long without a rest, a child's next rest is the shortest again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPauseOver:
    """A child's rest before its next start is over."""

    name: str


@dataclass(slots=True)
class RestartPauses:
    """How often a child, or several that rest together, failed and rested lately."""

    log: RestartLog
    count: int = 0
    last_ns: int = 0


class Supervisor(RuntimeActor):
    """Owns a fixed list of actors.

    Owns: its children's addresses, its restart log.
    Receives: ActorEnded of a child, RestartPauseOver, Drain.
    Sends: stop messages to its children.
    Asks: nobody.
    Ends: after Drain, when all children have ended; by failing, after stopping them,
        when they fail more often than its budget allows, or another service has the
        database.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        specs: Iterable[ChildSpec],
        strategy: Strategy,
        budget: RestartBudget,
    ) -> None:
        super().__init__(context=context)
        self._own_name = context.runtime.directory.address(context.name)
        self._specs = {spec.name: spec for spec in specs}
        self._strategy = strategy
        self._log = RestartLog(budget)
        self._living: dict[str, ActorAddress] = {}
        self._stopping: set[str] = set()
        self._to_start = list(self._specs)
        self._rests = {
            name: RestartPauses(RestartLog(budget))
            for name, spec in self._specs.items()
            if spec.rest_seconds
        }
        self._is_ending = False
        self._gave_up: Exception | None = None

    def on_start(self) -> None:
        """Start all children in order."""
        self.start_waiting()

    def on_end(self) -> None:
        """Leave no child behind without a supervisor."""
        for address in reversed(self.all_living()):
            stop(address)

    def on_receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case ActorEnded():
                self._actor_ended(message)
            case RestartPauseOver():
                self._rest_over(message)
            case Drain():
                self.begin_drain(message)
            case _:
                self.receive_other(message)

    def receive_other(self, message: Any) -> None:
        """Handle a message that only a subclass knows."""
        raise AssertionError(f"unexpected message {message!r}")

    def _actor_ended(self, ended: ActorEnded) -> None:
        if self._is_current(ended):
            del self._living[ended.name]
            if ended.name in self._stopping:
                self._stopping.discard(ended.name)
                self._note_succession(ended)
            elif self._is_ending:
                self.child_ended_early(ended)
            else:
                self._child_ended_by_itself(ended)
        elif not self.other_ended(ended):
            return  # an earlier incarnation, already replaced
        if self._is_ending:
            self.go_on_ending()
        else:
            self.start_waiting()

    def _is_current(self, ended: ActorEnded) -> bool:
        known = self._living.get(ended.name)
        return known is not None and known.ref is ended.ref

    def other_ended(self, ended: ActorEnded) -> bool:
        """Handle the end of an actor that is not in the fixed list; True if ours."""
        del ended
        return False

    def child_ended_early(self, ended: ActorEnded) -> None:
        """Handle a child's ending by itself while all are being stopped."""

    def _child_ended_by_itself(self, ended: ActorEnded) -> None:
        spec = self._specs[ended.name]
        if spec.restart is Restart.TRANSIENT and ended.failure is None:
            return
        logger.error("Actor ended name=%s cause=%r", ended.name, ended.failure)
        kind = names.kind_of(ended.name)
        self.context.runtime.meter.count("actor_failures", kind=kind)
        if isinstance(ended.failure, TenureLostError):
            self.end_for_good(ended.failure)
            return
        now_ns = self.context.runtime.clock.monotonic_ns()
        rests = self._rests.get(ended.name)
        if rests is not None:
            gave_up = isinstance(ended.failure, RestartBudgetExceededError)
            if rests.log.allows(now_ns) and not gave_up:
                self._plan_restart(spec)
            else:
                self.plan_rest(spec.name, spec.rest_seconds, rests)
        elif self.may_restart():
            self._plan_restart(spec)
        else:
            self.failed_too_often(f"{ended.name} failed: {ended.failure!r}")

    def _note_succession(self, ended: ActorEnded) -> None:
        """Note that a child, while being stopped, found that we lost the database."""
        if isinstance(ended.failure, TenureLostError):
            self._gave_up = ended.failure

    def may_restart(self) -> bool:
        """Count one more restart; return whether it is within the budget."""
        return self._log.allows(self.context.runtime.clock.monotonic_ns())

    def _plan_restart(self, spec: ChildSpec) -> None:
        children = list(self._specs)
        affected = [spec.name]
        if self._strategy is Strategy.REST_FOR_ONE:
            affected = children[children.index(spec.name) :]
        for name in reversed(affected):
            if name in self._living:
                self.stop_child(name)
        self._to_start = [
            name for name in children if name in affected or name in self._to_start
        ]

    def plan_rest(
        self, name: str, rest_seconds: tuple[float, ...], rests: RestartPauses
    ) -> None:
        """Send RestartPauseOver for that name later: the more rests, the later."""
        now_ns = self.context.runtime.clock.monotonic_ns()
        if now_ns - rests.last_ns > CALM_SECONDS * NANOSECONDS:
            rests.count = 0
        delay = rest_seconds[min(rests.count, len(rest_seconds) - 1)]
        rests.count += 1
        rests.last_ns = now_ns
        logger.warning("Actor rests name=%s seconds=%s", name, delay)
        message = RestartPauseOver(name=name)
        self.context.runtime.timers.schedule(delay, self.address, message)

    def _rest_over(self, message: RestartPauseOver) -> None:
        if not self._is_ending:
            self._to_start += self.rested(message.name)
            self.start_waiting()

    def rested(self, name: str) -> list[str]:
        """Return the children to start now that this rest is over."""
        return [name]

    def start_waiting(self) -> None:
        """Start the waiting children, once all that must stop have ended."""
        if self._stopping or self._is_ending:
            return
        waiting, self._to_start = self._to_start, []
        for name in waiting:
            if name not in self._living:
                self._living[name] = self.start_child(self._specs[name])
                self.child_started(name)

    def start_child(self, spec: ChildSpec) -> ActorAddress:
        """Start one actor."""
        return ActorAddress(spec.start(self.child_context(spec.name)))

    def child_context(self, name: str) -> ActorContext:
        """Make the context of a child, whose end is reported to our name.

        To our name, not our address, so that a successor of ours is told, too.
        """
        runtime = self.context.runtime
        return ActorContext(runtime=runtime, name=name, watcher=self._own_name)

    def child_started(self, name: str) -> None:
        """Do what has to follow a child's start."""

    def stop_child(self, name: str) -> None:
        """Stop one of the fixed children, and note that it was stopped by us."""
        self._stopping.add(name)
        stop(self._living[name])

    def begin_drain(self, message: Drain) -> None:
        """Stop all children, the last one started first, then end."""
        del message
        self._begin_end()

    def failed_too_often(self, cause: str) -> None:
        """Give up, because the children have used up the budget."""
        logger.critical(
            "Supervisor gives up name=%s cause=%s", self.context.name, cause
        )
        self.end_for_good(RestartBudgetExceededError(cause))

    def end_for_good(self, failure: Exception) -> None:
        """Stop all children, then fail: a restart would not help."""
        self._gave_up = failure
        self._begin_end()

    def _begin_end(self) -> None:
        self._is_ending = True
        self._to_start.clear()
        for address in reversed(self.all_living()):
            stop(address)

    def all_living(self) -> list[ActorAddress]:
        """List all living actors of this supervisor, in the order of the specs."""
        return [self._living[name] for name in self._specs if name in self._living]

    def has_living(self) -> bool:
        """Whether any is left; asked at the end of each, so it lists none."""
        return bool(self._living)

    def go_on_ending(self) -> None:
        """End when the last child has ended."""
        if self.has_living():
            return
        self.failure = self._gave_up  # logged already; a traceback would add nothing
        self.stop()


def stop(address: ActorAddress) -> None:
    """Tell an actor to stop after what is in its mailbox; no error if it has ended."""
    address.ref.stop(block=False)
