"""``kill -9`` under whoever follows the events: it misses and doubles nothing."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from adapters.persistence.queries import SqlOrderQueries
from tests.system.follower import FILE, line_of
from tests.system.kill_service import Intake, fill_up, kill_during_intake
from tests.system.on_disk import events_after, opened
from tests.system.processes import Program, Service, Simulator
from tests.system.waiting import eventually


FOLLOWER = ("-m", "tests.system.follower")
LIVES = 3
WAITING = 100
AGAIN_SECONDS = 20.0


def lines_on_disk(queries: SqlOrderQueries) -> list[str]:
    return [line_of(one) for one in events_after(queries)]


@contextmanager
def following(database: Path, path: Path) -> Iterator[None]:
    """Follow from another process, which is killed at the end."""
    with Program(*FOLLOWER, f"sqlite:///{database}", str(path)) as program:
        assert program.out.wait_for("follows", 20.0), program.err.text
        yield


def lines_in(path: Path) -> list[str]:
    """Return the whole lines of a file that is perhaps being written."""
    whole, newline, _ = path.read_text(encoding="ascii").rpartition("\n")
    return (whole + newline).splitlines(keepends=True)


def await_all(queries: SqlOrderQueries, path: Path) -> None:
    """Wait until a file has what is on disk now, while more goes there."""
    wanted = lines_on_disk(queries)
    eventually(
        lambda: lines_in(path)[: len(wanted)] == wanted,
        within_seconds=AGAIN_SECONDS,
        what=f"{path.name} has caught up",
        every=0.1,
    )


def test_followers_that_are_killed_under_load_miss_and_double_nothing(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)
    intake = Intake(rng)
    database, inside, outside = (tmp_path / n for n in ("o.db", "inside", "outside"))
    with Simulator("--speed", "3") as market:
        start = partial(
            Service,
            database,
            *market.as_market,
            program=FOLLOWER,
            variables={FILE: str(inside)},
        )
        for _ in range(LIVES):
            with start() as service:
                service.await_trading()
                with following(database, outside):  # killed while orders are filled
                    fill_up(service, intake, WAITING)
                with following(database, outside):
                    kill_during_intake(service, intake, rng.uniform(0.3, 1.0))
        before = len(lines_in(inside))
        with start(), following(database, outside), opened(database) as queries:
            await_all(queries, inside)
            await_all(queries, outside)

    told = lines_in(inside)
    assert len(told) > before > LIVES * WAITING
    with opened(database) as queries:
        there = lines_on_disk(queries)
    assert told == there[: len(told)]
    assert (other := lines_in(outside)) == there[: len(other)]
