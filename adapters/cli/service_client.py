"""Calling the running service, from another terminal."""

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
"""With 502 or 504 a proxy says no more than that it has no answer for us."""


def call_service(
    place: ServiceLocation,
    path: str,
    body: dict[str, Any],
    is_ours: Callable[[dict[str, Any]], bool],
    look_at: str,
) -> dict[str, Any]:
    """Post to a service, and return what it answers.

    Args:
        place: where it is.
        path: of the call, below ``/api/v1``.
        body: of it.
        is_ours: whether an answer can be the service's; whoever listens there may be
            another program.
        look_at: path that shows whether the call was carried out.

    Raises:
        DeskTimeoutError: the service was called, or a proxy in front of it, and its
            answer did not come.
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
    """Say that somebody answered, and not the service."""
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
    """Return what the service says; None when it cannot be the service that does."""
    try:
        found = answer.json()
    except ValueError:
        return None
    is_read = isinstance(found, dict) and ("detail" in found or is_ours(found))
    return found if is_read else None
