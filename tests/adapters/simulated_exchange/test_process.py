import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from adapters.simulated_exchange.threaded import ThreadedExchange


ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_SECONDS = 10
PROGRAM = """
from adapters.simulated_exchange.server import run_simulated_exchange
from adapters.simulated_exchange.settings import SimulatorSettings
run_simulated_exchange(SimulatorSettings(exit_with_parent=True))
"""

FAILING_THREAD = """
import sys, threading
import run
from adapters.simulated_exchange import command

serve = command.run_simulated_exchange

def fail():
    raise MemoryError

def serve_while_a_thread_fails(settings):
    threading.Timer(0.5, fail).start()
    serve(settings)

command.run_simulated_exchange = serve_while_a_thread_fails
sys.argv[1:] = ["simulate", "--port", "0"]
sys.exit(run.main())
"""


@contextmanager
def running(program: str = PROGRAM) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the exchange as a process; yield it and the line that it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_process_says_where_it_listens_and_ends_cleanly_on_a_signal(
    number: signal.Signals,
) -> None:
    with running() as (process, line):
        word, url = line.split()
        reply = urllib3.request("GET", url + "/api/v3/ping", timeout=TIMEOUT_SECONDS)
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)

    assert (word, reply.status) == ("listening", 200)
    assert (process.returncode, out, err) == (0, "", "")


def test_process_ends_with_its_parent() -> None:
    with running() as (process, _line):
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait(TIMEOUT_SECONDS) == 0


def test_exception_that_ends_a_thread_ends_the_process() -> None:
    with running(FAILING_THREAD) as (process, _line):
        _, err = process.communicate(timeout=TIMEOUT_SECONDS)

    assert process.returncode == 1
    assert "CRITICAL" in err
    assert "Thread ended by an exception" in err


def test_busy_port_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SimulatorError, match=f"cannot listen on 127.0.0.1:{port}"),
            ThreadedExchange(SimulatorSettings(port=port)),
        ):
            pass
