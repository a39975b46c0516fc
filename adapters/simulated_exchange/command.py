"""The simulated exchange as a command of its own."""

from adapters.configuration.settings import SimulateSettings
from adapters.process.logs import Logs
from adapters.simulated_exchange.server import run_simulated_exchange
from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings
from domain.errors import ConfigurationError


def simulate(settings: SimulateSettings) -> int:
    """Run the simulated exchange until a signal; return the exit code.

    Raises:
        ConfigurationError: it cannot start; one line says why.
    """
    logs = Logs(log_format=settings.log_format, level=settings.log_level)
    try:
        run_simulated_exchange(
            SimulatorSettings(
                host=settings.host,
                port=settings.port,
                symbols=settings.symbols,
                seed=settings.seed,
                recording=settings.recording,
                speed=settings.speed,
                exchange_info=settings.exchange_info,
                loop=settings.loop,
                limits=settings.limits,
                exit_with_parent=settings.exit_with_parent,
            )
        )
    except SimulatorError as error:
        raise ConfigurationError(str(error)) from error
    finally:
        logs.stop()
    return 0
