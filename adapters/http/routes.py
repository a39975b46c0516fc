"""Which endpoint answers which call."""

from collections.abc import Callable
from typing import NamedTuple

from adapters.access.scopes import Scope
from adapters.api.calls import Call
from adapters.http.deferred_response import DeferredResponse
from adapters.http.response import Response


Endpoint = Callable[..., Response | DeferredResponse]
"""Takes the request, and the variables of its path by name."""


class Route(NamedTuple):
    """Where an endpoint is."""

    method: str
    path: str
    """With its variables in braces: ``/api/v1/orders/{order_id}``."""

    endpoint: Endpoint
    scope: Scope
    """What a caller must be allowed to do."""

    is_limited: bool = True
    """Whether there is a limit to how often a token may call it."""

    @property
    def is_fixed(self) -> bool:
        """Whether the path has no variables."""
        return "{" not in self.path

    @property
    def rule(self) -> str:
        """Return the path as Flask has it."""
        return self.path.replace("{", "<").replace("}", ">")


def route_of(call: Call, endpoint: Endpoint) -> Route:
    """Return the route of a call of the API, which is where its description says."""
    return Route(call.method, call.path, endpoint, call.scope, call.is_limited)
