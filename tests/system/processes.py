"""The programs of the project as processes, as a person would start them."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import urllib3
from urllib3.exceptions import HTTPError

from tests.system.client import Client
from tests.system.waiting import eventually


ROOT = Path(__file__).resolve().parents[2]
RUN = str(ROOT / "run.py")
START_SECONDS = 20.0
END_SECONDS = 10.0


class Said:
    """What a process writes to one of its streams, line by line as it comes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def lines(self) -> list[str]:
        """Everything so far."""
        with self._changed:
            return self._lines[:]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, within_seconds: float) -> re.Match[str] | None:
        """Return the first match in a line; None when the stream ends without one."""
        wanted = re.compile(pattern)
        seen = 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    if found := wanted.search(line):
                        return found
                seen = len(self._lines)
                if self._is_over:
                    return None
                came = self._changed.wait(within_seconds)
                assert came, f"no line {pattern!r}: {self._lines}"

    def join(self) -> None:
        """Wait until all was read, and close the stream."""
        self._reader.join(END_SECONDS)
        assert not self._reader.is_alive()
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()


class Program:
    """One process, killed at the latest when its context ends."""

    def __init__(
        self,
        *command: str,
        folder: Path = ROOT,
        takes_input: bool = False,
        variables: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        """Start it.

        Args:
            command: what follows ``python``.
            folder: where it is started.
            takes_input: whether ``say`` will be used.
            variables: of its environment, beside ours.
            python: the interpreter; our own by default.
        """
        self._process = subprocess.Popen(
            [python, *command],
            cwd=folder,
            env={**_environ(), **(variables or {})},
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.out = Said(self._process.stdout)
        self.err = Said(self._process.stderr)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def say(self, line: str) -> None:
        """Write a line to its stdin; it may have ended."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, within_seconds: float = END_SECONDS) -> int:
        """Wait for its end; return the exit code."""
        code = self._process.wait(within_seconds)
        self.out.join()
        self.err.join()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # what it did not read any more
                self._process.stdin.close()
        return code

    def interrupt(self, within_seconds: float = END_SECONDS) -> int:
        """Press Ctrl-C; return the exit code."""
        self.send(signal.SIGINT)
        return self.wait(within_seconds)

    def send_kill(self) -> None:
        """``kill -9`` it, without waiting for its end."""
        self._process.kill()

    def kill(self) -> None:
        """``kill -9`` it, if it still runs, and close what is open."""
        self.send_kill()
        self.wait()


class Service(Program):
    """``python run.py``, up and answering, on a free port."""

    def __init__(
        self,
        database: Path | str,
        *options: str,
        program: tuple[str, ...] = (RUN,),
        variables: Mapping[str, str] | None = None,
        start_seconds: float = START_SECONDS,
        python: str = sys.executable,
    ) -> None:
        is_url = isinstance(database, str)
        url = database if is_url else f"sqlite:///{database}"
        where = ("--port", "0", "--database", str(url))
        command = (*program, *where, *options)
        super().__init__(*command, takes_input=True, variables=variables, python=python)
        self.database = Path() if isinstance(database, str) else database
        try:
            self.url = self._await_banner(start_seconds)
        except BaseException:
            self.kill()
            raise
        self.client = Client(self.url)

    def _await_banner(self, seconds: float) -> str:
        found = self.out.wait_for(r"^service\s+(http://\S+)", seconds)
        assert found, f"the service did not start: {self.err.text}"
        return found[1]

    @property
    def simulator_url(self) -> str:
        """Of the simulated exchange that it has started itself."""
        found = self.err.wait_for(r"Child process listens url=(\S+)", START_SECONDS)
        assert found
        return found[1]

    def kill(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
        super().kill()

    def await_trading(self, within_seconds: float = 10.0) -> None:
        """Wait until every symbol can trade."""
        eventually(
            lambda: self.client.get("/readyz").body["status"] == "ok",
            within_seconds=within_seconds,
            what="every symbol can trade",
        )


class Simulator(Program):
    """``python run.py simulate`` on a free port."""

    def __init__(self, *options: str) -> None:
        super().__init__(RUN, "simulate", "--port", "0", *options)
        found = self.out.wait_for(r"listening (http://\S+)", START_SECONDS)
        assert found, f"the simulated exchange did not start: {self.err.text}"
        self.url = found[1]
        self.client = Client(self.url)

    @property
    def as_market(self) -> tuple[str, ...]:
        """The options by which a service trades here."""
        stream_url = self.url.replace("http", "ws", 1)
        urls = ("--rest-url", self.url, "--stream-url", stream_url)
        return ("--market", "binance", *urls)

    def throw(self, switch: dict[str, object]) -> None:
        """Throw a fault switch."""
        answer = self.client.post("/control/faults", switch)
        assert answer.status == 200, answer.body

    def applied(self) -> dict[str, int]:
        """How often each fault has done something."""
        counts: dict[str, int] = self.client.get("/control/state").body["applied"]
        return counts

    def kill(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
        super().kill()


def is_gone(url: str) -> bool:
    """Whether nobody listens there any more."""
    try:
        urllib3.request("GET", url, retries=False, timeout=1.0).close()
    except HTTPError:
        return True
    return False


def _environ() -> dict[str, str]:
    """Ours, without what would set options of the service."""
    return {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("TRADE_EXECUTOR_")
    }
