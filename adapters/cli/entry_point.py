"""Runs the command line: every refusal is one line on stderr and an exit code."""

import contextlib
import sys
from collections.abc import Sequence

import click

from adapters.cli.failures import CommandError, ExitCode
from adapters.cli.printable import printable
from adapters.program_name import IN_SOURCE_TREE, program_name
from domain.errors import ConfigurationError, TradeExecutorError


def run_cli(program: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        program: from ``adapters.cli.commands.build_cli``.
        arguments: without the program's name; the process's own by default.

    Returns:
        The exit code: the command's own, or one of ``ExitCode``.
    """
    name = program_name()
    for command in (program, *program.commands.values()):
        _say_in_examples(name, command)
    try:
        code = program.main(arguments, prog_name=name, standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else name
        message = error.format_message().rstrip(".")
        return _refuse(f"{message} (see {where} --help)", ExitCode.USAGE)
    except click.ClickException as error:
        return _refuse(error.format_message(), ExitCode.USAGE)
    except TradeExecutorError as error:
        return _refuse(str(error), _code_of(error))
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return code if isinstance(code, int) else ExitCode.DONE


def _code_of(error: TradeExecutorError) -> ExitCode:
    if isinstance(error, CommandError):
        return error.exit_code
    is_usage = isinstance(error, ConfigurationError)
    return ExitCode.USAGE if is_usage else ExitCode.REFUSED


def _say_in_examples(name: str, command: click.Command) -> None:
    """Let the examples of ``--help`` call the program as it was called."""
    command.help = (command.help or "").replace(IN_SOURCE_TREE, name)
    command.epilog = (command.epilog or "").replace(IN_SOURCE_TREE, name)


def _refuse(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # a closed stderr must not change the code
        if sys.stderr is not None:
            words = printable(" ".join(message.split()))
            sys.stderr.write(f"error: {words}\n")
    return code
