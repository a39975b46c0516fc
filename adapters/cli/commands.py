"""The commands of ``run.py``: they read options and call the given functions."""

from collections.abc import Callable

import click

from adapters.cli.click_commands import calls, parameters
from adapters.cli.client_commands import build_client_cli
from adapters.cli.help_texts import (
    REPLAY_EPILOG,
    REPLAY_HELP,
    SERVE_EPILOG,
    SERVE_HELP,
    SIMULATE_EPILOG,
    SIMULATE_HELP,
)
from adapters.cli.token_commands import token_commands
from adapters.configuration.command_options import (
    REPLAY_OPTIONS,
    SERVE_OPTIONS,
    SIMULATE_OPTIONS,
)
from adapters.configuration.settings import (
    ReplaySettings,
    ServeSettings,
    SimulateSettings,
    read_replay_settings,
    read_serve_settings,
    read_simulate_settings,
)
from adapters.program_name import INSTALLED, version


def build_cli(
    *,
    serve: Callable[[ServeSettings], int],
    simulate: Callable[[SimulateSettings], int],
    replay: Callable[[ReplaySettings], int],
) -> click.Group:
    """Define the commands; ``adapters.cli.entry_point.run_cli`` runs them.

    Args:
        serve: runs the service; returns the exit code.
        simulate: runs the simulated exchange; returns the exit code.
        replay: runs a recording through the service; returns the exit code.
    """
    program = build_client_cli()
    program.params.append(_version_option())
    for command in (
        _serve_command(serve),
        _simulate_command(simulate),
        _replay_command(replay),
        token_commands(),
    ):
        program.add_command(command)
    return program


def _serve_command(serve: Callable[[ServeSettings], int]) -> click.Command:
    return click.Command(
        "serve",
        callback=calls(read_serve_settings, serve),
        params=parameters(SERVE_OPTIONS),
        help=SERVE_HELP,
        short_help="Run the service; the default.",
        epilog=SERVE_EPILOG,
    )


def _simulate_command(simulate: Callable[[SimulateSettings], int]) -> click.Command:
    return click.Command(
        "simulate",
        callback=calls(read_simulate_settings, simulate),
        params=parameters(SIMULATE_OPTIONS),
        help=SIMULATE_HELP,
        short_help="Run only the simulated exchange.",
        epilog=SIMULATE_EPILOG,
    )


def _replay_command(replay: Callable[[ReplaySettings], int]) -> click.Command:
    return click.Command(
        "replay",
        callback=calls(read_replay_settings, replay),
        params=parameters(REPLAY_OPTIONS),
        help=REPLAY_HELP,
        short_help="Run a recording through the service.",
        epilog=REPLAY_EPILOG,
    )


def _version_option() -> click.Option:
    def show(ctx: click.Context, _option: click.Parameter, wanted: object) -> None:
        if wanted:
            click.echo(f"{INSTALLED} {version()}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version and exit.",
    )
