"""``run.py halt`` and ``run.py resume``: the operator's switch, from a terminal."""

from adapters.api.service import HaltAnswer
from adapters.cli.answers import read_halt
from adapters.cli.output import Output
from adapters.cli.service_client import Call, ServiceClient
from adapters.configuration.switch_settings import SwitchSettings


def throw_switch(name: str, settings: SwitchSettings) -> int:
    """Set the switch, and print its setting.

    Args:
        name: ``halt`` or ``resume``.
        settings: which service, and why.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    call = Call(
        method="POST",
        path=f"/{name}",
        body={"reason": settings.reason},
        read=read_halt,
        look_at="/halt",
    )
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    output.answer(reply, lambda: output.line(_words(reply.answer)))
    return 0


def _words(state: HaltAnswer) -> str:
    if not state.halted:
        return "resumed: child orders leave again"
    in_flight = state.children_in_flight
    words = "halted: no child order leaves, none is in flight"
    if in_flight:
        have = "has" if in_flight == 1 else "have"
        words = "halted: no child order leaves; "
        words += f"{in_flight} sent before {have} no answer yet"
    if not state.on_disk:
        words += "; NOT ON DISK YET, the database is out of reach: it ends if the "
        words += "process does"
    return words
