"""Processes of their own, so that no part of a benchmark slows down another.

A worker runs a module of this package. It is asked over stdin and answers on stdout,
one line of JSON each; when stdin ends, it ends.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self


PROJECT: Final = Path(__file__).resolve().parents[1]
ANSWER_SECONDS: Final = 90.0
_END_SECONDS: Final = 10.0


class WorkerError(Exception):
    """A worker ended, or did not answer."""


class Worker:
    """The asking side."""

    def __init__(self, module: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Start ``benchmarks.<module>``; it is killed if an answer takes longer."""
        self._module = module
        self._answer_seconds = answer_seconds
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=PROJECT,
            encoding="utf-8",
        )

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have it end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def ask(self, do: str, **arguments: object) -> Any:
        """Have it do something, and return what it answers.

        Raises:
            WorkerError: with what it wrote to stderr.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(self._answer_seconds, self._process.kill)
        watch.start()
        try:
            print(
                json.dumps({"do": do, **arguments}),
                file=self._process.stdin,
                flush=True,
            )
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            watch.cancel()
        if not line:
            self._errors.seek(0)
            raise WorkerError(f"{self._module} at {do}:\n{self._errors.read()[-4000:]}")
        return json.loads(line)


def answer(worker: object = None, **functions: Callable[..., object]) -> None:
    """Be a worker: carry out what is asked, until nobody can ask any more.

    Args:
        worker: whose public methods can be asked for, by their names.
        functions: what else can be asked for, by name.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    code = 1
    try:
        for line in sys.stdin:
            request = json.loads(line)
            do = request.pop("do")
            command = functions[do] if do in functions else getattr(worker, do)
            print(json.dumps(command(**request)), file=answers, flush=True)
        code = 0
    except Exception:  # noqa: BLE001 - whatever it was, whoever asked is told
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # threads of any kind do not keep the process
