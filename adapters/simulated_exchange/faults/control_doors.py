"""Who may reach the control endpoint: no page of anybody else's.

The switches have no login, and loopback is none: a web page can have its visitor's
browser call them. They are guarded by the same doors as the service. The rest of the
exchange is open to pages, as the venue is.
"""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from msgspec import json

from adapters.http.access_control import AccessControl, is_from_browser
from adapters.simulated_exchange.rest.replies import reply


PREFIX: Final = "/control/"
_READS: Final = frozenset({"GET", "HEAD"})
_HEADERS: Final = (
    "Host",
    "Origin",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Referer",
    "User-Agent",
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarding(doors: AccessControl) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the middleware that lets in only calls for the exchange's own names."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if len(request.headers.getall("Host", ())) > 1:
            return _refused(HTTPStatus.BAD_REQUEST, "Host is given more than once")
        if not _is_for_its_host(request):
            return _refused(HTTPStatus.BAD_REQUEST, "Host is not that of the address")
        if not request.path.startswith(PREFIX):
            return await handler(request)
        environ = _environ_of(request)
        problem = doors.refusal(environ)
        if problem is not None:
            return _refused(HTTPStatus.FORBIDDEN, f"not let in: {problem.code}")
        # A page can post texts and forms without asking, as long as it is no JSON.
        is_json = request.content_type == "application/json"
        if request.method not in _READS and is_from_browser(environ) and not is_json:
            text = "the content type must be application/json"
            return _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text)
        return await handler(request)

    return guard


def _is_for_its_host(request: web.Request) -> bool:
    """Whether an address, where one is given in place of a path, has the same host."""
    scheme, _, rest = request.raw_path.partition("://")
    if not rest or "/" in scheme:
        return True
    asked = re.split("[/?#]", rest, maxsplit=1)[0]
    return asked.lower() == request.headers.get("Host", "").lower()


def _environ_of(request: web.Request) -> dict[str, Any]:
    """Return what the doors look at, in the names of WSGI.

    As there, a header that is given more than once is all of it: what browsers say
    once cannot be hidden behind a further one.
    """
    environ: dict[str, Any] = {"REQUEST_METHOD": request.method}
    for name in _HEADERS:
        said = request.headers.getall(name, ())
        if said:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = ", ".join(said)
    return environ


def _refused(status: HTTPStatus, text: str) -> web.Response:
    answer = reply(json.encode({"error": text}), status=status)
    if status is HTTPStatus.BAD_REQUEST:
        answer.force_close()  # who knows what follows
    return answer
