"""Calls the running service, from another terminal."""

from collections.abc import Callable
from typing import Any, Final

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from adapters.configuration.switch_settings import ServiceLocation
from adapters.http.service_addresses import url_of_address
from domain.errors import DeskTimeoutError, UnavailableError


TIMEOUT_SECONDS: Final = 10.0

_ERRORS_FROM: Final = 400
_PROXY_ERRORS_FROM: Final = 500
"""A proxy's 502 or 504 says only that it has no answer for us."""


def call_service(
    place: ServiceLocation,
    path: str,
    body: dict[str, Any],
    is_ours: Callable[[dict[str, Any]], bool],
    look_at: str,
) -> dict[str, Any]:
    """Post to a service, and return its answer.

    Args:
        place: where the service is.
        path: of the call, below ``/api/v1``.
        body: of the call.
        is_ours: whether an answer can be the service's, because another program may be
            listening there.
        look_at: path that shows whether the call was carried out.

    Raises:
        DeskTimeoutError: the service, or a proxy in front of it, was called, but no
            answer came.
        UnavailableError: the service does not answer, or refuses.
    """
    base = f"{place.url or url_of_address(place.host, place.port)}/api/v1"
    url = base + path
    try:
        answer = urllib3.request(
            "POST", url, json=body, timeout=TIMEOUT_SECONDS, retries=False
        )
    except (ReadTimeoutError, ProtocolError) as error:
        why = f"no answer from {url} ({type(error).__name__})"
        raise _may_be_done(why, base + look_at) from error
    except HTTPError as error:
        kind = type(error).__name__
        raise UnavailableError(f"no service answers at {url} ({kind})") from error
    found = _members(answer, is_ours)
    if found is None:
        raise _not_ours(url, answer.status, base + look_at)
    if answer.status >= _ERRORS_FROM:
        raise UnavailableError(f"{found.get('code')}: {found.get('detail')}")
    return found


def _not_ours(url: str, status: int, shown_by: str) -> UnavailableError:
    """Say that another program answered, not the service."""
    if status >= _PROXY_ERRORS_FROM:
        why = f"HTTP {status} from {url}, and not in the service's words"
        return _may_be_done(why, shown_by)
    why = f"HTTP {status} from another program"
    return UnavailableError(f"no service answers at {url} ({why})")


def _may_be_done(why: str, shown_by: str) -> DeskTimeoutError:
    words = f"{why}, it may be carried out all the same: look at GET {shown_by}, and "
    return DeskTimeoutError(words + "try again")


def _members(
    answer: BaseHTTPResponse, is_ours: Callable[[dict[str, Any]], bool]
) -> dict[str, Any] | None:
    """Return the answer's members; None when it cannot be the service's."""
    try:
        found = answer.json()
    except ValueError:
        return None
    is_read = isinstance(found, dict) and ("detail" in found or is_ours(found))
    return found if is_read else None
