"""Supervision as data, in OTP's words: who is started how, and how often again."""

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
    """Which end of a child leads to a new start."""

    PERMANENT = auto()
    """Any end."""

    TRANSIENT = auto()
    """A failure; a normal stop is the end of its life."""


class Strategy(Enum):
    """Who is restarted together with a failed child."""

    ONE_FOR_ONE = auto()
    REST_FOR_ONE = auto()
    """Those started after it are stopped first, then started again in order."""


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
    """Not empty: its failures are its own affair and never count against the budget of
    its supervisor. When it gives up, or fails too often itself, it rests for the 1st,
    2nd, ... of these before the next start; the last one repeats."""

    def start(self, context: ActorContext) -> AnyRef:
        """Start the child in ``place``."""
        return self.actor.start(context=context, **self.arguments())


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartBudget:
    """OTP's restart intensity: more restarts than this, and the supervisor gives up."""

    restarts: int = 5
    within_seconds: float = 10.0


class RestartLog:
    """Counts restarts against a budget."""

    def __init__(self, budget: RestartBudget) -> None:
        self._budget = budget
        self._times_ns: deque[int] = deque()

    def allows(self, now_ns: int) -> bool:
        """Note one more restart, and say whether it is within the budget."""
        self._times_ns.append(now_ns)
        oldest_ns = now_ns - int(self._budget.within_seconds * NANOSECONDS)
        while self._times_ns[0] <= oldest_ns:
            self._times_ns.popleft()
        return len(self._times_ns) <= self._budget.restarts


class RestartBudgetExceededError(Exception):
    """A supervisor gives up: its children fail more often than they may."""
