"""Writes and reads how far each webhook target is, and the messages to it.

One target has one message on its way at most, so few rows are written, and rarely.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.persistence.cell_values import Row, count, text, time, write_time
from adapters.persistence.store import SqlTradeStore
from adapters.webhooks.messages import WebhookMessage
from domain.orders.committed import Position, read_position


DEAD_READ_MAX: Final = 100
"""Of the messages that were given up, so many are read, the newest first."""

_EVENTS_MAX: Final = 10**15

_COLUMNS: Final = (
    "message_id, body, events, since, made_at, attempts, next_at, problem, is_dead"
)
_CHANGING: Final = 5
"""The cells from here on change with each attempt."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRecord:
    """What is on disk about a target."""

    position: Position | None
    """Of the last event that is in a message; None: never told of anything."""

    message: WebhookMessage | None
    """On its way."""

    dead: tuple[WebhookMessage, ...]
    """Given up, the newest first."""


class WebhookTable:
    """The rows of all targets, written by the database's single writer.

    Every call raises StoreUnavailableError if the database is out of reach, and
    TenureLostError if another service has taken it over.
    """

    def __init__(self, store: SqlTradeStore) -> None:
        self._store: Final = store

    def read(self, target: str) -> TargetRecord:
        """Read what is known of a target; what is unreadable is logged and left out."""

        def work(cursor: Any, mark: str) -> tuple[Row | None, Sequence[Row]]:
            cursor.execute(
                f"SELECT position FROM webhook_targets WHERE target = {mark}",  # noqa: S608 - constants
                (target,),
            )
            row = cursor.fetchone()
            cursor.execute(
                f"SELECT {_COLUMNS} FROM webhook_messages WHERE target = {mark} "  # noqa: S608 - constants
                f"ORDER BY is_dead, made_at DESC LIMIT {DEAD_READ_MAX + 1}",
                (target,),
            )
            return row, cursor.fetchall()

        row, rows = self._store.transact(work)
        found = [one for one in map(_message, rows) if one is not None]
        waiting = [one for one in found if not one.is_dead]
        return TargetRecord(
            position=None if row is None else _position(row),
            message=waiting[0] if waiting else None,
            dead=tuple(one for one in found if one.is_dead),
        )

    def keep(
        self, target: str, position: Position, message: WebhookMessage | None = None
    ) -> None:
        """Write how far a target is, with the message that leads there."""

        def work(cursor: Any, mark: str) -> None:
            cursor.execute(
                f"INSERT INTO webhook_targets VALUES ({mark}, {mark}) "  # noqa: S608 - constants
                "ON CONFLICT (target) DO UPDATE SET position = excluded.position",
                (target, str(position)),
            )
            if message is not None:
                marks = ", ".join([mark] * 10)
                cursor.execute(
                    f"INSERT INTO webhook_messages (target, {_COLUMNS}) "  # noqa: S608 - constants
                    f"VALUES ({marks}) ON CONFLICT DO NOTHING",
                    (target, *_cells(message)),
                )

        self._store.transact(work)

    def note_attempt(self, target: str, message: WebhookMessage) -> None:
        """Write what became of a message that was not taken."""

        def work(cursor: Any, mark: str) -> None:
            cursor.execute(
                f"UPDATE webhook_messages SET attempts = {mark}, next_at = {mark}, "  # noqa: S608 - constants
                f"problem = {mark}, is_dead = {mark} "
                f"WHERE target = {mark} AND message_id = {mark}",
                (*_cells(message)[_CHANGING:], target, message.message_id),
            )

        self._store.transact(work)

    def remove(self, target: str, message: WebhookMessage) -> None:
        """Forget a message that was taken."""

        def work(cursor: Any, mark: str) -> None:
            cursor.execute(
                f"DELETE FROM webhook_messages "  # noqa: S608 - constants
                f"WHERE target = {mark} AND message_id = {mark}",
                (target, message.message_id),
            )

        self._store.transact(work)


def _cells(one: WebhookMessage) -> tuple[Any, ...]:
    return (
        one.message_id,
        one.body,
        one.events,
        write_time(one.since),
        write_time(one.made_at),
        one.attempts,
        write_time(one.next_at),
        one.problem,
        int(one.is_dead),
    )


def _message(row: Row) -> WebhookMessage | None:
    message_id, body, events, since, made_at, *attempt = row
    attempts, next_at, problem, is_dead = attempt
    try:
        return WebhookMessage(
            message_id=text("message_id", message_id),
            body=text("body", body),
            events=count("events", events, _EVENTS_MAX),
            since=time("since", since),
            made_at=time("made_at", made_at),
            attempts=count("attempts", attempts),
            next_at=time("next_at", next_at),
            problem=text("problem", problem),
            is_dead=bool(count("is_dead", is_dead, 1)),
        )
    except ValueError as error:
        logger.error(  # noqa: TRY400 - of the row, not of ours
            "Webhook message unreadable, left out message=%r problem=%s",
            message_id,
            error,
        )
        return None


def _position(row: Row) -> Position | None:
    try:
        return read_position(text("position", row[0]))
    except ValueError as error:
        logger.error(  # noqa: TRY400 - of the row, not of ours
            "Webhook position unreadable; events from now on are told problem=%s", error
        )
        return None
