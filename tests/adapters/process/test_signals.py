import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.process.signals import GracefulSignals


ROOT = Path(__file__).resolve().parents[3]

WAITING_PROGRAM = """
import threading
from adapters.process.signals import GracefulSignals
with GracefulSignals() as signals:
    print("ready", flush=True)
    signals.wait()
    print("first", signals.number, flush=True)
    threading.Event().wait()
"""


def test_the_first_signal_ends_the_wait_and_tells_its_number() -> None:
    with GracefulSignals() as signals:
        assert not signals.stopping

        os.kill(os.getpid(), signal.SIGTERM)

        assert signals.wait(10)
        assert signals.number == signal.SIGTERM


@pytest.mark.parametrize(
    ("second", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_the_second_signal_exits_at_once(second: signal.Signals, code: int) -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exit_now=exits.put) as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.wait(10)
        assert exits.empty()
        os.kill(os.getpid(), second)

        assert exits.get(timeout=10) == code


def test_a_stop_requested_from_inside_leaves_the_first_signal_a_wish() -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exit_now=exits.put) as signals:
        threading.Thread(target=signals.request_stop).start()
        assert signals.wait(10)
        assert signals.number == 0

        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)

        assert exits.get(timeout=10) == 130
        assert signals.number == signal.SIGTERM


def test_waiting_ends_when_time_is_up() -> None:
    with GracefulSignals() as signals:
        assert not signals.wait(0)


def test_afterwards_the_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]

    with GracefulSignals():
        pass

    assert [
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
    ] == before


def test_a_real_process_shows_its_threads_stops_and_can_be_ended_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING_PROGRAM],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGUSR1)
        assert "most recent call first" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == f"first {int(signal.SIGINT)}\n"
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 130
