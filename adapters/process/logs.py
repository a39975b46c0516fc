"""Logging: one configuration for the process, and a thread that writes the log."""

import copy
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Final, NoReturn, TextIO

import msgspec

from adapters.configuration.option_values import LogFormat, LogLevel
from adapters.process.redaction import Redactor


WAITING_MAX: Final = 50_000
"""Records that may wait for the writer; more are dropped, and counted in the log."""

_LEVELS: Final = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
"""Control characters from outside must not break or colour a line of the log."""

WRITER: Final = "log-writer"
"""The thread that writes the log."""

PRINTER: Final = "terminal-printer"
"""The thread that writes to the terminal."""

GATHER_SECONDS: Final = 0.02
"""The writer's pause when it has written everything. If it woke for each line, it would
take the GIL from the trading threads as often."""

_NEVER_SHOWN: Final[Mapping[str, object]] = {
    "_srcfile": None,
    "logProcesses": False,
    "logMultiprocessing": False,
    "logAsyncioTasks": False,
}
"""Switches off what the library determines for each record and our lines do not show:
source line, process, task. The way of its manual ("Optimization"); halves the cost."""

_Queue = SimpleQueue[logging.LogRecord | None]

logger = logging.getLogger(__name__)


class Logs:
    """The running log: everything logged goes to one stream until ``stop``.

    Logging never waits for the stream: records are queued, and one thread formats
    and writes them. Uncaught exceptions of threads and warnings are logged too. The
    thread is ours because ``QueueListener.stop`` waits without a bound.
    """

    def __init__(
        self,
        *,
        log_format: LogFormat,
        level: LogLevel,
        secrets: Iterable[str] = (),
        stream: TextIO | None = None,
    ) -> None:
        """Take over the root logger.

        Args:
            log_format: of every line.
            level: the lowest level that is logged.
            secrets: texts that must never be written; see ``hide``.
            stream: where to write; stderr by default.
        """
        self._redactor = Redactor(secrets)
        output = logging.StreamHandler(stream or sys.stderr)
        output.setFormatter(_formatter(log_format, self._redactor))
        queue: _Queue = SimpleQueue()
        self._queue = queue
        self._stopping = threading.Event()
        self._handler = _NeverWaiting(queue)
        self._writer = threading.Thread(
            target=_write,
            args=(queue, output, self._stopping),
            name=WRITER,
            daemon=True,
        )
        root = logging.getLogger()
        self._before = (root.handlers[:], root.level, threading.excepthook)
        self._left_out_before = {
            name: getattr(logging, name, None) for name in _NEVER_SHOWN
        }
        root.handlers[:] = [self._handler]
        root.setLevel(_LEVELS[level])
        logging.captureWarnings(True)  # noqa: FBT003 - the library's signature
        _leave_out(_NEVER_SHOWN)
        threading.excepthook = _log_end_of_thread
        self._writer.start()

    def hide(self, secret: str) -> None:
        """Never write this text from now on."""
        self._redactor.add(secret)

    def stop(self, timeout_seconds: float = 2.0) -> bool:
        """Write what is queued, and restore the root logger.

        Returns:
            Whether everything was written in time.
        """
        root = logging.getLogger()
        root.handlers[:], level, threading.excepthook = self._before
        root.setLevel(level)
        logging.captureWarnings(False)  # noqa: FBT003 - the library's signature
        _leave_out(self._left_out_before)
        self._handler.report_dropped()
        self._stopping.set()
        self._queue.put(None)
        self._writer.join(timeout_seconds)
        return not self._writer.is_alive()


def _leave_out(switches: Mapping[str, object]) -> None:
    for name, value in switches.items():
        setattr(logging, name, value)


@contextmanager
def logging_to_stderr(
    log_format: LogFormat, level: LogLevel, secrets: Iterable[str] = ()
) -> Iterator[None]:
    """Log to stderr while the body runs.

    Args:
        log_format: text or JSON.
        level: the lowest level that is logged.
        secrets: texts that no line may hold.
    """
    logs = Logs(log_format=log_format, level=level, secrets=secrets)
    try:
        yield
    finally:
        logs.stop()


def end_process(code: int) -> NoReturn:
    """End the process with the code, even when nobody reads its stdout or stderr.

    Python's own exit would wait for a thread that cannot write its last lines, and for
    calls that a database out of reach does not answer.
    """
    threads = threading.enumerate()
    if any(thread.name in (WRITER, PRINTER) for thread in threads):
        os._exit(code)
    if len(threads) > 1:  # Python would wait even for daemons, if they are of a pool
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    # Skip garbage collection at exit: with tens of thousands of actors it takes
    # seconds, several times.
    gc.freeze()
    sys.exit(code)


class _NeverWaiting(QueueHandler):
    """Queues records without ever waiting, and without growing beyond a bound."""

    def __init__(self, queue: _Queue) -> None:
        super().__init__(queue)
        self._waiting = queue
        self._dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Format the text now: arguments may change before the writer comes to it."""
        # A record without a traceback is not copied: its text is the same for any
        # other handler.
        fixed = copy.copy(record) if record.exc_info else record
        fixed.msg, fixed.args = record.getMessage(), None
        if record.exc_info:
            fixed.exc_text = logging.Formatter().formatException(record.exc_info)
            fixed.exc_info = None
        return fixed

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue a record, or drop it when too many are waiting."""
        # Handler.handle holds the handler's lock around this.
        if self._waiting.qsize() >= WAITING_MAX:
            self._dropped += 1
            return
        self.report_dropped()
        self._waiting.put(record)

    def report_dropped(self) -> None:
        """Queue a line that says how many records are missing, if any are."""
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._waiting.put(_record("Log records dropped count=%s", dropped))


def _record(message: str, argument: object) -> logging.LogRecord:
    return logger.makeRecord(
        __name__, logging.WARNING, __file__, 0, message, (argument,), None
    )


def _write(queue: _Queue, output: logging.Handler, stopping: threading.Event) -> None:
    while (record := queue.get()) is not None:
        output.handle(record)
        if queue.empty():
            stopping.wait(GATHER_SECONDS)


def _log_end_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is None or end.exc_type is SystemExit:
        return
    name = end.thread.name if end.thread else "unknown"
    cause = (end.exc_type, end.exc_value, end.exc_traceback)
    logger.error("Thread ended by an exception thread=%s", name, exc_info=cause)


def _formatter(log_format: LogFormat, redactor: Redactor) -> logging.Formatter:
    if log_format is LogFormat.JSON:
        return JsonFormatter(redactor)
    return TextFormatter(redactor)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, logger, message; below it the traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        level, name = record.levelname, record.name
        message = record.getMessage().translate(_CONTROL)
        lines = [f"{_time(record)} {level:<8} {name} {message}"]
        exception = _exception(record)
        if exception:
            lines.append(exception)
        return self._redactor.hide("\n".join(lines))


class JsonFormatter(logging.Formatter):
    """A line for machines: one JSON object with texts only.

    Keys: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, ``thread``,
    and ``exception`` (the traceback) where there is one.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        fields = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "thread": record.threadName or "",
        }
        exception = _exception(record)
        if exception:
            fields["exception"] = exception
        shown = {key: self._encodable(value) for key, value in fields.items()}
        return msgspec.json.encode(shown).decode()

    def _encodable(self, text: str) -> str:
        # Half a surrogate pair, which file names can contain, is not valid in JSON.
        return self._redactor.hide(text).encode("utf-8", "backslashreplace").decode()


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03}Z"


def _exception(record: logging.LogRecord) -> str:
    text = record.exc_text or ""
    if record.exc_info and not text:
        text = logging.Formatter().formatException(record.exc_info)
    return "\n".join(part for part in (text, record.stack_info or "") if part)
