"""Sends one message to one target, once: signed, without redirects or proxies."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

from standardwebhooks import Webhook
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Retry

from adapters.network.bounded_answer import whole_within
from adapters.webhooks.messages import WebhookMessage


CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0
"""For each wait while sending, and for all of an answer's head, however it trickles.

Standard Webhooks asks for 15 to 30 s."""

GONE: Final = 410
_TAKEN: Final = range(200, 300)
_ERRORS: Final = (HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt."""

    problem: str
    """Empty if the target took the message."""

    is_gone: bool = False
    """The target wants no more."""

    retry_after: timedelta = timedelta(0)
    """How long the target wants to be left alone."""


Send = Callable[[WebhookMessage, datetime], Outcome]
"""Sends a message at this time of day; takes up to half a minute."""


def sender(url: str, secret: str, answer_seconds: float = ANSWER_SECONDS) -> Send:
    """Return what sends messages to a URL; each on a connection of its own.

    Args:
        url: ``http`` or ``https``, from the operator's configuration.
        secret: signs them; ``whsec_`` and base64.
        answer_seconds: see ``ANSWER_SECONDS``.
    """
    signer = Webhook(secret)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def send(message: WebhookMessage, now: datetime) -> Outcome:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "trade-executor",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(message.message_id, now, message.body),
        }
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            answer = _post(connection, path, message.body, headers, answer_seconds)
        except _ERRORS as error:
            return Outcome(problem=_cause(error))
        finally:
            connection.close()
        if answer.status in _TAKEN:
            return Outcome(problem="")
        return Outcome(
            problem=f"answered {answer.status}",
            is_gone=answer.status == GONE,
            retry_after=_retry_after(answer),
        )

    return send


def _post(
    connection: HTTPConnection,
    path: str,
    body: str,
    headers: Mapping[str, str],
    answer_seconds: float,
) -> HTTPResponse:
    """Return the answer's head; its body is nobody's business."""
    connection.response_class = whole_within(answer_seconds)
    connection.connect()
    if connection.sock is not None:
        connection.sock.settimeout(answer_seconds)
    connection.timeout = answer_seconds
    connection.request(
        "POST", path, body=body.encode(), headers=headers, preload_content=False
    )
    return connection.getresponse()


def _retry_after(answer: HTTPResponse) -> timedelta:
    """Read the header ``Retry-After``: seconds, or a time of day."""
    text = answer.headers.get("Retry-After")
    if text is None:
        return timedelta(0)
    try:
        return timedelta(seconds=Retry().parse_retry_after(text))
    except (HTTPError, OverflowError, ValueError):
        return timedelta(0)


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        tls = ssl.create_default_context()
        return HTTPSConnection(host, port, ssl_context=tls, timeout=CONNECT_SECONDS)
    return HTTPConnection(host, port, timeout=CONNECT_SECONDS)


def _cause(error: Exception) -> str:
    """Describe an error without the URL, whose path may be a secret."""
    root: BaseException = error
    while (inner := root.__cause__ or root.__context__) is not None:
        root = inner
    words = getattr(root, "strerror", None)
    return f"{type(error).__name__}: {words or type(root).__name__}"
