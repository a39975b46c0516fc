"""A subscriber that writes what it is told to a file, and its position with it.

``python -m tests.system.follower URL FILE`` follows a database from a process of its
own. ``python -m tests.system.follower`` with options of ``run.py`` is the service with
such a subscriber in it, for the file that ``FOLLOWER_FILE`` names. Killed at any
instant and started again, it reads on where its file ends.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Final

import run
from adapters.events import stream
from adapters.persistence.queries import open_queries
from domain.orders.committed import (
    BEGINNING,
    CommittedEvent,
    Position,
    read_position,
)
from domain.ports.events import CommittedEvents


FILE: Final = "FOLLOWER_FILE"


def line_of(one: CommittedEvent) -> str:
    event = one.event
    return f"{one.position} {event.order_id} {event.number} {event.step}\n"


def begin(path: Path) -> Position:
    """Cut off what was written in part; return the position of the last whole line."""
    path.touch()
    whole, newline, _ = path.read_bytes().rpartition(b"\n")
    os.truncate(path, len(whole + newline))
    last = whole.rpartition(b"\n")[2].decode("ascii")
    return read_position(last.split()[0]) if last else BEGINNING


def follow(events: stream.EventStream, path: Path) -> None:
    subscription = events.subscribe("file", begin(path))
    with path.open("a", encoding="ascii") as file:
        while True:
            for one in subscription.read(60.0):
                file.write(line_of(one))
            file.flush()


class FollowedStream(stream.EventStream):
    """That of the service, with our subscriber."""

    def __init__(self, reader: CommittedEvents) -> None:
        super().__init__(reader)
        path = Path(os.environ[FILE])
        threading.Thread(target=follow, args=(self, path), daemon=True).start()


def main() -> int:
    if not sys.argv[1].startswith("-"):
        print("follows", flush=True)  # noqa: T201 - a program of the tests'
        stream.LOOK_SECONDS = 0.02  # type: ignore[misc] # nobody publishes here
        follow(stream.EventStream(open_queries(sys.argv[1])), Path(sys.argv[2]))
    vars(run)["EventStream"] = FollowedStream  # by this name the service makes one
    return run.main()


if __name__ == "__main__":
    sys.exit(main())
