"""The lives of the service, each ended by ``kill -9``."""

import random
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos.clients import Door
from tests.chaos.disk import unresolved
from tests.chaos.exchange import Exchange
from tests.chaos.journal import Journal
from tests.system.processes import RUN, Program, Service


LIFE_SECONDS: Final = (0.05, 2.0)
"""Short ones are more frequent: most goes on when the service picks up its orders."""

LONG_LIFE_SECONDS: Final = (7.5, 10.0)
"""Longer than the window of unknown outcomes."""

START_SECONDS: Final = (0.05, 1.0)
"""Into a start, when it is killed then."""

BANNED_SECONDS_MAX: Final = 90.0
"""How long a start may take: the venue may ban us for a minute just before, and a ban
is kept over restarts."""

AT_START: Final = 0.12
LONG: Final = 0.07
"""How many of the lives."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long one life lasts."""

    seconds: float
    ends_at_start: bool
    """Counted from the process's first moment, not from its being ready."""


def draw_life(source: str) -> Life:
    """Draw a life; the same source gives the same one."""
    rng = random.Random(source)
    kind = rng.random()
    if kind < AT_START:
        return Life(rng.uniform(*START_SECONDS), ends_at_start=True)
    is_long = kind < AT_START + LONG
    if is_long:
        return Life(rng.uniform(*LONG_LIFE_SECONDS), ends_at_start=False)
    shortest, longest = LIFE_SECONDS
    seconds = shortest + (longest - shortest) * rng.random() ** 2
    return Life(seconds, ends_at_start=False)


@dataclass(slots=True)
class Lives:
    """Starts and kills the service, always on the same database."""

    exchange: Exchange
    database: Path
    log: Path
    journal: Journal
    door: Door = field(default_factory=Door)
    kills: int = 0
    at_start: int = 0
    in_flight: set[str] = field(default_factory=set)
    """The children that had no result when the service was killed."""

    alarms: list[str] = field(default_factory=list)
    """Lines of the service's log that a healthy service never writes."""

    def live(self, life: Life) -> None:
        """Start the service, and kill it when its time has come."""
        pause = threading.Event()
        if life.ends_at_start:
            where = ("--port", "0", "--database", f"sqlite:///{self.database}")
            command = (RUN, *where, *self.exchange.as_venue)
            with Program(*command, variables=self.exchange.variables) as service:
                pause.wait(life.seconds)
                service.kill()
            self.at_start += 1
        else:
            with self.start() as service:
                self.door.open(service.client)
                pause.wait(life.seconds)
                self.door.shut()
                service.send_kill()
                service.kill()
        self._note_end(service, life)

    def start(self) -> Service:
        """Start the service; returns once it answers."""
        began = self.journal.seconds
        service = Service(
            self.database,
            *self.exchange.as_venue,
            variables=self.exchange.variables,
            start_seconds=BANNED_SECONDS_MAX,
        )
        self.journal.note("up", after=round(self.journal.seconds - began, 3))
        return service

    def keep_log(self, service: Program) -> None:
        """Keep what the service said, and what it should never have said."""
        lines = service.err.lines
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"--- life {self.kills + 1}\n")
            log.writelines(f"{line}\n" for line in lines)
        self.alarms += [
            line for line in lines if "CRITICAL" in line or "Traceback" in line
        ]

    def _note_end(self, service: Program, life: Life) -> None:
        self.keep_log(service)
        self.kills += 1
        left = unresolved(self.database) if self.database.exists() else []
        self.in_flight.update(left)
        self.journal.note("kill", number=self.kills, life=life, in_flight=left)
