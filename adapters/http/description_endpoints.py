"""The description of the API, for programs."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import msgspec

from adapters.api.all_calls import CALLS
from adapters.api.openapi import describe
from adapters.api.service_calls import READ_DESCRIPTION
from adapters.http.request_reading import Request
from adapters.http.response import JSON_TYPE, Response
from adapters.http.routes import Route, route_of


_NOT_INSTALLED: Final = "0"


class DescriptionEndpoints:
    """Return the OpenAPI document."""

    def routes(self) -> Sequence[Route]:
        """Return the route of every call."""
        return (route_of(READ_DESCRIPTION, self.document),)

    def document(self, _request: Request) -> Response:
        """Return the document, which is made when it is first asked for."""
        return Response(_document(), JSON_TYPE)


@cache
def _document() -> bytes:
    try:
        of_package = version("trade-executor")
    except PackageNotFoundError:  # run from its source tree
        of_package = _NOT_INSTALLED
    return msgspec.json.encode(describe(CALLS, of_package))
