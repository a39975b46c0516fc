"""``run.py halt`` and ``run.py resume``: the operator's switch, from a terminal."""

from typing import Any

import click

from adapters.cli.service_client import call_service
from adapters.configuration.switch_settings import SwitchSettings


def throw_switch(name: str, settings: SwitchSettings) -> int:
    """Set the switch, and print its setting.

    Args:
        name: ``halt`` or ``resume``.
        settings: which service, and why.

    Raises:
        UnavailableError: the service does not answer, or refuses.
    """
    body = {"reason": settings.reason}
    state = call_service(settings, f"/{name}", body, _is_state, look_at="/halt")
    click.echo(_words(state))
    return 0


def _words(state: dict[str, Any]) -> str:
    if not state["halted"]:
        return "resumed: child orders leave again"
    in_flight = state["children_in_flight"]
    words = "halted: no child order leaves, none is in flight"
    if in_flight:
        have = "has" if in_flight == 1 else "have"
        words = "halted: no child order leaves; "
        words += f"{in_flight} sent before {have} no answer yet"
    if not state.get("on_disk", True):
        words += "; NOT ON DISK YET, the database is out of reach: it ends if the "
        words += "process does"
    return words


def _is_state(answer: dict[str, Any]) -> bool:
    return isinstance(answer.get("halted"), bool)
