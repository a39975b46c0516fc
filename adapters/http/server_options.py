"""What a server is told about the calls that it serves."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from adapters.http.access_control import AccessControl, AccessGuard
from adapters.http.connection_slots import ConnectionSlots
from adapters.http.problems import Problem
from domain.ports.runtime import RunWokenActors


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from adapters.http.push import PushStream, ServeClient

SLICE_SECONDS: Final = 0.01
"""For calls in one round of the loop. What does not fit is left for the next round,
so that a halt never waits longer than a few of these, however many calls there are."""

Call = tuple[str, str]
"""Method and path."""


def _only_this_machine() -> Callable[["WSGIEnvironment"], Problem | None]:
    return AccessGuard(AccessControl()).refusal


def _unwatched(_environ: "WSGIEnvironment", attend: "ServeClient") -> "ServeClient":
    return attend


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Which calls are served how.

    Waking a thread for a request, and the loop again for its answer, costs more than
    placing an order does. So calls that never wait are served by the loop.
    """

    non_blocking_calls: frozenset[Call] = frozenset()
    """Calls that never wait."""

    urgent_calls: frozenset[Call] = frozenset()
    """Calls that are served first, however many others there are."""

    streams: Mapping[str, "PushStream"] = field(default_factory=dict)
    """Paths whose answer to a GET has no end."""

    watched: Callable[["WSGIEnvironment", "ServeClient"], "ServeClient"] = _unwatched
    """Given what writes such an answer, returns what does so until its caller may read
    it no longer."""

    refusal: Callable[["WSGIEnvironment"], Problem | None] = field(
        default_factory=_only_this_machine
    )
    """Judges a call by its head, before its body is read; None lets it in."""

    slots: ConnectionSlots | None = None
    """For connections; None for as many as the limit of open files allows."""

    run_woken_actors: RunWokenActors = nullcontext
    """Entered around calls that came together."""

    slice_seconds: float = SLICE_SECONDS
