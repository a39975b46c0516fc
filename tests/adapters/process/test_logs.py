import io
import json
import logging
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.configuration.option_values import LogFormat, LogLevel
from adapters.process import logs
from adapters.process.logs import Logs


logger = logging.getLogger("adapters.somewhere")

Start = Callable[..., Logs]


class SlowStream(io.StringIO):
    """Somebody reads the log who has stopped reading."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        assert self.go_on.wait(10)
        return super().write(text)


def fail_with(error: Exception) -> None:
    raise error


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def start(stream: io.StringIO) -> Iterator[Start]:
    started: list[Logs] = []

    def start(
        log_format: LogFormat = LogFormat.TEXT,
        level: LogLevel = LogLevel.INFO,
        secrets: tuple[str, ...] = (),
        to: io.StringIO = stream,
    ) -> Logs:
        log = Logs(log_format=log_format, level=level, secrets=secrets, stream=to)
        started.append(log)
        return log

    before = logging.getLogger().handlers[:]
    yield start
    for log in reversed(started):
        log.stop()
    logging.getLogger().handlers[:] = before


def test_a_line_for_people_has_time_level_logger_and_message(
    start: Start, stream: io.StringIO
) -> None:
    log = start()

    logger.info("Order ended order=%s", "01X")
    assert log.stop()

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     adapters\.somewhere "
        r"Order ended order=01X\n",
        stream.getvalue(),
    )


def test_a_line_for_machines_is_one_object_of_texts(
    start: Start, stream: io.StringIO
) -> None:
    log = start(LogFormat.JSON)

    logger.warning("Strange name=%r", '"\n\udc80')
    log.stop()

    (line,) = stream.getvalue().splitlines()
    fields = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", fields.pop("time"))
    assert fields == {
        "level": "WARNING",
        "logger": "adapters.somewhere",
        "message": r"""Strange name='"\n\udc80'""",
        "thread": "MainThread",
    }


def test_an_exception_is_a_field_of_its_own(start: Start, stream: io.StringIO) -> None:
    log = start(LogFormat.JSON)

    try:
        fail_with(KeyError("lost"))
    except KeyError:
        logger.exception("Broken")
    log.stop()

    fields = json.loads(stream.getvalue())
    assert fields["message"] == "Broken"
    assert fields["exception"].startswith("Traceback")
    assert fields["exception"].endswith("KeyError: 'lost'")


def test_an_exception_stands_below_its_line(start: Start, stream: io.StringIO) -> None:
    log = start()

    try:
        fail_with(KeyError("lost"))
    except KeyError:
        logger.exception("Broken")
    log.stop()

    lines = stream.getvalue().splitlines()
    assert lines[0].endswith("Broken")
    assert lines[1].startswith("Traceback")
    assert lines[-1] == "KeyError: 'lost'"


def test_a_message_cannot_break_or_colour_the_line(
    start: Start, stream: io.StringIO
) -> None:
    log = start()

    logger.info("Key key=%s", "a\nERROR forged\x1b[31m")
    log.stop()

    assert stream.getvalue().endswith("key=a\\x0aERROR forged\\x1b[31m\n")


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_secrets_are_written_nowhere(
    start: Start, stream: io.StringIO, log_format: LogFormat
) -> None:
    log = start(log_format, secrets=('quo"ted-secret',))
    log.hide("later-secret")

    try:
        fail_with(ValueError('quo"ted-secret'))
    except ValueError:
        logger.exception("Sent key=%s url=%s", 'quo"ted-secret', "x?k=later-secret")
    log.stop()

    assert "ted-secret" not in stream.getvalue()
    assert "later-secret" not in stream.getvalue()
    assert "key=***" in stream.getvalue()


def test_less_than_the_level_is_not_logged(start: Start, stream: io.StringIO) -> None:
    log = start(level=LogLevel.WARNING)

    logger.info("quiet")
    logger.warning("loud")
    log.stop()

    assert stream.getvalue().endswith("loud\n")
    assert "quiet" not in stream.getvalue()


def test_arguments_are_written_as_they_were_when_logged(
    start: Start, stream: io.StringIO
) -> None:
    log = start()
    changing = [1]

    logger.info("List list=%s", changing)
    changing.append(2)
    log.stop()

    assert "list=[1]\n" in stream.getvalue()


def test_logging_does_not_wait_for_a_stream_that_nobody_reads(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "WAITING_MAX", 3)
    slow = SlowStream()
    log = start(to=slow)

    logger.info("first")
    assert slow.reached.wait(10)
    for number in range(10):
        logger.info("more number=%s", number)
    assert not log.stop(timeout_seconds=0.01)
    slow.go_on.set()
    log._writer.join(10)

    lines = slow.getvalue().splitlines()
    assert [re.split(" +", line, maxsplit=3)[3] for line in lines] == [
        "first",
        "more number=0",
        "more number=1",
        "more number=2",
        "Log records dropped count=7",
    ]


def test_the_end_of_a_thread_by_an_exception_is_logged(
    start: Start, stream: io.StringIO
) -> None:
    log = start()

    thread = threading.Thread(target=lambda: 1 // 0, name="worker")
    thread.start()
    thread.join()
    log.stop()

    assert "Thread ended by an exception thread=worker" in stream.getvalue()
    assert "ZeroDivisionError" in stream.getvalue()


def test_warnings_are_logged(start: Start, stream: io.StringIO) -> None:
    log = start()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)  # noqa: FBT003 - the library's signature
        warnings.warn("outdated", stacklevel=1)
    log.stop()

    assert "py.warnings" in stream.getvalue()


def test_stopping_gives_the_root_logger_back(start: Start) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, threading.excepthook)

    start(level=LogLevel.DEBUG).stop()

    assert (root.handlers[:], root.level, threading.excepthook) == before


def test_logging_goes_to_stderr_by_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = Logs(log_format=LogFormat.TEXT, level=LogLevel.INFO)

    logger.info("here")
    log.stop()

    assert capsys.readouterr().err.endswith("here\n")
    assert sys.stderr is not None


WRITE_TO_NOBODY = """
import logging
from adapters.configuration.option_values import LogFormat, LogLevel
from adapters.process.logs import Logs, end_process
logs = Logs(log_format=LogFormat.TEXT, level=LogLevel.INFO)
for _ in range(2_000):
    logging.info("x" * 200)
logs.stop(timeout_seconds=0.2)
end_process(3)
"""


def test_the_process_ends_although_nobody_reads_its_log() -> None:
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_TO_NOBODY], cwd=root, stderr=subprocess.PIPE
    ) as process:
        try:
            code = process.wait(10)
        finally:
            process.kill()

    assert code == 3


LEAVE_A_CALL_BEHIND = """
import threading
from concurrent.futures import ThreadPoolExecutor
from adapters.process.logs import end_process
called = threading.Event()
def never_answered():
    called.set()
    threading.Event().wait()
threads = ThreadPoolExecutor()
threading.Thread(target=threads.submit, args=(never_answered,), daemon=True).start()
called.wait()
threads.shutdown(wait=False)
print("ends")
end_process(3)
"""


def test_the_process_ends_although_a_call_is_never_answered() -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LEAVE_A_CALL_BEHIND],
        cwd=root,
        stdout=subprocess.PIPE,
        timeout=20,
        check=False,
    )

    assert (done.returncode, done.stdout) == (3, b"ends\n")


LEAVE_GARBAGE = """
import os
from adapters.process.logs import end_process
class One:
    def __del__(self):
        os.write(1, b"found")
one = One()
one.own = one
del one
end_process(3)
"""


def test_nobody_looks_for_garbage_in_a_process_that_ends() -> None:
    """With tens of thousands of actors, that takes seconds."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LEAVE_GARBAGE],
        cwd=root,
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (3, b"")
