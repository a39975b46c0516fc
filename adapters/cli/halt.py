"""``run.py halt`` and ``run.py resume``: the operator's switch, from a terminal."""

from typing import Any, Final

import click
import urllib3
from urllib3.exceptions import HTTPError

from adapters.configuration.switch_settings import SwitchSettings
from adapters.http.addresses import url_of_address
from domain.errors import UnavailableError


TIMEOUT_SECONDS: Final = 10.0

_ERRORS_FROM: Final = 400


def throw_switch(name: str, settings: SwitchSettings) -> int:
    """Throw the switch, and say how it stands then.

    Args:
        name: ``halt`` or ``resume``.
        settings: which service, and why.

    Raises:
        UnavailableError: the service does not answer, or refuses.
    """
    url = settings.url or url_of_address(settings.host, settings.port)
    state = _call(f"{url}/api/v1/{name}", {"reason": settings.reason})
    click.echo(_words(state))
    return 0


def _words(state: dict[str, Any]) -> str:
    if not state["halted"]:
        return "resumed: child orders leave again"
    in_flight = state["children_in_flight"]
    words = "halted: no child order leaves, none is in flight"
    if in_flight:
        words = "halted: no child order leaves; "
        words += f"{in_flight} sent before have no answer yet"
    if not state.get("on_disk", True):
        words += "; NOT ON DISK YET, the database is out of reach: it ends if the "
        words += "process does"
    return words


def _call(url: str, body: dict[str, str]) -> dict[str, Any]:
    try:
        answer = urllib3.request(
            "POST", url, json=body, timeout=TIMEOUT_SECONDS, retries=False
        )
        found = _members(answer.json())
    except (HTTPError, ValueError) as error:
        kind = type(error).__name__
        raise UnavailableError(f"no service answers at {url} ({kind})") from error
    if answer.status >= _ERRORS_FROM:
        raise UnavailableError(f"{found.get('code')}: {found.get('detail')}")
    return found


def _members(answer: object) -> dict[str, Any]:
    """Return the answer of a service; whoever listens there may be another program."""
    is_ours = isinstance(answer, dict) and (
        isinstance(answer.get("halted"), bool) or "detail" in answer
    )
    if not is_ours:
        raise ValueError("another program's answer")
    assert isinstance(answer, dict)
    return answer
