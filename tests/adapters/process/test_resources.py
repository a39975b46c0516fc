import errno
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.process.resources import OutOfResourcesError, exhaustion_in_one_line


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
