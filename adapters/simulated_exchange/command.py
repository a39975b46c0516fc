"""The simulated exchange as a process of its own."""

import os
import secrets
import signal
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from adapters.configuration.settings import (
    ServeSettings,
    SimulateSettings,
    simulate_arguments,
)
from adapters.process.child_process import ChildProcess
from adapters.process.early_signals import EARLY
from adapters.process.logs import Logs
from adapters.process.thread_guard import ThreadGuard
from adapters.replay.recordings import Recording, RecordingError
from adapters.simulated_exchange.server import run_simulated_exchange
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from domain.errors import ConfigurationError
from domain.ports.runtime import Clock


KEY_VARIABLE: Final = "SIMULATED_EXCHANGE_API_KEY"
SECRET_VARIABLE: Final = "SIMULATED_EXCHANGE_API_SECRET"  # noqa: S105 - only its name
"""In the environment, not among the arguments: those, everybody can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKeys:
    """Keys of the account that the exchange opens at its start; never shown."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    """Of HMAC."""


def simulate(settings: SimulateSettings) -> int:
    """Run the simulated exchange until a signal; return the exit code.

    The exit code is 1 when an exception ended a thread.

    Raises:
        ConfigurationError: it cannot start; one line says why.
    """
    EARLY.give_back()
    logs = Logs(log_format=settings.log_format, level=settings.log_level)
    request_stop = partial(os.kill, os.getpid(), signal.SIGTERM)
    try:
        with ThreadGuard(request_stop) as guard:
            run_simulated_exchange(
                SimulatorSettings(
                    host=settings.host,
                    port=settings.port,
                    allowed_hosts=settings.allowed_hosts,
                    symbols=settings.symbols,
                    seed=settings.seed,
                    recording=settings.recording,
                    speed=settings.speed,
                    exchange_info=settings.exchange_info,
                    loop=settings.loop,
                    limits=settings.limits,
                    api_key=os.environ.get(KEY_VARIABLE, ""),
                    api_secret=os.environ.get(SECRET_VARIABLE, ""),
                    exit_with_parent=settings.exit_with_parent,
                )
            )
    except SimulatorError as error:
        raise ConfigurationError(str(error)) from error
    finally:
        logs.stop()
    return int(guard.has_failed)


def simulator_process(
    program: Path, settings: ServeSettings, clock: Clock, account: AccountKeys
) -> ChildProcess:
    """Describe the process that serves the market of the service; starts nothing.

    Args:
        program: the script whose ``simulate`` command it runs.
        settings: of the service.
        clock: for the pauses between restarts.
        account: that it opens at each start.

    Raises:
        ConfigurationError: there is no such recording.
    """
    if settings.recording is not None:
        try:
            Recording(settings.recording)
        except RecordingError as error:
            raise ConfigurationError(str(error)) from error
    # Without our own settings: keys, above all, are none of its business.
    environ = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("TRADE_EXECUTOR_")
    }
    environ[KEY_VARIABLE] = account.api_key
    environ[SECRET_VARIABLE] = account.api_secret

    def command(port: int) -> list[str]:
        return [sys.executable, str(program), *simulate_arguments(settings, port)]

    return ChildProcess(command, clock=clock, environ=environ)


def new_account() -> AccountKeys:
    """Make keys that only this run of the service and its exchange know."""
    return AccountKeys(
        api_key=f"simulated{secrets.token_hex(16)}", api_secret=secrets.token_hex(32)
    )
