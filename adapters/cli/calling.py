"""Calling the running service, from another terminal."""

from collections.abc import Callable
from typing import Any, Final

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from adapters.configuration.switch_settings import Place
from adapters.http.addresses import url_of_address
from domain.errors import DeskTimeoutError, UnavailableError


TIMEOUT_SECONDS: Final = 10.0

_ERRORS_FROM: Final = 400


def call_service(
    place: Place,
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
        DeskTimeoutError: the service was called, and gave no answer.
        UnavailableError: the service does not answer, or refuses.
    """
    base = f"{place.url or url_of_address(place.host, place.port)}/api/v1"
    url = base + path
    try:
        answer = urllib3.request(
            "POST", url, json=body, timeout=TIMEOUT_SECONDS, retries=False
        )
        found = _members(answer.json(), is_ours)
    except (ReadTimeoutError, ProtocolError) as error:
        words = f"no answer from {url} ({type(error).__name__}), it may be carried out "
        words += f"all the same: look at GET {base}{look_at}, and try again"
        raise DeskTimeoutError(words) from error
    except (HTTPError, ValueError) as error:
        kind = type(error).__name__
        raise UnavailableError(f"no service answers at {url} ({kind})") from error
    if answer.status >= _ERRORS_FROM:
        raise UnavailableError(f"{found.get('code')}: {found.get('detail')}")
    return found


def _members(
    answer: object, is_ours: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    if isinstance(answer, dict) and ("detail" in answer or is_ours(answer)):
        return answer
    raise ValueError("another program's answer")
