"""Keeps passwords and keys out of logs and messages."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, quote_plus, unquote


HIDDEN: Final = "***"
SECRET_VARIABLES: Final = (
    "TRADE_EXECUTOR_API_KEY",
    "TRADE_EXECUTOR_API_SECRET",
    "TRADE_EXECUTOR_CHAT_URLS",
    "TRADE_EXECUTOR_TOKEN",
    "TRADE_EXECUTOR_WEBHOOK_SECRET",
)
LENGTH_MIN: Final = 4
"""Shorter texts are not hidden: they would occur in half of all words."""

_PASSWORD: Final = re.compile(r"://[^:/@]*:(.*)@|[?&]password=([^&]*)")


class Redactor:
    """Replaces known secrets in texts, as they are and percent-encoded."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this text, too, from now on."""
        known = set(self._forms)
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            if len(secret) >= LENGTH_MIN:
                known.add(form)
        # Longest first, because one secret may be part of another.
        self._forms = tuple(sorted(known, key=len, reverse=True))

    def hide(self, text: str) -> str:
        """Return the text with every known secret replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text


def secrets_in(environ: Mapping[str, str], database_url: str = "") -> tuple[str, ...]:
    """Collect the secrets of the environment and the database URL."""
    found = [environ[name].strip() for name in SECRET_VARIABLES if environ.get(name)]
    for match in _PASSWORD.finditer(database_url):
        password = match[1] or match[2] or ""
        found += [password, unquote(password)]
    return tuple(secret for secret in found if secret)


def without_password(url: str) -> str:
    """Return a database URL without its password."""

    def hidden(match: re.Match[str]) -> str:
        start, end = match.span(1 if match[1] is not None else 2)
        return f"{url[match.start() : start]}{HIDDEN}{url[end : match.end()]}"

    return _PASSWORD.sub(hidden, url)
