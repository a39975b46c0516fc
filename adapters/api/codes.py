"""Codes of refusals: stable words for programs, each with a status and a meaning."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.reasons import RefusalCode


class Code:
    """Codes of the API itself, besides those of ``RefusalCode``."""

    MALFORMED_REQUEST: Final = "MALFORMED_REQUEST"
    HOST_NOT_ALLOWED: Final = "HOST_NOT_ALLOWED"
    ORIGIN_NOT_ALLOWED: Final = "ORIGIN_NOT_ALLOWED"
    CROSS_SITE_REQUEST: Final = "CROSS_SITE_REQUEST"
    TOKEN_MISSING: Final = "TOKEN_MISSING"  # noqa: S105 - a code
    TOKEN_MALFORMED: Final = "TOKEN_MALFORMED"  # noqa: S105 - a code
    TOKEN_UNKNOWN: Final = "TOKEN_UNKNOWN"  # noqa: S105 - a code
    TOO_MANY_CALLS: Final = "TOO_MANY_CALLS"
    TOO_MANY_WRONG_TOKENS: Final = "TOO_MANY_WRONG_TOKENS"
    SCOPE_TOO_NARROW: Final = "SCOPE_TOO_NARROW"
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


class Meaning(NamedTuple):
    """What a code says."""

    status: HTTPStatus
    """It is always answered with."""

    words: str
    """For people."""


_MALFORMED: Final = HTTPStatus.BAD_REQUEST
_UNAUTHORIZED: Final = HTTPStatus.UNAUTHORIZED
_FORBIDDEN: Final = HTTPStatus.FORBIDDEN
_UNKNOWN: Final = HTTPStatus.NOT_FOUND
_TOO_MANY: Final = HTTPStatus.TOO_MANY_REQUESTS
_CONFLICT: Final = HTTPStatus.CONFLICT
_IMPOSSIBLE: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_BUSY: Final = HTTPStatus.SERVICE_UNAVAILABLE

_OF_THE_API: Final[Mapping[str, Meaning]] = {
    Code.MALFORMED_REQUEST: Meaning(_MALFORMED, "It is not HTTP as it should be."),
    Code.MALFORMED_JSON: Meaning(_MALFORMED, "The body is not a JSON object."),
    Code.DUPLICATE_FIELD: Meaning(_MALFORMED, "A field is given twice."),
    Code.PARAMETER_UNKNOWN: Meaning(_MALFORMED, "There is no such query parameter."),
    Code.PARAMETER_INVALID: Meaning(_MALFORMED, "A query parameter is wrong."),
    Code.HEADER_INVALID: Meaning(_MALFORMED, "A header is wrong."),
    Code.INVALID_REQUEST: Meaning(_MALFORMED, "The request can never work."),
    Code.TOKEN_MISSING: Meaning(_UNAUTHORIZED, "The call needs a token."),
    Code.TOKEN_MALFORMED: Meaning(
        _UNAUTHORIZED, "The token is mistyped, or not all there."
    ),
    Code.TOKEN_UNKNOWN: Meaning(
        _UNAUTHORIZED, "There is no such token, or it was revoked."
    ),
    Code.TOO_MANY_WRONG_TOKENS: Meaning(
        _TOO_MANY,
        "Too many wrong tokens came from the client's address; a right one is let in "
        "all the same.",
    ),
    Code.TOO_MANY_CALLS: Meaning(
        _TOO_MANY, "The token has made more calls a second than it may."
    ),
    Code.SCOPE_TOO_NARROW: Meaning(
        _FORBIDDEN, "The token's scope does not include the call."
    ),
    Code.HOST_NOT_ALLOWED: Meaning(
        _FORBIDDEN, "The service was called by a name that is not its own."
    ),
    Code.ORIGIN_NOT_ALLOWED: Meaning(
        _FORBIDDEN, "A page of another origin made the call."
    ),
    Code.CROSS_SITE_REQUEST: Meaning(
        _FORBIDDEN, "A page of another site made the call."
    ),
    Code.UNKNOWN_PATH: Meaning(_UNKNOWN, "There is nothing at this path."),
    Code.METHOD_NOT_ALLOWED: Meaning(
        HTTPStatus.METHOD_NOT_ALLOWED, "The path does not know this method."
    ),
    Code.POSITION_BEYOND_END: Meaning(
        _CONFLICT,
        "This database never gave such a position, so what the client knows is not "
        "its history: begin anew, without a position.",
    ),
    Code.BODY_TOO_LARGE: Meaning(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is longer than 64 KiB, or comes in tiny chunks.",
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: Meaning(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is not `application/json`."
    ),
    Code.FIELD_MISSING: Meaning(_IMPOSSIBLE, "A field is missing or null."),
    Code.FIELD_UNKNOWN: Meaning(_IMPOSSIBLE, "There is no such field."),
    Code.FIELD_INVALID: Meaning(_IMPOSSIBLE, "A field is not what it must be."),
    Code.FIELDS_INVALID: Meaning(
        _IMPOSSIBLE, "Several fields are wrong; `errors` has each."
    ),
    Code.HEADERS_TOO_LARGE: Meaning(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers have 16 KiB or more, or there are more than 100.",
    ),
    Code.INTERNAL_ERROR: Meaning(
        HTTPStatus.INTERNAL_SERVER_ERROR, "A bug; the service's log says which."
    ),
    Code.UNSUPPORTED_TRANSFER: Meaning(
        HTTPStatus.NOT_IMPLEMENTED, "A transfer encoding other than `chunked`."
    ),
    Code.TOO_MANY_CONNECTIONS: Meaning(_BUSY, "All connections are taken."),
    Code.TOO_MANY_LISTENERS: Meaning(_BUSY, "All places of the stream are taken."),
    Code.UNAVAILABLE: Meaning(_BUSY, "A part of the service is out of reach."),
}

_OF_ORDERS: Final[Mapping[str, Meaning]] = {
    RefusalCode.UNKNOWN_SYMBOL: Meaning(
        _IMPOSSIBLE, "The symbol is not traded here; `supported` has those that are."
    ),
    RefusalCode.SYMBOL_NOT_TRADING: Meaning(
        _IMPOSSIBLE, "The venue does not trade the symbol now."
    ),
    RefusalCode.PRICE_OFF_TICK: Meaning(
        _IMPOSSIBLE, "The price is no multiple of the symbol's `tick_size`."
    ),
    RefusalCode.PRICE_BELOW_MINIMUM: Meaning(
        _IMPOSSIBLE, "The price is below the venue's minimum."
    ),
    RefusalCode.PRICE_ABOVE_MAXIMUM: Meaning(
        _IMPOSSIBLE, "The price is above the venue's maximum."
    ),
    RefusalCode.QUANTITY_OFF_LOT: Meaning(
        _IMPOSSIBLE, "The quantity is no multiple of the symbol's `step_size`."
    ),
    RefusalCode.QUANTITY_BELOW_MINIMUM: Meaning(
        _IMPOSSIBLE, "The quantity is below the venue's minimum."
    ),
    RefusalCode.QUANTITY_ABOVE_MAXIMUM: Meaning(
        _IMPOSSIBLE, "The quantity is above the venue's maximum."
    ),
    RefusalCode.QUANTITY_NOT_ABOVE_FILLED: Meaning(
        _IMPOSSIBLE, "So much is filled already."
    ),
    RefusalCode.NOTIONAL_BELOW_MINIMUM: Meaning(
        _IMPOSSIBLE, "Price times quantity is below the venue's minimum."
    ),
    RefusalCode.NOTIONAL_ABOVE_MAXIMUM: Meaning(
        _IMPOSSIBLE, "Price times quantity is above the venue's maximum."
    ),
    RefusalCode.ORDER_NOTIONAL_ABOVE_LIMIT: Meaning(
        _IMPOSSIBLE, "Price times quantity is above the operator's limit of an order."
    ),
    RefusalCode.CHILD_NOTIONAL_ABOVE_LIMIT: Meaning(
        _IMPOSSIBLE, "It could not be done in one child order within the limit of one."
    ),
    RefusalCode.OPEN_NOTIONAL_ABOVE_LIMIT: Meaning(
        _IMPOSSIBLE, "All open orders together would be above the operator's limit."
    ),
    RefusalCode.PRICE_OUTSIDE_COLLAR: Meaning(
        _IMPOSSIBLE, "A child order's price is too far from the market; in events only."
    ),
    RefusalCode.CHILD_RATE_ABOVE_LIMIT: Meaning(
        _IMPOSSIBLE, "Too many child orders a minute; in events only."
    ),
    RefusalCode.INSUFFICIENT_BALANCE: Meaning(
        _IMPOSSIBLE, "The account does not have what the order would give away."
    ),
    RefusalCode.EXPIRES_AT_MISSING: Meaning(
        _IMPOSSIBLE, "A `GTD` order needs `expires_at`."
    ),
    RefusalCode.EXPIRES_AT_UNEXPECTED: Meaning(
        _IMPOSSIBLE, "Only a `GTD` order has `expires_at`."
    ),
    RefusalCode.EXPIRES_AT_IN_THE_PAST: Meaning(
        _IMPOSSIBLE, "`expires_at` is over already."
    ),
    RefusalCode.IDEMPOTENCY_KEY_REUSED: Meaning(
        _CONFLICT, "The `Idempotency-Key` was used before, for another request."
    ),
    RefusalCode.CLIENT_ORDER_ID_REUSED: Meaning(
        _CONFLICT, "The `client_order_id` was used before, for another order."
    ),
    RefusalCode.UNKNOWN_ORDER: Meaning(_UNKNOWN, "There is no such order."),
    RefusalCode.ORDER_ENDED: Meaning(
        _CONFLICT, "The order has ended, so that it cannot be changed any more."
    ),
    RefusalCode.UNKNOWN_CHILD: Meaning(_UNKNOWN, "There is no such child order."),
    RefusalCode.CHILD_IN_FLIGHT: Meaning(
        _CONFLICT, "The venue's answer is still awaited: nobody can state it yet."
    ),
    RefusalCode.CHILD_SETTLED: Meaning(
        _CONFLICT, "The child order has ended, and otherwise than stated."
    ),
    RefusalCode.TRADE_BOOKED: Meaning(
        _CONFLICT, "A stated trade is booked already, for another child order."
    ),
    RefusalCode.CHILD_NOT_SETTLED: Meaning(
        _CONFLICT, "A child order has to be settled by hand first."
    ),
    RefusalCode.ORDER_NEVER_WAITS: Meaning(
        _CONFLICT, "An `IOC` or `FOK` order has one try, so that it cannot be paused."
    ),
    RefusalCode.ORDER_NOT_WORKED: Meaning(
        _CONFLICT, "The order's symbol is not traded by this run of the service."
    ),
    RefusalCode.ORDER_UNREADABLE: Meaning(
        _CONFLICT, "The order's records on disk are unreadable; a person must repair."
    ),
    RefusalCode.STORE_UNAVAILABLE: Meaning(_BUSY, "The database is out of reach."),
    RefusalCode.RESUME_NOT_ON_DISK: Meaning(
        _BUSY, "Trading stays halted until the resume is on disk."
    ),
    RefusalCode.STOPPING: Meaning(_BUSY, "The service is stopping."),
    RefusalCode.TIMEOUT: Meaning(
        _BUSY, "No answer within 5 s. It may have been done all the same."
    ),
}

CODES: Final[Mapping[str, Meaning]] = MappingProxyType({**_OF_THE_API, **_OF_ORDERS})
