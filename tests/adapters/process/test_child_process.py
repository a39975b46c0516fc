import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import pytest

from adapters.process.child_process import (
    PAUSE_SECONDS_MAX,
    STEADY_SECONDS,
    ChildProcess,
    ProcessEnded,
    ProcessListening,
    ProcessStartError,
)
from domain.ports.runtime import Clock


LISTENS = "print('listening http://127.0.0.1:' + str(PORT or 4711), flush=True)\n"
UNTIL_STDIN_ENDS = "import sys\nsys.stdin.read()\n"
IGNORES_SIGTERM = (
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    + LISTENS
    + "signal.pause()\n"
)

LISTENING = ProcessListening(url="http://127.0.0.1:4711")


class SetClock(Clock):
    def __init__(self) -> None:
        self.ns = 0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    def monotonic_ns(self) -> int:
        return self.ns


class Program:
    """Python source run as the process; keeps the ports it was given."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.ports: list[int] = []

    def __call__(self, port: int) -> Sequence[str]:
        self.ports.append(port)
        return [sys.executable, "-S", "-c", f"PORT = {port}\n{self.source}"]


class Life:
    """What became of the process, and the pauses that were asked for."""

    def __init__(self) -> None:
        self.events: list[ProcessListening | ProcessEnded] = []
        self.pauses: list[float] = []
        self._changed = threading.Condition()

    def observe(self, event: ProcessListening | ProcessEnded) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events) >= count, 10)


class Make(Protocol):
    def __call__(
        self, program: Program, life: Life = ..., *, start_timeout: float = ...
    ) -> ChildProcess: ...


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def make(clock: SetClock) -> Iterator[Make]:
    made: list[ChildProcess] = []

    def make(
        program: Program, life: Life | None = None, *, start_timeout: float = 10
    ) -> ChildProcess:
        noted = life or Life()
        child = ChildProcess(
            program,
            clock=clock,
            start_timeout_seconds=start_timeout,
            observe=noted.observe,
            pause=noted.pauses.append,
        )
        made.append(child)
        return child

    yield make
    for child in made:
        child.stop()


def pid_of(child: ChildProcess) -> int:
    assert child._process is not None
    return child._process.pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_starting_returns_where_the_process_listens(make: Make) -> None:
    child = make(Program("print('hello')\n" + LISTENS + UNTIL_STDIN_ENDS))

    assert child.start() == "http://127.0.0.1:4711"
    assert child.url == "http://127.0.0.1:4711"


def test_the_process_has_a_session_of_its_own(make: Make) -> None:
    child = make(Program(LISTENS + UNTIL_STDIN_ENDS))
    child.start()

    assert os.getsid(pid_of(child)) == pid_of(child)


def test_stopping_ends_the_process(make: Make) -> None:
    life = Life()
    child = make(Program(LISTENS + UNTIL_STDIN_ENDS), life)
    child.start()

    child.stop()

    assert not is_running(pid_of(child))
    assert life.events == [LISTENING]


def test_a_process_that_ignores_the_wish_is_forced(make: Make) -> None:
    child = make(Program(IGNORES_SIGTERM))
    child.start()

    child.stop(timeout_seconds=0.05)

    assert child._process is not None
    assert child._process.returncode == -signal.SIGKILL


def test_a_dead_process_is_started_again_on_its_port(make: Make) -> None:
    program, life = Program(LISTENS + UNTIL_STDIN_ENDS), Life()
    child = make(program, life)
    child.start()

    os.kill(pid_of(child), signal.SIGKILL)
    life.wait_for(3)

    assert life.events == [LISTENING, ProcessEnded(exit_code=-9), LISTENING]
    assert program.ports == [0, 4711]
    assert is_running(pid_of(child))


def test_pauses_grow_while_the_process_keeps_dying(make: Make) -> None:
    life = Life()
    child = make(Program(LISTENS), life)

    child.start()
    life.wait_for(14)
    child.stop()

    assert life.pauses[:6] == [0.5, 1, 2, 4, 8, PAUSE_SECONDS_MAX]


def test_the_pause_is_short_again_after_a_steady_time(
    make: Make, clock: SetClock
) -> None:
    life = Life()
    child = make(Program(LISTENS + UNTIL_STDIN_ENDS), life)
    child.start()

    for count in (3, 5):
        clock.ns += int(STEADY_SECONDS * 1e9)
        os.kill(pid_of(child), signal.SIGKILL)
        life.wait_for(count)

    assert life.pauses == [0.5, 0.5]


def test_a_process_that_ends_before_it_listens_is_an_error(make: Make) -> None:
    child = make(Program("import sys\nsys.exit(3)"))

    with pytest.raises(ProcessStartError, match=r"did not start \(exit code 3\)"):
        child.start()


def test_a_process_that_does_not_listen_in_time_is_ended(make: Make) -> None:
    child = make(Program(UNTIL_STDIN_ENDS), start_timeout=0.05)

    with pytest.raises(ProcessStartError, match="did not start"):
        child.start()

    assert not is_running(pid_of(child))


def test_a_program_that_is_not_there_is_an_error(clock: SetClock) -> None:
    child = ChildProcess(lambda _port: ["/does/not/exist"], clock=clock)

    with pytest.raises(ProcessStartError, match="No such file or directory"):
        child.start()


def test_the_process_can_end_when_we_die(make: Make) -> None:
    child = make(Program(LISTENS + UNTIL_STDIN_ENDS + "sys.exit(7)"))
    child.start()
    assert child._process is not None
    assert child._process.stdin is not None

    child._stopping.set()
    child._process.stdin.close()

    assert child._process.wait(10) == 7
