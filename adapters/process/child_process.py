"""A program of ours in its own process, which we start, watch and end."""

import logging
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final

from domain.errors import UnavailableError
from domain.ports.runtime import Clock


PAUSE_SECONDS_MIN: Final = 0.5
PAUSE_SECONDS_MAX: Final = 10.0
STEADY_SECONDS: Final = 60.0
"""A process that has lived this long is restarted after the shortest pause."""

LINE_LENGTH_MAX: Final = 8192

_LISTENING: Final = re.compile(r"listening (http://\S+:(\d{1,5}))\s*")
_NS_PER_SECOND: Final = 1_000_000_000

logger = logging.getLogger(__name__)


class ProcessStartError(UnavailableError):
    """The process could not be started, or did not say where it listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessListening:
    """The process listens, for the first time or again."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnded:
    """The process has ended without being asked to; it will be restarted."""

    exit_code: int


class ChildProcess:
    """Keeps one process alive that serves HTTP on this machine.

    It prints ``listening http://HOST:PORT`` to its stdout as soon as it does. It has a
    session of its own, so that Ctrl-C in the terminal reaches only us, and we end it in
    the right order. Its stdin is a pipe that we hold: however we die, it reads the end
    of the pipe and can end, too.
    """

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        *,
        clock: Clock,
        environ: Mapping[str, str] | None = None,
        start_timeout_seconds: float = 15.0,
        observe: Callable[[ProcessListening | ProcessEnded], None] | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            command: makes the command line for a port; 0 lets the process choose one.
            clock: measures how long the process lived.
            environ: of the process; ours when not given.
            start_timeout_seconds: within these it has to print where it listens.
            observe: called from our watching thread.
            pause: waits before a restart; by default at most until ``stop``.
        """
        self._command = command
        self._clock = clock
        self._environ = environ
        self._start_timeout_seconds = start_timeout_seconds
        self._observe = observe
        self._stopping = threading.Event()
        self._pause = pause or self._stopping.wait
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._first_outcome = threading.Event()
        self._url = ""
        self._port = 0
        self._pause_seconds = PAUSE_SECONDS_MIN
        self._watcher = threading.Thread(
            target=self._watch, name="child-process", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens; unchanged by a restart, empty before ``start``."""
        return self._url

    def start(self, port: int = 0) -> str:
        """Start the process and wait until it listens.

        Returns:
            The URL that it listens on.

        Raises:
            ProcessStartError: it ended, or did not listen in time.
        """
        self._port = port
        try:
            self._spawn()
        except OSError as error:
            message = f"cannot start {self._command(port)[0]}: {error.strerror}"
            raise ProcessStartError(message) from error
        self._watcher.start()
        self._first_outcome.wait()
        if not self._url:
            self.stop()
            code = self._process.returncode if self._process else None
            program = " ".join(self._command(port)[:3])
            message = f"{program} did not start (exit code {code})"
            raise ProcessStartError(message)
        return self._url

    def stop(self, timeout_seconds: float = 3.0) -> None:
        """Ask the process to end, and kill it if that takes longer than this."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                logger.warning("Child process did not end in time pid=%s", process.pid)
                process.kill()
                process.wait()
        if self._watcher.is_alive():
            self._watcher.join()

    def _spawn(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603 - the command is our own
                self._command(self._port),
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            return self._process

    def _watch(self) -> None:
        process = self._process
        while process is not None:
            lived_seconds = self._follow(process)
            self._first_outcome.set()
            if self._stopping.is_set() or not self._url:
                return
            if lived_seconds >= STEADY_SECONDS:
                self._pause_seconds = PAUSE_SECONDS_MIN
            code, pause = process.returncode, self._pause_seconds
            logger.warning(
                "Child process ended code=%s restart_seconds=%s", code, pause
            )
            self._tell(ProcessEnded(exit_code=code))
            process = self._start_again()

    def _start_again(self) -> subprocess.Popen[str] | None:
        """Restart it after a pause, however often that fails; None when stopping."""
        while True:
            self._pause(self._pause_seconds)
            self._pause_seconds = min(2 * self._pause_seconds, PAUSE_SECONDS_MAX)
            try:
                return self._spawn()
            except OSError as error:
                logger.warning("Child process not started error=%s", error)

    def _tell(self, event: ProcessListening | ProcessEnded) -> None:
        if self._observe is not None:
            self._observe(event)

    def _follow(self, process: subprocess.Popen[str]) -> float:
        """Read the process's output until its end; return the seconds it lived."""
        began_ns = self._clock.monotonic_ns()
        deadline = threading.Timer(self._start_timeout_seconds, process.kill)
        deadline.daemon = True
        deadline.start()
        with process:
            assert process.stdout is not None
            self._read(process.stdout, deadline)
        deadline.cancel()
        return (self._clock.monotonic_ns() - began_ns) / _NS_PER_SECOND

    def _read(self, stdout: IO[str], deadline: threading.Timer) -> None:
        while line := stdout.readline(LINE_LENGTH_MAX):
            listening = _LISTENING.fullmatch(line)
            if listening is None:
                logger.info("Child process says line=%s", line.rstrip())
                continue
            deadline.cancel()
            self._url, self._port = listening[1], int(listening[2])
            logger.info("Child process listens url=%s", self._url)
            self._first_outcome.set()
            self._tell(ProcessListening(url=self._url))
