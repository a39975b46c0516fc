"""The operator's halt switch: stop all child orders, and let them go on."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from adapters.api.operator_calls import HALT, READ_HALT, RESUME
from adapters.api.service import HaltAnswer
from adapters.http.deferred_response import DeferredResponse
from adapters.http.order_bodies import read_halt
from adapters.http.problems import refused
from adapters.http.request_reading import Request, read_optional_object, read_parameters
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from domain.ports.order_desk import OrderDesk
from domain.refusals import Refusal
from domain.risk.halt import HaltSet


NON_BLOCKING_CALLS: Final = frozenset(
    (call.method, call.path) for call in (HALT, RESUME, READ_HALT)
)
"""(method, path) of calls that never wait; their answers come later."""


class HaltEndpoints:
    """Set the halt switch, and return its setting."""

    def __init__(self, desk: OrderDesk) -> None:
        self._desk = desk

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (
            route_of(HALT, self.halt),
            route_of(RESUME, self.resume),
            route_of(READ_HALT, self.state),
        )

    def halt(self, request: Request) -> DeferredResponse:
        """Stop all child orders.

        200: on disk, and no child is in flight; none leaves any more. 202: none leaves
        either, but children that left before are unanswered, or the database is out of
        reach, so that the halt would not outlive the process.
        """
        read_parameters(request, HALT)
        reason = read_halt(read_optional_object(request))
        outcome = self._desk.set_halt(is_on=True, reason=reason)
        return DeferredResponse(outcome, partial(_answer, wants_settled=True))

    def resume(self, request: Request) -> DeferredResponse:
        """Let child orders leave again, once that is on disk.

        503 with RESUME_NOT_ON_DISK: it takes effect when the database is back.
        """
        read_parameters(request, RESUME)
        reason = read_halt(read_optional_object(request))
        return DeferredResponse(
            self._desk.set_halt(is_on=False, reason=reason), _answer
        )

    def state(self, request: Request) -> DeferredResponse:
        """Return the setting of the switch."""
        read_parameters(request, READ_HALT)
        return DeferredResponse(self._desk.halt(), _answer)


def _answer(outcome: HaltSet | Refusal, *, wants_settled: bool = False) -> Response:
    if isinstance(outcome, Refusal):
        return refused(outcome).response()
    is_whole = outcome.is_on_disk and not outcome.children_in_flight
    status = HTTPStatus.ACCEPTED if wants_settled and not is_whole else HTTPStatus.OK
    return json_response(HaltAnswer.of(outcome), status)
