"""Makes the webhook targets that the operator has configured."""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from adapters.configuration.secret_texts import secret_text
from adapters.configuration.settings import ServeSettings
from adapters.metrics.meter import PrometheusMeter
from adapters.trading_environment import TradingEnvironment
from adapters.webhooks.chat import chat_name, chat_sender, chat_urls
from adapters.webhooks.delivery import Send, sender
from adapters.webhooks.target import Surroundings, Table, Target, TargetSettings
from adapters.webhooks.webhooks import Webhooks
from domain.errors import ConfigurationError
from domain.ports.events import EventSource
from domain.ports.runtime import Clock


SECRET_VARIABLE: Final = "TRADE_EXECUTOR_WEBHOOK_SECRET"  # noqa: S105 - its name
"""Also read from the file that ``TRADE_EXECUTOR_WEBHOOK_SECRET_FILE`` names."""

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)


def webhook_secret(settings: ServeSettings, environ: Mapping[str, str]) -> str:
    """Return the secret that signs messages; empty if there are no targets.

    Raises:
        ConfigurationError: it is missing, or none; one line says why.
    """
    if not settings.webhook_urls:
        return ""
    secret = secret_text(SECRET_VARIABLE, environ)
    if not secret:
        problem = f"needs {SECRET_VARIABLE} or {SECRET_VARIABLE}_FILE"
        raise ConfigurationError(f"--webhook-urls: {problem}")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        problem = f"must read {_PREFIX} and the base64 of 24 to 64 random bytes"
        raise ConfigurationError(f"{SECRET_VARIABLE}: {problem}")
    return secret


def secrets_of_webhooks(
    settings: ServeSettings, environ: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what no log may hold.

    Raises:
        ConfigurationError: as ``webhook_secret`` and ``chat_urls``.
    """
    secret = webhook_secret(settings, environ)
    return (secret, *settings.webhook_urls, *chat_urls(environ))


def target_name(url: str) -> str:
    """Return a name without secrets that stays the same: its host, and a hash."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f"{urlsplit(url).hostname}-{digest}"


def open_webhooks(
    settings: ServeSettings,
    table: Table,
    events: EventSource,
    clock: Clock,
    meter: PrometheusMeter,
) -> Webhooks:
    """Subscribe every target, chats included; none is told anything before the start.

    Raises:
        ConfigurationError: there is no usable secret, or URL of a chat.
        StoreUnavailableError: the database is out of reach.
    """
    secret = webhook_secret(settings, os.environ)
    shared = Surroundings(events=events, table=table, clock=clock, meter=meter)
    environment = str(TradingEnvironment.under(settings))
    sends: list[tuple[str, Send]] = [
        *((target_name(url), sender(url, secret)) for url in settings.webhook_urls),
        *(
            (chat_name(url), chat_sender(url, environment))
            for url in chat_urls(os.environ)
        ),
    ]
    targets = [
        Target(
            TargetSettings(
                name=name,
                kinds=settings.webhook_kinds,
                interval=settings.webhook_interval,
            ),
            send,
            shared,
        )
        for name, send in sends
    ]
    webhooks = Webhooks(targets)
    _show(webhooks, meter)
    return webhooks


def _show(webhooks: Webhooks, meter: PrometheusMeter) -> None:
    waiting, oldest = webhooks.waiting, webhooks.oldest_timestamps
    meaning = "Events not told yet, as far as they have been read"
    meter.add_gauges("webhook_waiting_events", meaning, "target", waiting)
    name = "webhook_oldest_event_timestamp_seconds"
    meaning = "When the oldest event that is not told yet occurred; 0: all are told"
    meter.add_gauges(name, meaning, "target", oldest)
    meaning = "1 for a target that answered 410, else 0"
    meter.add_gauges("webhook_disabled", meaning, "target", webhooks.disabled)
    meaning = "Messages that were given up, up to 100"
    meter.add_gauges("webhook_dead_letters", meaning, "target", webhooks.dead)
