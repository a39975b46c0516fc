"""``run.py halt`` and ``run.py resume``: the operator's switch, from a terminal."""

from typing import Any, Final

import click
import urllib3
from urllib3.exceptions import HTTPError

from domain.errors import UnavailableError


URL_DEFAULT: Final = "http://127.0.0.1:8080"
TIMEOUT_SECONDS: Final = 10.0

_ERRORS_FROM: Final = 400


def switch_command(name: str, text: str) -> click.Command:
    """Define one of the two commands.

    Args:
        name: ``halt`` or ``resume``.
        text: what it does, in a sentence.
    """
    reason = click.Option(
        ["--reason"], default="", metavar="TEXT", help="Kept with the switch, on disk."
    )
    url = click.Option(
        ["--url"],
        default=URL_DEFAULT,
        show_default=True,
        metavar="URL",
        help="The running service.",
    )
    return click.Command(
        name,
        callback=lambda url, reason: _throw(url, name, reason),
        params=[reason, url],
        help=f"{text} Speaks to the running service over HTTP.",
        short_help=text,
    )


def _throw(url: str, name: str, reason: str) -> int:
    """Throw the switch, and say how it stands then.

    Raises:
        UnavailableError: the service does not answer, or refuses.
    """
    state = _call(f"{url.rstrip('/')}/api/v1/{name}", {"reason": reason})
    click.echo(_words(state))
    return 0


def _words(state: dict[str, Any]) -> str:
    if not state["halted"]:
        return "resumed: child orders leave again"
    in_flight = state["children_in_flight"]
    if not in_flight:
        return "halted: no child order leaves, none is in flight"
    return f"halted: no child order leaves; {in_flight} sent before have no answer yet"


def _call(url: str, body: dict[str, str]) -> dict[str, Any]:
    try:
        answer = urllib3.request(
            "POST", url, json=body, timeout=TIMEOUT_SECONDS, retries=False
        )
        found = answer.json()
    except (HTTPError, ValueError) as error:
        kind = type(error).__name__
        raise UnavailableError(f"no service answers at {url} ({kind})") from error
    if answer.status >= _ERRORS_FROM:
        raise UnavailableError(f"{found.get('code')}: {found.get('detail')}")
    return dict(found)
