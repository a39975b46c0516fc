"""How a command that calls the service can fail, and its exit codes."""

from enum import IntEnum

from domain.errors import TradeExecutorError


class ExitCode(IntEnum):
    """What a command's end tells the program that called it."""

    DONE = 0
    REFUSED = 1
    """The service said no; or a command that calls no service failed."""

    USAGE = 2
    """An option, a file or an environment variable cannot be used."""

    NOT_REACHABLE = 3
    """Nobody answers, the service cannot answer now, or the outcome is unknown."""

    NOT_ALLOWED = 4
    UNFILLED = 5
    """The watched order has ended, and not all of it was filled."""

    INTERRUPTED = 130
    """By Ctrl-C, as a shell has it."""

    PIPE_CLOSED = 141
    """Whoever read the output has gone, as a shell has it."""


class CommandError(TradeExecutorError):
    """A command failed; one line says why."""

    exit_code = ExitCode.REFUSED


class RefusedError(CommandError):
    """The service said no."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(f"{code}: {detail}")


class NotAllowedError(CommandError):
    """The caller may not do this."""

    exit_code = ExitCode.NOT_ALLOWED


class NotReachableError(CommandError):
    """Nothing was carried out: nobody answers at the address."""

    exit_code = ExitCode.NOT_REACHABLE


class BusyError(NotReachableError):
    """Nothing was carried out, but soon it may be: worth another try."""


class UnreadableAnswerError(CommandError):
    """The service does not speak as this command does: it has another version."""

    exit_code = ExitCode.NOT_REACHABLE


class OutcomeUnknownError(CommandError):
    """The service was called, but did not say whether it carried the call out."""

    exit_code = ExitCode.NOT_REACHABLE

    def __init__(self, why: str, advice: str) -> None:
        self.why = why
        super().__init__(f"{why}, it may be carried out all the same: {advice}")


class OutputError(CommandError):
    """What the service answered cannot be written."""

    exit_code = ExitCode.NOT_REACHABLE

    def __init__(self, error: OSError) -> None:
        why = error.strerror or str(error)
        super().__init__(f"cannot write what the service has answered: {why}")
