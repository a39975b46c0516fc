"""Runs the command line: every refusal is one line on stderr and an exit code."""

import contextlib
import sys
from collections.abc import Sequence
from typing import Final

import click

from adapters.program_name import IN_SOURCE_TREE, program_name
from domain.errors import ConfigurationError, TradeExecutorError


EXIT_SUCCESS: Final = 0
EXIT_FAILURE: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130


def run_cli(program: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        program: from ``adapters.cli.commands.build_cli``.
        arguments: without the program's name; the process's own by default.

    Returns:
        The exit code: the command's own, 1 when it failed, 2 when an option, a file
        or an environment variable cannot be used, 130 when it was interrupted.
    """
    name = program_name()
    for command in (program, *program.commands.values()):
        _say_in_examples(name, command)
    try:
        code = program.main(arguments, prog_name=name, standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else name
        message = error.format_message().rstrip(".")
        return _refuse(f"{message} (see {where} --help)", EXIT_USAGE)
    except click.ClickException as error:
        return _refuse(error.format_message(), EXIT_USAGE)
    except ConfigurationError as error:
        return _refuse(str(error), EXIT_USAGE)
    except TradeExecutorError as error:
        return _refuse(str(error), EXIT_FAILURE)
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else EXIT_SUCCESS


def _say_in_examples(name: str, command: click.Command) -> None:
    """Let the examples of ``--help`` call the program as it was called."""
    command.help = (command.help or "").replace(IN_SOURCE_TREE, name)
    command.epilog = (command.epilog or "").replace(IN_SOURCE_TREE, name)


def _refuse(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # a closed stderr must not change the code
        if sys.stderr is not None:
            sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code
