"""Where an environment says who calls."""

from typing import TYPE_CHECKING, Final

from adapters.access.callers import NOBODY, Caller


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEY: Final = "trade_executor.caller"


def set_caller(environ: "WSGIEnvironment", caller: Caller) -> None:
    """Note who calls."""
    environ[_KEY] = caller


def caller_of(environ: "WSGIEnvironment") -> Caller:
    """Return who calls; nobody, if that was never judged."""
    caller: Caller = environ.get(_KEY, NOBODY)
    return caller
