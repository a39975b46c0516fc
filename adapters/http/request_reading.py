"""Reads requests: JSON whose numbers never become floats, headers, parameters."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wsgi import get_content_length, get_input_stream, get_path_info

from adapters.api.amounts import NumberText
from adapters.api.calls import Call
from adapters.api.codes import Code
from adapters.api.request_fields import SYMBOL_LENGTH_MAX, IdempotencyKey, Instant
from adapters.api.shown_text import shortened, shown
from adapters.http.access_control import is_from_browser
from adapters.http.problems import (
    Problem,
    ProblemError,
    malformed,
)
from domain.values import Symbol


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

D = TypeVar("D", int, None)

BODY_BYTES_MAX: Final = 64 * 1024

_JSON_TYPES: Final = frozenset({"application/json", "application/json; charset=utf-8"})
_DIGITS: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Request:
    """The environment of a WSGI call; what it holds is read when it is asked for."""

    __slots__ = ("_body", "environ")

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self.environ = environ
        self._body: bytes | None = None

    @property
    def method(self) -> str:
        """Such as ``POST``."""
        method: str = self.environ["REQUEST_METHOD"]
        return method.upper()

    @property
    def path(self) -> str:
        """Without percent-encoding, as UTF-8; it begins with one slash."""
        return "/" + get_path_info(self.environ).lstrip("/")

    def body(self) -> bytes:
        """Read the body, at the first call.

        Raises:
            RequestEntityTooLarge: it is longer than ``BODY_BYTES_MAX``.
            ClientDisconnected: the client sent less than it had announced.
        """
        if self._body is None:
            self._body = _read_body(self.environ)
        return self._body


def read_object(request: Request) -> dict[str, object]:
    """Read the body as a JSON object.

    Returns:
        Members by name. Numbers are ``NumberText``; objects inside are dicts.

    Raises:
        ProblemError: 415 for another content type, 400 when it is not one object of
            strict JSON: also for repeated names, NaN, NUL and lone surrogates.
        RequestEntityTooLarge: the body is longer than ``BODY_BYTES_MAX``.
    """
    _check_content_type(request)
    body = request.body()
    if not body:
        raise malformed(Code.MALFORMED_JSON, "the body is empty")
    try:
        text = body.decode("utf-8")
        members = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        at = error.start
        raise _not_json(f"byte {at} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise _not_json("it is nested too deeply") from error
    if not isinstance(members, dict):
        raise malformed(Code.MALFORMED_JSON, "the body must be a JSON object")
    if "\\u" in text:  # only an escape can smuggle in what UTF-8 and JSON forbid
        _check_text(members)
    return members


def read_optional_object(request: Request) -> dict[str, object]:
    """Read the body as ``read_object`` does; no body counts as an empty object.

    A web form can do harm without a body, so a call that may come from one must name a
    content type that no form can have, body or not. Others need one only with a body.

    Raises:
        ProblemError: as ``read_object``.
    """
    if request.body():
        return read_object(request)
    if request.environ.get("CONTENT_TYPE") or is_from_browser(request.environ):
        _check_content_type(request)
    return {}


def read_idempotency_key(request: Request) -> str | None:
    """Read the header of that name; None when the client did not send it.

    Raises:
        ProblemError: 400 unless it is 1 to 255 visible ASCII characters.
    """
    key: str | None = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    try:
        return None if key is None else str(IdempotencyKey.read(key))
    except ValueError as error:
        detail = f"Idempotency-Key {error}"
        raise malformed(Code.HEADER_INVALID, detail, "Idempotency-Key") from None


def read_parameters(request: Request, call: Call) -> dict[str, str]:
    """Read the query parameters of a call, each at most once.

    Raises:
        ProblemError: 400 for any other parameter, and for a repeated one.
    """
    if not request.environ.get("QUERY_STRING"):
        return {}
    try:
        arguments = WerkzeugRequest(request.environ, populate_request=False).args
    except UnicodeDecodeError as error:
        detail = "the query is not percent-encoded UTF-8"
        raise malformed(Code.MALFORMED_REQUEST, detail) from error
    known = call.query_names
    parameters: dict[str, str] = {}
    for name, values in arguments.lists():
        if name not in known:
            possible = f"possible: {', '.join(known)}" if known else "there are none"
            detail = f"unknown query parameter {shown(name)}; {possible}"
            raise malformed(Code.PARAMETER_UNKNOWN, detail, shortened(name))
        if len(values) > 1:
            raise bad_parameter(name, "may be given only once")
        parameters[name] = values[0]
    return parameters


def read_limit(parameters: dict[str, str], default: int, maximum: int) -> int:
    """Read the parameter ``limit``: a whole number from 1 to ``maximum``.

    Raises:
        ProblemError: 400 when it is anything else.
    """
    return read_number(parameters, "limit", default, maximum)


def read_number(
    parameters: dict[str, str], name: str, default: D, maximum: int
) -> int | D:
    """Read a parameter that is a whole number from 1 to ``maximum``.

    Raises:
        ProblemError: 400 when it is anything else.
    """
    text = parameters.get(name)
    if text is None:
        return default
    if _DIGITS.fullmatch(text) is None or not 1 <= int(text) <= maximum:
        raise bad_parameter(name, f"must be a whole number from 1 to {maximum}")
    return int(text)


def read_flag(parameters: dict[str, str], name: str) -> bool:
    """Read a parameter that is ``true`` or ``false``; left out, it is false.

    Raises:
        ProblemError: 400 when it is anything else.
    """
    text = parameters.get(name, "false")
    if text not in {"true", "false"}:
        raise bad_parameter(name, "must be true or false")
    return text == "true"


def read_symbol(parameters: dict[str, str]) -> Symbol | None:
    """Read the parameter ``symbol``; None if it is not given.

    Raises:
        ProblemError: 400 for what is no symbol's name.
    """
    text = parameters.get("symbol")
    if text is None:
        return None
    if not 1 <= len(text) <= SYMBOL_LENGTH_MAX or not text.isprintable():
        raise bad_parameter("symbol", "must be a symbol such as BNBUSDT")
    return Symbol(text)


def read_span(
    parameters: Mapping[str, str],
) -> tuple[datetime | None, datetime | None]:
    """Read ``since`` and ``until``, the first of which is within the span.

    Raises:
        ProblemError: 400 when one is no time, or nothing lies between them.
    """
    since, until = _read_time(parameters, "since"), _read_time(parameters, "until")
    if since is not None and until is not None and since >= until:
        raise bad_parameter("until", "must be later than since")
    return since, until


def _read_time(parameters: Mapping[str, str], name: str) -> datetime | None:
    text = parameters.get(name)
    try:
        return None if text is None else Instant.read(text).plain()
    except ValueError as error:
        raise bad_parameter(name, str(error)) from error


def bad_parameter(name: str, words: str) -> ProblemError:
    """Say what a query parameter must be."""
    return malformed(Code.PARAMETER_INVALID, f"{name} {words}", name)


def _read_body(environ: "WSGIEnvironment") -> bytes:
    if not environ.get("wsgi.input_terminated"):
        return get_input_stream(environ, max_content_length=BODY_BYTES_MAX).read()
    # It ends where the body does, so Werkzeug need not stand guard.
    body: bytes = environ["wsgi.input"].read(BODY_BYTES_MAX + 1)
    if max(len(body), get_content_length(environ) or 0) > BODY_BYTES_MAX:
        raise RequestEntityTooLarge
    return body


def _check_content_type(request: Request) -> None:
    environ = request.environ
    if environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise _unsupported("the body must be sent without a Content-Encoding")
    stated = environ.get("CONTENT_TYPE", "")
    if stated in _JSON_TYPES:
        return  # so nearly every request skips the parsing below
    mimetype, parameters = parse_options_header(stated)
    charset = parameters.get("charset", "utf-8").lower()
    if mimetype.lower() != "application/json" or charset not in {"utf-8", "utf8"}:
        raise _unsupported("the body must be application/json in UTF-8")


def _unsupported(detail: str) -> ProblemError:
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return ProblemError(
        Problem(status=status, code=Code.UNSUPPORTED_MEDIA_TYPE, detail=detail)
    )


def _not_json(cause: str) -> ProblemError:
    return malformed(Code.MALFORMED_JSON, f"the body is not JSON: {cause}")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            _check_text(name)
            detail = f"the field {shown(name)} is given more than once"
            raise malformed(Code.DUPLICATE_FIELD, detail, shortened(name))
        seen.add(name)
    raise AssertionError


def _no_constant(name: str) -> NoReturn:
    raise _not_json(f"{name} is not a JSON number")


def _check_text(content: object) -> None:
    """Refuse what UTF-8 and JSON forbid, however deep it lies."""
    unchecked = [content]
    while unchecked:
        one = unchecked.pop()
        if isinstance(one, dict):
            unchecked += (*one, *one.values())
        elif isinstance(one, list):
            unchecked += one
        elif isinstance(one, str) and not _is_clean(one):
            raise _not_json("it holds a NUL or half a surrogate pair")


def _is_clean(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=_no_constant,
)
