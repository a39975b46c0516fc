import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.process.signals import GracefulSignals, StoppedWhileStartingError
from domain.errors import StoreUnavailableError


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


def test_a_hangup_is_a_wish_to_stop_unless_it_is_ignored_from_the_start() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup may run the tests
    try:
        with GracefulSignals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals.wait(10)

        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with GracefulSignals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not signals.wait(0)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_start_ends_where_it_comes_by_after_a_signal() -> None:
    with GracefulSignals() as signals, signals.starting():
        signals.check()

        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.wait(10)

        with pytest.raises(StoppedWhileStartingError):
            signals.check()


def test_a_start_that_does_not_come_by_is_ended_with_code_0() -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exits.put, 0.01) as signals, signals.starting():
        os.kill(os.getpid(), signal.SIGTERM)

        assert exits.get(timeout=10) == 0


def test_a_start_that_failed_and_does_not_come_by_is_ended_with_code_1() -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exits.put, 0.01) as signals, signals.starting():
        signals.outcome = lambda: 1
        os.kill(os.getpid(), signal.SIGTERM)

        assert exits.get(timeout=10) == 1


def test_a_start_that_trades_already_is_not_ended_at_once() -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exits.put, 0.0) as signals, signals.starting():
        signals.trading()
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)

        assert exits.get(timeout=10) == 143, "only the second signal ends it"


def test_nothing_trades_after_a_wish_to_stop() -> None:
    with GracefulSignals() as signals, signals.starting():
        signals.request_stop()

        with pytest.raises(StoppedWhileStartingError):
            signals.trading()


def test_a_second_signal_during_the_start_exits_at_once() -> None:
    exits: queue.SimpleQueue[int] = queue.SimpleQueue()

    with GracefulSignals(exits.put, 60) as signals, signals.starting():
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.wait(10)
        os.kill(os.getpid(), signal.SIGTERM)

        assert exits.get(timeout=10) == 143


EARLY_PROGRAM = """
from adapters.process.early_signals import EARLY
EARLY.take(is_wish={is_wish})
print("ready", flush=True)
import threading
threading.Event().wait()
"""


@pytest.mark.parametrize(("is_wish", "code"), [(True, 0), (False, 143)])
def test_a_signal_while_the_program_is_loaded_ends_it_without_a_word(
    is_wish: bool,  # noqa: FBT001 - a parameter of pytest
    code: int,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", EARLY_PROGRAM.format(is_wish=is_wish)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == code
        assert process.stderr.read() == ""


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_trading_is_said_with_what_wished_it_and_what_stays(
    caplog: pytest.LogCaptureFixture, wish: signal.Signals
) -> None:
    caplog.set_level(logging.INFO)
    with GracefulSignals() as signals:
        os.kill(os.getpid(), wish)
        assert signals.wait(10)

        signals.say_stopped(lambda: 3)

    assert caplog.messages == [f"Trading ended signal={wish.name} open_orders=3"]


def test_the_end_of_trading_is_said_without_a_signal_and_without_a_database(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    def out_of_reach() -> int:
        raise StoreUnavailableError("out of reach")

    GracefulSignals().say_stopped(out_of_reach)

    assert caplog.messages == ["Trading ended signal=none open_orders=unknown"]


def test_the_end_of_trading_does_not_wait_for_a_database_that_has_fallen_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    never = threading.Event()

    def stay_silent() -> int:
        assert never.wait(10)
        return 3

    GracefulSignals().say_stopped(stay_silent)
    never.set()

    assert caplog.messages == ["Trading ended signal=none open_orders=unknown"]
