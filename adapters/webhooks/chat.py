"""Sends messages to chats and mailboxes, by the package apprise.

It is an extra: ``pip install trade-executor[chat]``.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from adapters.configuration.secret_texts import secret_lines
from adapters.webhooks.chat_text import chat_text
from adapters.webhooks.delivery import Outcome, Send
from adapters.webhooks.messages import WebhookMessage
from domain.errors import ConfigurationError


if TYPE_CHECKING:
    from apprise import NotifyBase

URLS_VARIABLE: Final = "TRADE_EXECUTOR_CHAT_URLS"
"""Also read from the file that ``TRADE_EXECUTOR_CHAT_URLS_FILE`` names."""

TARGETS_MAX: Final = 8

_TEXT: Final = "text"
_LOGGER: Final = "apprise"
_STATUS: Final = re.compile(r"error=(\d{3})\b")


def chat_urls(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the URLs of chats and mailboxes; each is a password.

    Raises:
        ConfigurationError: they cannot be used; one line says why, and shows none.
    """
    urls = secret_lines(URLS_VARIABLE, environ)
    if len(urls) > TARGETS_MAX:
        raise ConfigurationError(f"{URLS_VARIABLE}: names more than {TARGETS_MAX}")
    if len(set(urls)) < len(urls):
        raise ConfigurationError(f"{URLS_VARIABLE}: names one twice")
    for number, url in enumerate(urls, start=1):
        if _opened(url) is None:
            problem = f"apprise does not know what URL {number} is"
            raise ConfigurationError(f"{URLS_VARIABLE}: {problem}")
    return urls


def chat_name(url: str) -> str:
    """Return a name without secrets that stays the same: its kind, and a hash."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f"{url.partition(':')[0]}-{digest}"


def chat_sender(url: str, environment: str) -> Send:
    """Return what sends messages to a chat or a mailbox.

    Args:
        url: apprise's, from the operator's configuration.
        environment: where the orders are traded, for the title.
    """
    target = _opened(url)
    assert target is not None  # checked when the configuration was read

    def send(message: WebhookMessage, _now: datetime) -> Outcome:
        text = chat_text(message, environment)
        with _Overheard() as overheard:
            is_taken = target.notify(
                title=text.title,
                body=text.body,
                notify_type="warning" if text.is_alarming else "info",
                body_format=_TEXT,
            )
        return Outcome(problem="" if is_taken else overheard.problem)

    return send


def _opened(url: str) -> "NotifyBase | None":
    """Return what apprise knows behind a URL.

    Only its services are used, not its threads: a process would wait for those at its
    end, and so for a target that hangs.
    """
    try:
        from apprise import Apprise, AppriseAsset, NotifyFormat
    except ImportError:
        needed = "the extra 'chat': pip install 'trade-executor[chat]'"
        raise ConfigurationError(f"{URLS_VARIABLE}: needs {needed}") from None
    asset = AppriseAsset(
        app_id="Trade Executor", app_desc="Trade Executor", secure_logging=True
    )
    with _Overheard():
        target = Apprise.instantiate(url, asset=asset)
    if target is not None:
        target.notify_format = NotifyFormat.TEXT
    return target


class _Overheard(logging.Filter):
    """Hears why apprise failed in this thread, and keeps its words out of our log.

    They may hold parts of a URL; only the status is for others to see.
    """

    def __init__(self) -> None:
        super().__init__()
        self.problem = "not taken"
        self._thread: Final = threading.get_ident()

    def __enter__(self) -> Self:
        logging.getLogger(_LOGGER).addFilter(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger(_LOGGER).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Note the last status that the target answered with."""
        if record.thread == self._thread and record.levelno >= logging.WARNING:
            found = _STATUS.search(record.getMessage())
            self.problem = f"answered {found[1]}" if found else "no answer"
        return False
