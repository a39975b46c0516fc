"""What a seed draws: how large its world is, and what goes wrong in it."""

from dataclasses import dataclass
from random import Random


CRASH_TARGETS = (
    "Ledger",
    "PaperGateway",
    "Manager",
    "Router",
    "Listener",
    "Executor",
    "SymbolSupervisor",
    "RootSupervisor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the service, in place of the large ones it has."""

    page: int
    batch: int
    credit: int
    matches: int


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
    crash: float
    """Per message."""

    crash_targets: frozenset[str]
    slow: frozenset[str]
    """Kinds of actors that are seldom given a turn."""

    kill: float
    """Of the whole process."""

    stop: float
    """Of the whole process, in order."""

    outage: float
    """Of the database."""

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

    @property
    def is_calm(self) -> bool:
        """Whether every request must be answered.

        An executor that fails again and again rests for longer than a client waits,
        and one that is stopped by its supervisor does not know what reached the disk.
        """
        fatal = self.crash_targets & {"Executor", "SymbolSupervisor"}
        executors_end = self.crash and fatal
        return not (executors_end or self.kill or self.stop or self.outage)


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
    return Profile(
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
        kill=maybe(0.01),
        stop=maybe(0.01),
        outage=maybe(0.02),
        doubt=maybe(0.03),
        cut=maybe(0.02),
        freeze=maybe(0.01),
        gap=maybe(0.02),
        duplicate=maybe(0.05),
        late=maybe(0.05),
        reorder=maybe(0.03),
        snapshot_failure=maybe(0.2),
        snapshot_old=maybe(0.2),
    )
