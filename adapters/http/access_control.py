"""Who may call: clients that use the service's own names, and no foreign web page.

Loopback is no login. A web page can make its visitor's browser call this service: by
its address (then the browser says where the page is from), or by a name of the page's
own that briefly leads here (DNS rebinding; then ``Host`` is that name). Clients other
than browsers can send any headers, and are not the concern here.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.api.codes import Code
from adapters.api.shown_text import shown
from adapters.http.log_throttle import LogThrottle
from adapters.http.problems import Problem
from domain.ports.observing import Meter


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

_AUTHORITY: Final = re.compile(
    r"(\[[0-9a-f:.]+\]|[0-9a-z._-]{1,253})(?::([0-9]{1,5}))?", re.ASCII
)
_ORIGIN: Final = re.compile(r"(https?)://(.+)")
_PORT_OF_SCHEME: Final = {"http": "80", "https": "443"}
_HOSTS_REMEMBERED_MAX: Final = 256
_AUTHORITY_LENGTH_MAX: Final = 260
_READS: Final = frozenset({"GET", "HEAD"})


class Authority(NamedTuple):
    """A host, in lower case and without brackets, and the port if one was named."""

    host: str
    port: str | None

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, which rebinding cannot produce."""
        try:
            return bool(
                IPv6Address(self.host) if ":" in self.host else IPv4Address(self.host)
            )
        except AddressValueError:
            return False


def read_authority(text: str) -> Authority | None:
    """Read ``host``, ``host:port`` or ``[IPv6]:port``; None for anything else."""
    return _read_authority(text) if len(text) <= _AUTHORITY_LENGTH_MAX else None


@lru_cache(maxsize=_HOSTS_REMEMBERED_MAX)
def _read_authority(text: str) -> Authority | None:
    found = _AUTHORITY.fullmatch(text.lower())
    if found is None:
        return None
    host = found[1].strip("[]").removesuffix(".")
    return Authority(host, found[2]) if host else None


class AccessControl:
    """Judges where a call comes from, before its content is read.

    ``Host`` must be an IP address, ``localhost`` or a configured name. Its port is
    ignored, because it differs behind a tunnel or a published port. A page's origin
    must be exactly the address that it calls, port included, or be configured.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Set the names.

        Args:
            names: each ``host`` or ``host:port``. Calls may name the host; pages may
                come from ``host:port``, or from the default port of http and https.
        """
        known = [one for one in map(read_authority, names) if one is not None]
        self._hosts = frozenset({"localhost", *(one.host for one in known)})
        self._origins = frozenset(known)
        self._seen: set[str] = set()

    def refusal(self, environ: "WSGIEnvironment") -> Problem | None:
        """Return why the call is not let in; None lets it in."""
        host = environ.get("HTTP_HOST")
        # A call without Host is HTTP/1.0, so an old health check, not a browser.
        if host is not None and host not in self._seen:
            if not self._knows(host):
                return _unknown_host(host)
            if len(self._seen) < _HOSTS_REMEMBERED_MAX:
                self._seen.add(host)
        origin = environ.get("HTTP_ORIGIN")
        site = environ.get("HTTP_SEC_FETCH_SITE")
        if origin is None and site is None:
            return None  # no page, or an old browser: see ``is_from_browser``
        if origin is not None and not self._is_own(origin, host or ""):
            return _foreign_origin(origin)
        return None if self._is_near(environ, origin, site) else _cross_site()

    def _knows(self, host: str) -> bool:
        asked = read_authority(host)
        if asked is None:
            return False
        return asked.host in self._hosts or asked.is_address

    def _is_own(self, origin: str, host: str) -> bool:
        found = _ORIGIN.fullmatch(origin.lower())
        page = read_authority(found[2]) if found else None
        if found is None or page is None:
            return False  # "null", or an extension's
        usual = _PORT_OF_SCHEME[found[1]]
        place = _with_port(page, usual)
        asked = read_authority(host)
        if asked is not None and _with_port(asked, usual) == place:
            return True
        return any(_with_port(one, usual) == place for one in self._origins)

    def _is_near(
        self, environ: "WSGIEnvironment", origin: str | None, site: str | None
    ) -> bool:
        if site in {None, "same-origin", "none"}:  # none: the user typed it
            return True
        if site == "same-site" and origin is not None:
            return True  # another host of the same owner, which is configured
        is_read = environ["REQUEST_METHOD"] in _READS
        return is_read and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"  # a link


class AccessGuard:
    """Judges calls for the server, and logs and counts those that it refuses."""

    def __init__(
        self,
        access: AccessControl,
        meter: Meter | None = None,
        now: Callable[[], float] = time.monotonic,
        authentication: Callable[["WSGIEnvironment"], Problem | None] | None = None,
    ) -> None:
        """Refuse nobody yet.

        Args:
            access: judges where calls come from.
            meter: counts the refusals with all answers.
            now: monotonic seconds.
            authentication: then judges who calls; logs by itself what it refuses.
        """
        self._access = access
        self._authentication = authentication
        self._meter = meter
        self._now = now
        self._throttles: dict[str, LogThrottle] = {}
        """By code: a page can cause many refusals."""

    def refusal(self, environ: "WSGIEnvironment") -> Problem | None:
        """Return why a call is not let in, judged by its head; None lets it in."""
        problem = self._access.refusal(environ)
        if problem is not None:
            self._log(problem.code, environ)
        elif self._authentication is not None:
            problem = self._authentication(environ)
        if problem is not None and self._meter is not None:
            self._meter.count("http_responses", kind=str(problem.status))
        return problem

    def _log(self, code: str, environ: "WSGIEnvironment") -> None:
        throttle = self._throttles.setdefault(code, LogThrottle(self._now))
        unlogged = throttle.admit()
        if unlogged is None:
            return
        logger.warning(
            "Call refused code=%s method=%s path=%s host=%s origin=%s peer=%s "
            "unlogged=%s",
            code,
            environ["REQUEST_METHOD"],
            shown(environ["PATH_INFO"]),
            shown(environ.get("HTTP_HOST", "")),
            shown(environ.get("HTTP_ORIGIN", "")),
            environ.get("REMOTE_ADDR"),
            unlogged,
        )


def link_refusal(environ: "WSGIEnvironment") -> Problem | None:
    """Return why a link is not followed; None if the call is none of another site's.

    For answers without an end: a page could follow many, in frames and windows, and
    each would keep a place.
    """
    if environ.get("HTTP_SEC_FETCH_MODE") != "navigate":
        return None
    site = environ.get("HTTP_SEC_FETCH_SITE")
    return None if site in {None, "same-origin", "none"} else _cross_site()


def is_from_browser(environ: "WSGIEnvironment") -> bool:
    """Whether a call has a header that browsers set and pages cannot remove.

    Browsers before 2020 let a page post without a body, and send nothing that shows it
    but their own name.
    """
    marks = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_REFERER")
    if any(mark in environ for mark in marks):
        return True
    agent: str = environ.get("HTTP_USER_AGENT", "")
    return agent.startswith(("Mozilla/", "Opera/"))


def _with_port(authority: Authority, usual: str) -> tuple[str, str]:
    return authority.host, authority.port or usual


def _unknown_host(host: str) -> Problem:
    name = read_authority(host)
    advice = f"; if it is, start it with --allowed-hosts {name.host}" if name else ""
    detail = f"Host {shown(host)} is no name of this service{advice}"
    return _forbidden(Code.HOST_NOT_ALLOWED, detail)


def _foreign_origin(origin: str) -> Problem:
    detail = f"pages of {shown(origin)} may not call this service"
    return _forbidden(Code.ORIGIN_NOT_ALLOWED, detail)


def _cross_site() -> Problem:
    detail = "pages of other sites may not call this service"
    return _forbidden(Code.CROSS_SITE_REQUEST, detail)


def _forbidden(code: str, detail: str) -> Problem:
    return Problem(status=HTTPStatus.FORBIDDEN, code=code, detail=detail)
