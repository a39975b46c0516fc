"""Trade Executor: its commands. ``composition/`` puts the service together."""

import sys

from adapters.process.early_signals import EARLY
from adapters.process.missing_resources import say_lack_in_one_line


if __name__ == "__main__":
    sys.excepthook = say_lack_in_one_line
    EARLY.take(is_wish=sys.argv[1:2] in ([], ["serve"]) or sys.argv[1][:1] == "-")

from adapters.cli.commands import SWITCHES, build_cli, build_switches
from adapters.cli.execution import run_cli


if __name__ == "__main__" and sys.argv[1:2] and sys.argv[1] in SWITCHES:
    EARLY.give_back()
    # Before the rest is loaded: on a busy machine that takes seconds, and a halt has
    # none to lose.
    sys.exit(run_cli(build_switches(), sys.argv[1:]))

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from actors.replay import Replay
from adapters.configuration.settings import (
    ReplaySettings,
    ServeSettings,
)
from adapters.process.logs import Logs, end_process
from adapters.process.redaction import secrets_in
from adapters.process.resources import (
    exhaustion_in_one_line,
    forbid_core_files,
    require_open_files,
)
from adapters.process.signals import (
    GracefulSignals,
    StartFailedError,
    StoppedWhileStartingError,
)
from adapters.process.thread_guard import ThreadGuard
from adapters.replay.files import (
    ReplayInput,
    read_orders,
    read_rules,
    result_text,
    write_result,
)
from adapters.replay.memory_store import MemoryStore
from adapters.simulated_exchange.command import simulate
from adapters.venues import recorded_format, secrets_of_account
from composition.service import Service


logger = logging.getLogger(__name__)


def serve(settings: ServeSettings) -> int:
    """Run the service until a signal, or until it cannot go on."""
    forbid_core_files()
    require_open_files()
    with (
        exhaustion_in_one_line() as started,
        _logging_to_stderr(settings, _secrets(settings)),
        GracefulSignals() as signals,
        ThreadGuard(signals.request_stop) as guard,
    ):
        service = Service(settings, signals)
        signals.outcome = lambda: int(service.has_failed or guard.has_failed)
        try:
            with service:
                started.set()
                signals.wait()
        except StoppedWhileStartingError:
            logger.info("Stopped while starting")
            if service.has_failed or guard.has_failed:
                # In one line after the traceback: no threads left, for example.
                cause = service.failure or guard.failure
                raise StartFailedError(f"could not start: {cause!r}") from cause
    return signals.outcome()


def _secrets(settings: ServeSettings) -> tuple[str, ...]:
    """Return what no log may hold.

    Raises:
        ConfigurationError: keys are missing; said before a database is claimed.
    """
    of_account = secrets_of_account(settings)
    return (*secrets_in(os.environ, settings.database), *of_account)


def replay(settings: ReplaySettings) -> int:
    """Run a recording through the actors, and write what came out."""
    EARLY.give_back()
    with _logging_to_stderr(settings):
        orders = read_orders(settings.orders, settings.symbol)
        wire = recorded_format()
        recording = ReplayInput(settings.session, settings.symbol, wire)
        rules = read_rules(settings.exchange_info, settings.symbol, wire)
        store = MemoryStore()
        run = Replay(rules=rules, snapshot=recording.snapshot(), store=store)
        outcome = run.run(recording.frames(), orders)
        write_result(result_text(outcome, orders, store), settings.output)
    return 0


@contextmanager
def _logging_to_stderr(
    settings: ServeSettings | ReplaySettings, secrets: Iterable[str] = ()
) -> Iterator[None]:
    logs = Logs(
        log_format=settings.log_format, level=settings.log_level, secrets=secrets
    )
    try:
        yield
    finally:
        logs.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    program = build_cli(serve=serve, simulate=simulate, replay=replay)
    return run_cli(program, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.excepthook = sys.__excepthook__  # all is loaded
    end_process(main())
