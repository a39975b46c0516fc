"""Every refusal of the HTTP interface: its status, code and body (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from msgspec import UNSET

from adapters.api.bodies import encode
from adapters.api.codes import CODES, Code
from adapters.api.problems import FieldFault, ProblemAnswer
from adapters.api.shown_text import shown
from adapters.http.response import Response
from domain.errors import (
    DeskTimeoutError,
    InvalidRequestError,
    StoreOutcomeUnknownError,
    StoreUnavailableError,
    TenureLostError,
    TradeExecutorError,
    UnavailableError,
    UnreadableRecordError,
)
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import Symbol


PROBLEM_TYPE: Final = "application/problem+json"

RETRY_AFTER_SECONDS: Final = "1"
"""Sent with every 503, because our own troubles are short, or need an operator."""

CHALLENGE: Final = 'Bearer realm="trade-executor"'
"""Sent with every 401, as HTTP wants it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A refusal, as it is answered."""

    status: HTTPStatus
    code: str
    detail: str
    field: str | None = None
    """The field, parameter or header to blame, if it is one."""

    faults: tuple[FieldFault, ...] = ()
    """The faults, if several fields are to blame."""

    supported: tuple[str, ...] | None = None
    """The supported symbols, when the symbol is not one of them."""

    retry_after: int | None = None
    """In how many seconds the call may be made again, if that is known."""

    def answer(self) -> ProblemAnswer:
        """Show the problem."""
        return ProblemAnswer(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            code=self.code,
            field=UNSET if self.field is None else self.field,
            errors=list(self.faults) or UNSET,
            supported=UNSET if self.supported is None else list(self.supported),
        )

    def body(self) -> bytes:
        """Write the problem as a JSON object."""
        return encode(self.answer())

    def response(self, *headers: tuple[str, str]) -> Response:
        """Make the response to send, with further headers if there are any."""
        if self.status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers = (*headers, ("Retry-After", RETRY_AFTER_SECONDS))
        elif self.retry_after is not None:
            headers = (*headers, ("Retry-After", str(self.retry_after)))
        elif self.status is HTTPStatus.UNAUTHORIZED:
            headers = (*headers, ("WWW-Authenticate", CHALLENGE))
        return Response(self.body(), PROBLEM_TYPE, self.status, headers)


class ProblemError(Exception):
    """Raised while a request is read, and answered with its problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail)


CODE_OF_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: Code.MALFORMED_REQUEST,
        404: Code.UNKNOWN_PATH,
        405: Code.METHOD_NOT_ALLOWED,
        413: Code.BODY_TOO_LARGE,
        415: Code.UNSUPPORTED_MEDIA_TYPE,
        431: Code.HEADERS_TOO_LARGE,
        501: Code.UNSUPPORTED_TRANSFER,
        503: Code.TOO_MANY_CONNECTIONS,
    }
)
"""Codes of what Flask or the server refuses by itself; anything else is our bug."""

_BUSY: Final = HTTPStatus.SERVICE_UNAVAILABLE

ANSWER_OF_ERROR: Final[Sequence[tuple[type[TradeExecutorError], HTTPStatus, str]]] = (
    (StoreOutcomeUnknownError, _BUSY, RefusalCode.TIMEOUT.value),
    (StoreUnavailableError, _BUSY, RefusalCode.STORE_UNAVAILABLE.value),
    (TenureLostError, _BUSY, RefusalCode.STOPPING.value),
    (
        UnreadableRecordError,
        HTTPStatus.CONFLICT,
        RefusalCode.ORDER_UNREADABLE.value,
    ),
    (DeskTimeoutError, _BUSY, RefusalCode.TIMEOUT.value),
    (UnavailableError, _BUSY, Code.UNAVAILABLE),
    (InvalidRequestError, HTTPStatus.BAD_REQUEST, Code.INVALID_REQUEST),
)
"""The first class that matches decides; an error that matches none is a bug: 500."""


def refused(refusal: Refusal) -> Problem:
    """Turn a refusal into an answer."""
    return Problem(
        status=CODES[refusal.code].status,
        code=refusal.code.value,
        detail=refusal.detail,
        field=refusal.field,
    )


def failed(error: TradeExecutorError) -> Problem:
    """Turn an error that was raised on purpose into an answer."""
    for kind, status, code in ANSWER_OF_ERROR:
        if isinstance(error, kind):
            return Problem(status=status, code=code, detail=str(error) or code)
    return internal_error()


def internal_error() -> Problem:
    """Answer a bug without details, which go to the log."""
    return Problem(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code=Code.INTERNAL_ERROR,
        detail="the service failed on this request; its log says why",
    )


def method_not_allowed(method: str, path: str) -> Problem:
    """Say that a path does not know a method."""
    return Problem(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        code=Code.METHOD_NOT_ALLOWED,
        detail=f"{shown(method)} cannot be done at {shown(path)}",
    )


def unsupported_symbol(
    status: HTTPStatus, symbol: str, supported: Sequence[Symbol]
) -> Problem:
    """Say which symbols there are."""
    return Problem(
        status=status,
        code=RefusalCode.UNKNOWN_SYMBOL.value,
        detail=f"{shown(symbol)} is not supported; supported: {', '.join(supported)}",
        field="symbol",
        supported=tuple(supported),
    )


def unknown_order(order_id: str) -> ProblemError:
    """Say that there is no such order."""
    return ProblemError(
        Problem(
            status=HTTPStatus.NOT_FOUND,
            code=RefusalCode.UNKNOWN_ORDER.value,
            detail=f"there is no order {shown(order_id)}",
        )
    )


def malformed(code: str, detail: str, field: str | None = None) -> ProblemError:
    """Say that the request cannot be read."""
    status = HTTPStatus.BAD_REQUEST
    return ProblemError(Problem(status=status, code=code, detail=detail, field=field))


def impossible(faults: Sequence[FieldFault]) -> ProblemError:
    """Say which fields of a well-formed request are wrong; there is at least one."""
    if len(faults) == 1:
        (fault,) = faults
        problem = Problem(
            status=CODES[fault.code].status,
            code=fault.code,
            detail=fault.detail,
            field=fault.field,
        )
    else:
        problem = Problem(
            status=CODES[Code.FIELDS_INVALID].status,
            code=Code.FIELDS_INVALID,
            detail="; ".join(fault.detail for fault in faults),
            faults=tuple(faults),
        )
    return ProblemError(problem)
