"""Supervision as data, in OTP's terms: how actors are started, and how often again."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from actors.runtime.actor import RuntimeActor
from actors.runtime.addresses import AnyRef
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS


class Restart(Enum):
    """After which end a child is restarted."""

    PERMANENT = auto()
    """Any end."""

    TRANSIENT = auto()
    """A failure; after a normal stop it is not restarted."""


class Strategy(Enum):
    """Which children are restarted together with a failed one."""

    ONE_FOR_ONE = auto()
    REST_FOR_ONE = auto()
    """Those started after it are stopped first; then all are started in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How to start one child."""

    name: str
    """Its name in the directory."""

    actor: type[RuntimeActor]
    arguments: Callable[[], dict[str, Any]]
    """Makes the keyword arguments of the actor's constructor, but for ``place``."""

    restart: Restart = Restart.PERMANENT
    rest_seconds: tuple[float, ...] = ()
    """Not empty: its failures never count against its supervisor's budget. When it
    gives up, or fails too often itself, it rests for the 1st, 2nd, ... of these before
    the next start; the last one repeats."""

    def start(self, context: ActorContext) -> AnyRef:
        """Start the child in ``place``."""
        return self.actor.start(context=context, **self.arguments())


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartBudget:
    """OTP's restart intensity: after more restarts than this, a supervisor gives up."""

    restarts: int = 5
    within_seconds: float = 10.0


class RestartLog:
    """Counts restarts against a budget."""

    def __init__(self, budget: RestartBudget) -> None:
        self._budget = budget
        self._times_ns: deque[int] = deque()

    def allows(self, now_ns: int) -> bool:
        """Count one more restart; return whether it is within the budget."""
        self._times_ns.append(now_ns)
        oldest_ns = now_ns - int(self._budget.within_seconds * NANOSECONDS)
        while self._times_ns[0] <= oldest_ns:
            self._times_ns.popleft()
        return len(self._times_ns) <= self._budget.restarts


class RestartBudgetExceededError(Exception):
    """A supervisor gives up: its children failed more often than its budget allows."""
