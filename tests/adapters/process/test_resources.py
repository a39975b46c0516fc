import errno
import logging
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.process.resources import OutOfResourcesError, exhaustion_in_one_line
from adapters.process.signals import StartFailedError
from domain.errors import ConfigurationError


ROOT = Path(__file__).resolve().parents[3]

PRIVATE_PROGRAM = """
import ctypes, resource
from adapters.process.resources import forbid_core_files
forbid_core_files()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (MemoryError(), "memory"),
        (SystemError("f returned NULL without setting an exception"), "memory"),
        (RuntimeError("can't start new thread"), "threads"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory"),
        (BlockingIOError(errno.EAGAIN, "try again"), "processes"),
        (OSError(errno.EMFILE, "Too many open files"), "open files"),
        (OSError(errno.ENFILE, "Too many open files in system"), "open files"),
    ],
)
def test_what_a_start_lacks_is_said_in_one_line(error: Exception, lack: str) -> None:
    with pytest.raises(OutOfResourcesError, match=lack), exhaustion_in_one_line():
        raise error


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), OSError(errno.ENOENT, "no such file")]
)
def test_what_is_no_lack_is_left_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, exhaustion_in_one_line():
        raise error

    assert raised.value is error


def test_what_cannot_be_used_for_want_of_something_is_not_configured_wrongly() -> None:
    misjudged = ConfigurationError("cannot open the database")
    misjudged.__context__ = OSError(errno.EMFILE, "Too many open files")

    with (
        pytest.raises(OutOfResourcesError, match="open files"),
        exhaustion_in_one_line(),
    ):
        raise misjudged


def end_at_start(error: Exception, *, is_started: bool = False) -> None:
    """Fail as when an actor's failure has ended the start."""
    with exhaustion_in_one_line() as started:
        if is_started:
            started.set()
        logging.getLogger("pykka").error("Unhandled exception", exc_info=error)
        raise StartFailedError("could not start") from error


def test_actor_that_lacks_something_to_start_ends_it_with_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(OutOfResourcesError, match="not enough threads or memory"):
        end_at_start(RuntimeError("can't start new thread"))

    assert caplog.records == []
    logging.getLogger("pykka").error("later", exc_info=MemoryError())
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("error", "is_started"), [(ValueError("a bug"), False), (MemoryError(), True)]
)
def test_actor_that_fails_otherwise_shows_where(
    caplog: pytest.LogCaptureFixture, *, error: Exception, is_started: bool
) -> None:
    with pytest.raises(StartFailedError):
        end_at_start(error, is_started=is_started)

    assert len(caplog.records) == 1


def test_what_is_configured_wrongly_stays_so() -> None:
    with pytest.raises(ConfigurationError), exhaustion_in_one_line():
        raise ConfigurationError("no such file")


BLAMED_PROGRAM = """
import resource, sys
from adapters.process.missing_resources import say_lack_in_one_line
sys.excepthook = say_lack_in_one_line
if sys.argv[1:]:
    pages = int(open('/proc/self/statm').read().split()[0])
    limit = pages * resource.getpagesize() + 2 * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
raise ValueError("field 'target' is required for AnnAssign")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("is_used_up", [True, False])
def test_what_is_blamed_for_want_of_memory_says_so(*, is_used_up: bool) -> None:
    arguments = ["used up"] if is_used_up else []
    done = subprocess.run(
        [sys.executable, "-c", BLAMED_PROGRAM, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    is_said = done.stderr.startswith("error: not enough memory to start (ValueError: ")
    assert (is_said, done.returncode) == (is_used_up, 1)
    assert done.stderr.startswith("Traceback") is not is_used_up


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("megabytes", [30, 60, 90, 120])
def test_a_program_that_cannot_be_loaded_says_so_in_one_line(megabytes: int) -> None:
    limit = megabytes * 1024 * 1024
    done = subprocess.run(
        [sys.executable, "run.py", "simulate", "--port", "x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )

    assert done.stderr.startswith("error: not enough memory to start (")
    assert (done.stderr.count("\n"), done.returncode) == (1, 1)


def test_a_service_that_may_open_too_few_files_says_so_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "run.py", "serve", "--port", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
    )

    assert done.stderr.startswith("error: not enough open files to start (")
    assert (done.stderr.count("\n"), done.returncode) == (1, 1)


def test_what_runs_out_later_is_no_failed_start() -> None:
    def run_out() -> None:
        with exhaustion_in_one_line() as started:
            started.set()
            raise MemoryError

    with pytest.raises(MemoryError):
        run_out()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_core_file_is_written_of_a_process_that_forbids_it() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    done = subprocess.run(
        [sys.executable, "-c", PRIVATE_PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)),
    )

    assert done.stdout.split() == ["0", "0", "0"]
