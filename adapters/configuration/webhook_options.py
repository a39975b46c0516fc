"""The options that say which servers are told of orders, and of what."""

import ipaddress
import re
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from adapters.configuration.option_values import window_of
from adapters.configuration.options import Option
from domain.orders.order import OrderStep


TARGETS_MAX: Final = 8

KINDS_DEFAULT: Final = (
    "PART_FILLED,FILLED,CANCELED,EXPIRED,REJECTED,HELD,RELEASED,CHILD_UNKNOWN"
)


def webhook_urls_of(text: str) -> tuple[str, ...]:
    """Read URLs, separated by commas; empty means none.

    Messages show no URL: many a target's path is its password.
    """
    urls = tuple(part.strip() for part in text.split(",")) if text else ()
    if len(urls) > TARGETS_MAX:
        raise ValueError(f"names more than {TARGETS_MAX} targets")
    if len(set(urls)) < len(urls):
        raise ValueError("names a target twice")
    for number, url in enumerate(urls, start=1):
        if not _is_usable(url):
            raise ValueError(
                f"URL {number} must read https://HOST[:PORT]/PATH, without a user; "
                "http:// is for this machine only"
            )
    return urls


def webhook_kinds_of(text: str) -> frozenset[OrderStep]:
    """Read kinds of events, separated by commas."""
    words = [part.strip().upper() for part in text.split(",")]
    known = {step.value: step for step in OrderStep}
    for word in words:
        if word not in known:
            raise ValueError(f"{word!r} is not one of {', '.join(known)}")
    return frozenset(known[word] for word in words)


WEBHOOK_OPTIONS: Final = (
    Option(
        name="webhook-urls",
        read=webhook_urls_of,
        default="",
        metavar="URL,...",
        help="Servers to tell of orders; see docs/notifications.md. Needs "
        "TRADE_EXECUTOR_WEBHOOK_SECRET, or its _FILE.",
    ),
    Option(
        name="webhook-kinds",
        read=webhook_kinds_of,
        default=KINDS_DEFAULT,
        metavar="KIND,...",
        help="Kinds of events that they are told of.",
    ),
    Option(
        name="webhook-interval",
        read=window_of(timedelta(seconds=1), timedelta(hours=1)),
        default="60s",
        metavar="TIME",
        help="From one message to the next at least; what happens meanwhile is told "
        "in one.",
    ),
)


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or re.search(r"[^!-~]|[@#\\]", url):
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
