"""``run.py audit``: who made which call that may have changed something."""

from collections.abc import Sequence
from typing import Final

from adapters.api.audit import AuditEntryAnswer
from adapters.api.bodies import decoder_of
from adapters.cli.answers import page_of
from adapters.cli.order_reading import ListSource, print_list
from adapters.cli.order_tables import second_of
from adapters.cli.text_table import Column
from adapters.configuration.client_settings import PageSettings


_read_entry: Final = decoder_of(AuditEntryAnswer)


def list_audit(settings: PageSettings) -> int:
    """Print the audit trail, newest first.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    return print_list(settings, ListSource("/audit", page_of(_read_entry)), _columns)


def _columns(entries: Sequence[AuditEntryAnswer]) -> list[Column]:
    """Lay entries out, one a row."""
    statuses = [None if one.status is None else str(one.status) for one in entries]
    return [
        Column(title="time (UTC)", cells=[second_of(one.at) for one in entries]),
        Column(title="who", cells=[one.caller for one in entries]),
        Column(title="call", cells=[one.call for one in entries], is_words=True),
        Column(title="answer", cells=statuses),
        Column(title="code", cells=[one.code for one in entries], is_code=True, rank=1),
        Column(title="order", cells=[one.order_id for one in entries], rank=2),
        Column(title="from", cells=[one.peer for one in entries], rank=3),
    ]
