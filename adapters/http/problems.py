"""Every refusal of the HTTP interface: its status, code and body (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from msgspec import UNSET

from adapters.api.bodies import encode
from adapters.api.problems import FieldFault, ProblemAnswer
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

_TEXT_SHOWN: Final = 60


class Code:
    """Stable codes of the HTTP layer itself, besides those of ``RefusalCode``."""

    MALFORMED_REQUEST: Final = "MALFORMED_REQUEST"
    HOST_NOT_ALLOWED: Final = "HOST_NOT_ALLOWED"
    ORIGIN_NOT_ALLOWED: Final = "ORIGIN_NOT_ALLOWED"
    CROSS_SITE_REQUEST: Final = "CROSS_SITE_REQUEST"
    UNKNOWN_PATH: Final = "UNKNOWN_PATH"
    METHOD_NOT_ALLOWED: Final = "METHOD_NOT_ALLOWED"
    BODY_TOO_LARGE: Final = "BODY_TOO_LARGE"
    HEADERS_TOO_LARGE: Final = "HEADERS_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE: Final = "UNSUPPORTED_MEDIA_TYPE"
    UNSUPPORTED_TRANSFER: Final = "UNSUPPORTED_TRANSFER"
    TOO_MANY_CONNECTIONS: Final = "TOO_MANY_CONNECTIONS"
    TOO_MANY_LISTENERS: Final = "TOO_MANY_LISTENERS"
    POSITION_BEYOND_END: Final = "POSITION_BEYOND_END"
    MALFORMED_JSON: Final = "MALFORMED_JSON"
    DUPLICATE_FIELD: Final = "DUPLICATE_FIELD"
    PARAMETER_UNKNOWN: Final = "PARAMETER_UNKNOWN"
    PARAMETER_INVALID: Final = "PARAMETER_INVALID"
    HEADER_INVALID: Final = "HEADER_INVALID"
    FIELD_MISSING: Final = "FIELD_MISSING"
    FIELD_UNKNOWN: Final = "FIELD_UNKNOWN"
    FIELD_INVALID: Final = "FIELD_INVALID"
    FIELDS_INVALID: Final = "FIELDS_INVALID"
    INVALID_REQUEST: Final = "INVALID_REQUEST"
    UNAVAILABLE: Final = "UNAVAILABLE"
    INTERNAL_ERROR: Final = "INTERNAL_ERROR"


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

    def body(self) -> bytes:
        """Write the problem as a JSON object."""
        answer = ProblemAnswer(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            code=self.code,
            field=UNSET if self.field is None else self.field,
            errors=list(self.faults) or UNSET,
            supported=UNSET if self.supported is None else list(self.supported),
        )
        return encode(answer)

    def response(self, *headers: tuple[str, str]) -> Response:
        """Make the response to send, with further headers if there are any."""
        if self.status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers = (*headers, ("Retry-After", RETRY_AFTER_SECONDS))
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

_IMPOSSIBLE: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_BUSY: Final = HTTPStatus.SERVICE_UNAVAILABLE

STATUS_OF_REFUSAL: Final[Mapping[RefusalCode, HTTPStatus]] = MappingProxyType(
    {
        RefusalCode.UNKNOWN_SYMBOL: _IMPOSSIBLE,
        RefusalCode.SYMBOL_NOT_TRADING: _IMPOSSIBLE,
        RefusalCode.PRICE_OFF_TICK: _IMPOSSIBLE,
        RefusalCode.PRICE_BELOW_MINIMUM: _IMPOSSIBLE,
        RefusalCode.PRICE_ABOVE_MAXIMUM: _IMPOSSIBLE,
        RefusalCode.QUANTITY_OFF_LOT: _IMPOSSIBLE,
        RefusalCode.QUANTITY_BELOW_MINIMUM: _IMPOSSIBLE,
        RefusalCode.QUANTITY_ABOVE_MAXIMUM: _IMPOSSIBLE,
        RefusalCode.QUANTITY_NOT_ABOVE_FILLED: _IMPOSSIBLE,
        RefusalCode.NOTIONAL_BELOW_MINIMUM: _IMPOSSIBLE,
        RefusalCode.NOTIONAL_ABOVE_MAXIMUM: _IMPOSSIBLE,
        RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT: _IMPOSSIBLE,
        RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT: _IMPOSSIBLE,
        RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT: _IMPOSSIBLE,
        RefusalCode.PRICE_OUTSIDE_COLLAR: _IMPOSSIBLE,
        RefusalCode.CHILD_RATE_ABOVE_LIMIT: _IMPOSSIBLE,
        RefusalCode.INSUFFICIENT_BALANCE: _IMPOSSIBLE,
        RefusalCode.EXPIRES_AT_MISSING: _IMPOSSIBLE,
        RefusalCode.EXPIRES_AT_UNEXPECTED: _IMPOSSIBLE,
        RefusalCode.EXPIRES_AT_IN_THE_PAST: _IMPOSSIBLE,
        RefusalCode.IDEMPOTENCY_KEY_REUSED: HTTPStatus.CONFLICT,
        RefusalCode.CLIENT_ORDER_ID_REUSED: HTTPStatus.CONFLICT,
        RefusalCode.UNKNOWN_ORDER: HTTPStatus.NOT_FOUND,
        RefusalCode.ORDER_ENDED: HTTPStatus.CONFLICT,
        RefusalCode.UNKNOWN_CHILD: HTTPStatus.NOT_FOUND,
        RefusalCode.CHILD_IN_FLIGHT: HTTPStatus.CONFLICT,
        RefusalCode.CHILD_SETTLED: HTTPStatus.CONFLICT,
        RefusalCode.TRADE_BOOKED: HTTPStatus.CONFLICT,
        RefusalCode.CHILD_NOT_SETTLED: HTTPStatus.CONFLICT,
        RefusalCode.ORDER_NOT_WORKED: HTTPStatus.CONFLICT,
        RefusalCode.ORDER_UNREADABLE: HTTPStatus.CONFLICT,
        RefusalCode.STORE_UNAVAILABLE: _BUSY,
        RefusalCode.RESUME_NOT_ON_DISK: _BUSY,
        RefusalCode.STOPPING: _BUSY,
        RefusalCode.TIMEOUT: _BUSY,
    }
)

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
        status=STATUS_OF_REFUSAL[refusal.code],
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
            status=_IMPOSSIBLE,
            code=fault.code,
            detail=fault.detail,
            field=fault.field,
        )
    else:
        problem = Problem(
            status=_IMPOSSIBLE,
            code=Code.FIELDS_INVALID,
            detail="; ".join(fault.detail for fault in faults),
            faults=tuple(faults),
        )
    return ProblemError(problem)


def shown(text: str) -> str:
    """Quote a client's text, cut to a length that fits a sentence."""
    return repr(shortened(text))


def shortened(text: str) -> str:
    """Cut a client's text to a length that fits a sentence."""
    return text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN]}..."
