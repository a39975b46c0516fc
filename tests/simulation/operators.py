"""Those who throw the halt switch, and hold the service to its answer."""

from dataclasses import dataclass
from random import Random
from typing import Any

from actors import names
from actors.messages.gateway import PlaceCall, SetHalt
from actors.runtime.addresses import Directory, NameTaken
from actors.runtime.timers import NANOSECONDS
from domain.orders.child_order import ChildOrder
from domain.ports.runtime import Clock
from domain.refusals import Refusal
from domain.risk.halt import Halt, HaltSet
from tests.simulation.disk import Disk
from tests.simulation.violations import Violations


TIMEOUT_NS = 8 * NANOSECONDS
"""Longer than the answer may wait for children that have left already."""


@dataclass(eq=False)
class HaltRequest:
    """One call of an operator: what the desk does, without blocking."""

    operators: "Operators"
    directory: Directory
    is_on: bool
    deadline_ns: int
    is_closed: bool = False
    is_of_predecessor: bool = False

    def send(self) -> None:
        """Send, or send again."""
        message = SetHalt(is_on=self.is_on, reason="simulated", reply_to=self)
        self.directory.tell(names.GATEWAY, message)

    def tell(self, message: Any) -> bool:
        """Take the answer in, or the news that the gateway was replaced."""
        if self.is_closed:
            return True
        if isinstance(message, NameTaken):
            self.operators.to_resend.append(self)
        else:
            self.close()
            self.operators.answered(self, message)
        return True

    def close(self) -> None:
        self.is_closed = True
        self.directory.unwatch(names.GATEWAY, self)


class Operators:
    """All operators of all lives of the service."""

    def __init__(
        self, *, rng: Random, clock: Clock, disk: Disk, violations: Violations
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._disk = disk
        self._check = violations.check
        self._promise: Halt | None = None
        self._looked_ns = clock.monotonic_ns()
        self.open: list[HaltRequest] = []
        self.to_resend: list[HaltRequest] = []
        self.timeouts = 0
        self.answers = 0

    def act(self, directory: Directory, chance: float) -> None:
        """Throw the switch, or do not."""
        is_on = self._disk.is_halted
        if chance and self._rng.random() < chance * (4 if is_on else 1):
            may_be_on = 0.2 if is_on else 0.8
            self.throw(directory, is_on=self._rng.random() < may_be_on)

    def throw(self, directory: Directory, *, is_on: bool) -> None:
        """Throw the switch."""
        deadline_ns = self._clock.monotonic_ns() + TIMEOUT_NS
        request = HaltRequest(self, directory, is_on, deadline_ns)
        directory.watch(names.GATEWAY, request)
        self.open.append(request)
        request.send()

    def go_on(self, *, is_idle: bool = False) -> None:
        """Send again what may be lost, and give up what takes too long."""
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
                self.timeouts += 1
        self.open = [request for request in self.open if not request.is_closed]

    def lose_connections(self, directory: Directory | None = None) -> None:
        """Note that a process ended: nobody will answer. None: each of them."""
        for request in self.open:
            if directory is None or request.directory is directory:
                request.is_closed = True
        self.open = [one for one in self.open if not one.is_closed]
        self.to_resend = [one for one in self.to_resend if not one.is_closed]
        self._forget_unsaved()

    def be_succeeded(self) -> None:
        """Note that another process has the disk: what is not on it binds nobody."""
        for request in self.open:
            request.is_of_predecessor = True
        self._forget_unsaved()

    def _forget_unsaved(self) -> None:
        if self._promise not in self._disk.halts:
            self._promise = None  # it was said that it ends with the process

    def answered(self, request: HaltRequest, answer: Any) -> None:
        """Check an answer, and what it promises from now on."""
        self.answers += 1
        if isinstance(answer, Refusal):
            self._check(not request.is_on, "a halt was refused", answer)
            return
        assert isinstance(answer, HaltSet)
        halt, halts = answer.halt, self._disk.halts
        self._check(halt.is_on is request.is_on, "another way", answer)
        if not answer.is_on_disk:
            if request.is_of_predecessor:
                return
            self._check(halt.is_on, "resumed before it was on disk", answer)
            self._promise = halt
            return
        self._check(halt in halts, "answered before it was on disk", answer)
        since = halts[halts.index(halt) :] if halt in halts else []
        if all(one.is_on for one in since):
            # Those in flight have left already, and none leaves a second time.
            self._promise = halt

    def saved(self, halt: Halt) -> None:
        """Note how the switch stands on disk."""
        promise = self._promise
        if promise is None or promise.since is None or halt.since is None:
            return
        if not halt.is_on and halt.since >= promise.since:
            self._promise = None  # else it is an older wish, saved once more

    def check_permission(self, child: ChildOrder) -> None:
        """Check that nobody was promised that no child leaves."""
        is_free = self._promise is None
        self._check(is_free, "left during a halt", self._promise, child)

    def check_call(self, _sender: Any, _owner: Any, message: PlaceCall) -> None:
        """Check that no child is handed over while the disk says halt."""
        is_halted = self._disk.is_halted
        self._check(not is_halted, "handed over during a halt", message.child)
