"""What a seed draws: how large its world is, and what goes wrong in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum, auto
from random import Random

from domain.risk.limits import RiskLimits
from domain.venue.unknown_outcome import ResolutionTimes


CRASH_TARGETS = (
    "Ledger",
    "Gateway",
    "GatewayWorker",
    "Manager",
    "Router",
    "Listener",
    "Executor",
    "SymbolSupervisor",
    "RootSupervisor",
)
CRASH_AT_VENUE = ("Gateway", "GatewayWorker", "Ledger")
"""Those between an order and its venue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the service, in place of the large ones it has."""

    page: int
    batch: int
    credit: int
    matches: int


class Fate(Enum):
    """What becomes of a child that is sent to the trading venue."""

    ANSWERED = auto()
    LOST = auto()
    """It never arrives, and nobody says so."""

    SILENT = auto()
    """It is executed, and nobody says so."""

    LATE = auto()
    """It is executed after the client has given up."""

    REFUSED = auto()
    PAUSED = auto()
    """It is turned away, like those that would follow."""

    FAILED_BEFORE = auto()
    """The adapter has a bug, and it was not sent ..."""

    FAILED_AFTER = auto()
    """... or was."""

    IMPOSSIBLE = auto()
    """It is executed, and whatever is said of it, now and later, cannot be true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """How the service trades at a venue that is not paper, and what goes wrong there.

    Chances are per call.
    """

    workers: int
    times: ResolutionTimes
    limits: RiskLimits
    fates: dict[Fate, float]
    stall: float
    """Until a child is sent, or lost."""

    lag: float
    look_up_errors: float
    look_up_fails: float
    """The adapter has a bug."""

    rivals: float
    """Per level: others have taken some of it."""

    @property
    def has_faults(self) -> bool:
        """Whether a child may stay in flight for long."""
        return bool(self.stall or self.lag or any(self.fates.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Chances are per round, unless said otherwise. Zero: never."""

    limits: Limits
    symbols: int
    rounds: int
    steps_per_round: int
    """Mean; a small one leaves long mailboxes behind."""

    place: float
    cancel: float
    amend: float
    pause: float
    """To pause an order, or to resume it."""

    crash: float
    """Per message."""

    crash_targets: frozenset[str]
    slow: frozenset[str]
    """Kinds of actors that are seldom given a turn."""

    meanwhile: float
    """Between any two things that a handler does to others: others go on first."""

    replaced: float
    """There, too: whoever was told something last fails at it, and is replaced. Ten
    times as often when it has not read that, and is about to be told more."""

    kill_midway: float
    """Of the whole process, in the same places."""

    kill_after_crash: float
    """Per crash: of the whole process, soon afterwards."""

    kill: float
    """Of the whole process, between two messages."""

    succeeded: float
    """Of the whole process, by a second one on its database; per message."""

    stop: float
    """Of the whole process, in order."""

    outage: float
    """Of the database."""

    slow_disk: float
    """Per record: the ledger is kept from its next one for a while."""

    doubt: float
    """Of the database while it commits: it may have landed or not."""

    cut: float
    freeze: float
    gap: float
    """Per frame, like the three that follow."""

    duplicate: float
    late: float
    reorder: float
    snapshot_failure: float
    """Per snapshot, like the next one."""

    snapshot_old: float
    halt: float
    """Of the operator, who throws the halt switch one way or the other."""

    trading: Trading | None
    """None: paper."""

    @property
    def is_calm(self) -> bool:
        """Whether every request must be answered.

        An executor that fails again and again rests for longer than a client waits.
        An amendment waits for the child in flight, as long as that is unknown.
        """
        executors_end = self.crash and "Executor" in self.crash_targets
        is_slow = self.trading is not None and self.trading.has_faults
        kills = self.kill or self.kill_midway or self.kill_after_crash
        kills = kills or self.succeeded
        ends = executors_end or kills or self.stop or self.outage
        return not (ends or is_slow)


def draw_profile(rng: Random) -> Profile:
    """Draw one; each fault is there or not, so that they also occur alone."""
    quiet = rng.random() < 0.1

    def maybe(chance: float) -> float:
        is_there = rng.random() < 0.5
        drawn = chance * rng.choice((0.3, 1.0, 3.0))
        return drawn if is_there and not quiet else 0.0

    targets = frozenset(CRASH_TARGETS)
    if rng.random() < 0.5:
        targets = frozenset(rng.sample(CRASH_TARGETS, rng.randrange(1, 4)))
    slow = frozenset(rng.sample(CRASH_TARGETS, rng.randrange(3)))
    trading = _draw_trading(rng, maybe) if rng.random() < 0.5 else None
    succeeded = maybe(0.0005)
    if trading is not None and succeeded:
        # Longer than a permit and the time that a request may be under way.
        times = replace(trading.times, window=timedelta(seconds=8))
        trading = replace(trading, times=times)
    if trading is not None and rng.random() < 0.3:  # or these would seldom meet
        slow |= {"GatewayWorker"}
        targets = frozenset(CRASH_AT_VENUE)
    profile = Profile(
        limits=Limits(
            page=rng.choice((1, 3, 1_000)),
            batch=rng.choice((1, 4, 256)),
            credit=rng.choice((4, 8, 256)),
            matches=rng.choice((1, 2, 256)),
        ),
        symbols=rng.choice((1, 1, 2, 2, 3)),
        rounds=rng.randrange(50, 300),
        steps_per_round=rng.choice((3, 8, 20)),
        place=rng.choice((0.2, 0.4, 0.6)),
        cancel=rng.choice((0.0, 0.05, 0.2)),
        amend=rng.choice((0.0, 0.05, 0.2)),
        crash=maybe(0.03),
        crash_targets=targets,
        slow=slow,
        meanwhile=maybe(0.1),
        replaced=maybe(0.02),
        kill_midway=maybe(0.0005),
        kill_after_crash=maybe(0.1),
        kill=maybe(0.01),
        succeeded=succeeded,
        stop=maybe(0.01),
        outage=maybe(0.02),
        slow_disk=maybe(0.2),
        doubt=maybe(0.03),
        cut=maybe(0.02),
        freeze=maybe(0.01),
        gap=maybe(0.02),
        duplicate=maybe(0.05),
        late=maybe(0.05),
        reorder=maybe(0.03),
        snapshot_failure=maybe(0.2),
        snapshot_old=maybe(0.2),
        halt=maybe(0.02),
        trading=trading,
        pause=0.0,
    )
    # Not drawn, so that worlds without pauses are those that they were before.
    return replace(profile, pause=(0.0, 0.0, 0.05, 0.2)[profile.rounds % 4])


def _draw_trading(rng: Random, maybe: Callable[[float], float]) -> Trading:
    times = ResolutionTimes(
        window=timedelta(seconds=rng.choice((4, 8))),
        first=timedelta(milliseconds=rng.choice((50, 250))),
        longest=timedelta(seconds=1),
    )
    fates: dict[Fate, float] = {
        fate: maybe(0.03 if fate is Fate.PAUSED else 0.08)
        for fate in Fate
        if fate is not Fate.ANSWERED
    }
    return Trading(
        workers=rng.randrange(2, 5),
        times=times,
        limits=RiskLimits(
            max_child_notional={} if rng.random() < 0.7 else {"": Decimal(1200)},
            max_open_notional={"": Decimal(10**12)},  # counted, but never reached
            max_children_per_second=rng.choice((None, None, None, 2, 10)),
        ),
        fates=fates,
        stall=maybe(0.1),
        lag=maybe(0.3),
        look_up_errors=maybe(0.2),
        look_up_fails=maybe(0.03),
        rivals=maybe(0.2),
    )
