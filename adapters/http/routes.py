"""Which endpoint answers which call."""

from collections.abc import Callable
from typing import NamedTuple

from adapters.http.deferred_response import DeferredResponse
from adapters.http.response import Response


Endpoint = Callable[..., Response | DeferredResponse]
"""Takes the request, and the variables of its path by name."""


class Route(NamedTuple):
    """Where an endpoint is."""

    method: str
    path: str
    """With its variables in angle brackets: ``/api/v1/orders/<order_id>``."""

    endpoint: Endpoint

    @property
    def is_fixed(self) -> bool:
        """Whether the path has no variables."""
        return "<" not in self.path
