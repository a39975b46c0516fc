"""Judges the head of a request, and writes it down as WSGI has it.

aiohttp's parser refuses what is not HTTP. Here is refused what a proxy in front may
read otherwise than this service: then the two would not agree where a request ends, or
for whom it is.
"""

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes, urlsplit

from adapters.api.codes import Code
from adapters.http.access_control import read_authority
from adapters.http.problems import CODE_OF_STATUS, Problem
from adapters.http.request_reading import BODY_BYTES_MAX


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from aiohttp.typedefs import RawHeaders

HEADERS_MAX: Final = 100
"""Headers of a request."""

HEADER_BYTES_MAX: Final = 16 * 1024
"""For the request line and all headers."""

_NAMES_REMEMBERED_MAX: Final = 256
_BARE: Final = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
"""Headers whose names WSGI does not prefix."""

_BASE: Final[dict[str, object]] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": None,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


def refusal(status: int, detail: str | None = None) -> Problem:
    """Refuse what is no proper request."""
    found = HTTPStatus(status)
    return Problem(
        status=found,
        code=CODE_OF_STATUS.get(found, Code.MALFORMED_REQUEST),
        detail=detail or found.phrase,
    )


def body_too_long() -> Problem:
    """Refuse a body for its length."""
    return refusal(413, f"the body is longer than {BODY_BYTES_MAX} bytes")


def read_head(
    method: str, target: str, minor: int, raw_headers: "RawHeaders", peer: str
) -> "WSGIEnvironment | Problem":
    """Write a request's head down, without its body.

    Args:
        method: as it was sent.
        target: path or address, with its query, undecoded.
        minor: of the version, which is 1.x.
        raw_headers: name and value of each.
        peer: the client's address.

    Returns:
        The environment of the call, or why it is refused.
    """
    environ: WSGIEnvironment = {
        **_BASE,
        "REQUEST_METHOD": method,
        "SERVER_PROTOCOL": f"HTTP/1.{minor}",
        "REMOTE_ADDR": peer,
    }
    size = len(target)
    for name, value in raw_headers:
        size += len(name) + len(value)
        key = _key(name)
        if key is not None:
            text = value.decode("latin-1")
            known = environ.get(key)
            environ[key] = text if known is None else f"{known}, {text}"
    if len(raw_headers) > HEADERS_MAX:
        return refusal(431, f"more than {HEADERS_MAX} headers")
    if size > HEADER_BYTES_MAX:
        return refusal(431)
    fault = _read_target(target, environ) or _framing_fault(minor, environ)
    if fault is not None:
        return refusal(400, fault)
    if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        return refusal(501)
    return environ


@lru_cache(maxsize=_NAMES_REMEMBERED_MAX)
def _key(name: bytes) -> str | None:
    """Return the name that WSGI has for a header; None for one that it cannot tell."""
    if b"_" in name:
        return None  # it would pass for the one with a hyphen
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in _BARE else f"HTTP_{key}"


def _read_target(target: str, environ: "WSGIEnvironment") -> str | None:
    """Add path and query; return what is wrong with them, if something is."""
    host = environ.get("HTTP_HOST")
    if not host and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        return "Host is missing"
    if host and read_authority(host) is None:
        return "Host is malformed"
    if "#" in target:
        return "the path has a fragment"
    path, _, query = target.partition("?")
    if not path.startswith("/") and path != "*":
        address = urlsplit(target)
        if address.netloc.lower() != (host or "").lower():
            return "Host is not that of the address"
        path = address.path or "/"
    environ["PATH_INFO"] = _unquoted(path)
    environ["QUERY_STRING"] = query
    return None


def _unquoted(path: str) -> str:
    if "%" not in path and path.isascii():
        return path
    return unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode("latin-1")


def _framing_fault(minor: int, environ: "WSGIEnvironment") -> str | None:
    encoding = environ.get("HTTP_TRANSFER_ENCODING")
    if encoding is None:
        return None
    if minor == 0:
        return "Transfer-Encoding needs HTTP/1.1"
    if "CONTENT_LENGTH" in environ:
        return "Content-Length and Transfer-Encoding exclude each other"
    parts = [part.strip(" \t").lower() for part in encoding.split(",")]
    if "" in parts or parts.count("chunked") > 1:
        return "Transfer-Encoding is malformed"
    return None
