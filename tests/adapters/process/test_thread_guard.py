import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.process.logs import WRITER
from adapters.process.thread_guard import ThreadGuard


ROOT = Path(__file__).resolve().parents[3]

HANGING_PROGRAM = """
import threading
from adapters.process import thread_guard
thread_guard.END_SECONDS = 0.2
def fail():
    raise SystemExit(0)
with thread_guard.ThreadGuard(request_stop=lambda: None):
    threading.Thread(target=fail).start()
    threading.Event().wait()
"""


@pytest.fixture(autouse=True)
def _no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.process.thread_guard._exit_later", lambda: None)


def ended_by(error: BaseException, name: str = "unlucky") -> threading.Thread:
    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail, name=name)
    thread.start()
    return thread


@pytest.mark.parametrize("error", [ValueError(), SystemExit(), MemoryError()])
def test_a_thread_that_ends_by_an_exception_has_the_process_end(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()

    with ThreadGuard(stop.set) as guard:
        ended_by(error).join()

        assert stop.wait(10)

    assert guard.has_failed
    (record,) = caplog.records
    assert record.levelname == "CRITICAL"
    assert "thread=unlucky" in record.getMessage()


def test_a_process_that_cannot_even_say_so_ends_at_once() -> None:
    exits: list[int] = []

    def fail() -> None:
        raise MemoryError

    with ThreadGuard(fail, exit_now=exits.append):
        ended_by(ValueError()).join()

    assert exits == [1]


def test_the_end_of_the_log_writer_is_said_without_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    stop = threading.Event()

    with ThreadGuard(stop.set), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "__stderr__", sys.stderr)
        ended_by(ValueError("a secret"), name=WRITER).join()

    assert stop.is_set()
    said = capfd.readouterr().err
    assert "CRITICAL log writer ended, the process ends error=ValueError" in said
    assert "a secret" not in said


def test_threads_that_end_by_themselves_are_nobodys_trouble() -> None:
    stop = threading.Event()

    with ThreadGuard(stop.set) as guard:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()

    assert not guard.has_failed
    assert not stop.is_set()


def test_a_stop_that_does_not_come_to_its_end_is_ended_with_code_1() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING_PROGRAM],
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
