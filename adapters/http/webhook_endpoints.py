"""The call about webhook targets."""

from collections.abc import Callable, Sequence

from adapters.api.bodies import ListAnswer
from adapters.api.webhook_calls import LIST_WEBHOOKS
from adapters.api.webhooks import WebhookAnswer
from adapters.http.request_reading import Request, read_parameters
from adapters.http.response import Response, json_response
from adapters.http.routes import Route, route_of
from adapters.webhooks.status import TargetStatus


ReadStatuses = Callable[[], Sequence[TargetStatus]]
"""Returns how each target is; never waits."""


class WebhookEndpoints:
    """Read how webhook targets are."""

    def __init__(self, read: ReadStatuses) -> None:
        self._read = read

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (route_of(LIST_WEBHOOKS, self.webhooks),)

    def webhooks(self, request: Request) -> Response:
        """Return all targets, in the order of the configuration."""
        read_parameters(request, LIST_WEBHOOKS)
        items = [WebhookAnswer.of(status) for status in self._read()]
        return json_response(ListAnswer(items=items))
