"""How a call of the API is described."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from adapters.access.scopes import Scope
from adapters.api.codes import CODES, Code
from adapters.api.request_fields import IdempotencyKey, Instant
from domain.pages import PAGE_MAX
from domain.reasons import RefusalCode


JSON_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a client may say in the path, the query or a header."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call is answered with when it is not refused."""

    status: HTTPStatus
    description: str
    body: Any
    """The struct that it is; of other content types a schema."""

    other_body: type | None = None
    """The struct that it is instead, as the query says."""

    content_type: str = JSON_TYPE
    text_type: str | None = None
    """The content type of the text that it is instead, if the client wants one."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """What each says, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: where it is, what it takes, and every answer that it gives."""

    name: str
    """Such as ``placeOrder``; clients that are made from the description use it."""

    method: str
    path: str
    """With its variables in braces: ``/api/v1/orders/{order_id}``."""

    topic: str
    """Under which it is listed."""

    summary: str
    description: str = ""
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    bodies: Sequence[type] = ()
    """The structs that the request's body may be; none if it has no body."""

    example: Mapping[str, Any] = field(default_factory=dict)
    """A body that one can begin with."""

    is_body_required: bool = True
    answers: Sequence[Answer] = ()
    codes: frozenset[str] = frozenset()
    """Of the refusals, besides those of every call and of every body."""

    other_status: Mapping[str, HTTPStatus] = field(default_factory=dict)
    """Of codes that it answers with another status than usual."""

    checks_query: bool = True
    """Whether a query parameter that is not described is refused."""

    own_scope: Scope | None = None
    """What a caller must be allowed to do, if the method does not say it."""

    is_limited: bool = True
    """Whether there is a limit to how often a token may make it. Not if it stops
    something: a client that has done too much must be able to stop it."""

    is_open: bool = False
    """Whether it never needs a token."""

    @property
    def scope(self) -> Scope:
        """What a caller must be allowed to do."""
        if self.own_scope is not None:
            return self.own_scope
        return Scope.READ if self.method == "GET" else Scope.TRADE

    @property
    def variables(self) -> Sequence[Parameter]:
        """What the path's variables are."""
        return [one for name, one in VARIABLES.items() if f"{{{name}}}" in self.path]

    @property
    def query_names(self) -> Sequence[str]:
        """Return the names of its query parameters."""
        return [one.name for one in self.query]

    def refusals(self) -> Mapping[HTTPStatus, Sequence[str]]:
        """Return the codes of every refusal that it can be answered with, by status."""
        found: dict[HTTPStatus, list[str]] = {}
        for code in sorted(self._all_codes()):
            status = self.other_status.get(code) or CODES[code].status
            found.setdefault(status, []).append(str(code))
        return found

    def _codes_of_access(self) -> AbstractSet[str]:
        found = set()
        if not self.is_open:
            found.add(Code.TOKEN_MISSING)
        if not self.is_open and self.is_limited:
            found.add(Code.TOO_MANY_CALLS)
        if self.scope is not Scope.READ:
            found.add(Code.SCOPE_TOO_NARROW)
        return found

    def _all_codes(self) -> AbstractSet[str]:
        found = set(EVERY_CALL | self.codes) | self._codes_of_access()
        if self.variables:
            found.add(Code.UNKNOWN_PATH)
        if self.checks_query:
            found.add(Code.PARAMETER_UNKNOWN)
        if self.query:
            found.add(Code.PARAMETER_INVALID)
        if self.headers:
            found.add(Code.HEADER_INVALID)
        if self.bodies:
            found |= EVERY_BODY
        return found


EVERY_CALL: Final = frozenset(
    {
        Code.MALFORMED_REQUEST,
        Code.TOKEN_MALFORMED,
        Code.TOKEN_UNKNOWN,
        Code.TOO_MANY_WRONG_TOKENS,
        Code.HOST_NOT_ALLOWED,
        Code.ORIGIN_NOT_ALLOWED,
        Code.CROSS_SITE_REQUEST,
        Code.BODY_TOO_LARGE,
        Code.HEADERS_TOO_LARGE,
        Code.UNSUPPORTED_TRANSFER,
        Code.TOO_MANY_CONNECTIONS,
        Code.INTERNAL_ERROR,
    }
)
EVERY_BODY: Final = frozenset(
    {
        Code.MALFORMED_JSON,
        Code.DUPLICATE_FIELD,
        Code.UNSUPPORTED_MEDIA_TYPE,
        Code.FIELD_MISSING,
        Code.FIELD_UNKNOWN,
        Code.FIELD_INVALID,
        Code.FIELDS_INVALID,
    }
)
DISK: Final = frozenset(
    {
        RefusalCode.STORE_UNAVAILABLE,
        RefusalCode.TIMEOUT,
        RefusalCode.STOPPING,
        Code.UNAVAILABLE,
        Code.INVALID_REQUEST,
    }
)
"""Of calls that need the database, or an actor."""

ONE_ORDER: Final = DISK | {RefusalCode.UNKNOWN_ORDER, RefusalCode.ORDER_UNREADABLE}

_NAME: Final = {"type": "string", "minLength": 1}
VARIABLES: Final = {
    "order_id": Parameter(
        name="order_id", description="The order's `id`.", schema=_NAME
    ),
    "child_id": Parameter(
        name="child_id",
        description="The `child_id` that the order's events and fills have.",
        schema=_NAME,
    ),
    "symbol": Parameter(name="symbol", description="Such as `BTCUSDT`.", schema=_NAME),
}

IDEMPOTENCY_KEY: Final = Parameter(
    name="Idempotency-Key",
    description=(
        "Makes the request safe to repeat: the same key with the same body answers the "
        "first order with 200, with another body 409; for ever."
    ),
    schema=IdempotencyKey.SCHEMA,
)
CURSOR: Final = Parameter(
    name="cursor",
    description="The `next_cursor` of the page before.",
    schema={"type": "string", "pattern": "^[!-~]{1,200}$"},
)


def span(since: str, until: str) -> tuple[Parameter, Parameter]:
    """Describe ``since``, which is within the span, and ``until``, which is not."""
    return (
        Parameter(name="since", description=since, schema=Instant.SCHEMA),
        Parameter(name="until", description=until, schema=Instant.SCHEMA),
    )


def limit(default: int, maximum: int = PAGE_MAX) -> Parameter:
    """Describe the parameter ``limit``."""
    return Parameter(
        name="limit",
        description="How many at most.",
        schema={
            "type": "integer",
            "minimum": 1,
            "maximum": maximum,
            "default": default,
        },
    )
