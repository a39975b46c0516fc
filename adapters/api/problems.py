"""Refusals, as answers have them: problem details (RFC 9457)."""

from msgspec import UNSET, Struct, UnsetType


class FieldFault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with one field of a request."""

    field: str
    code: str
    detail: str


class ProblemAnswer(Struct, frozen=True, kw_only=True):
    """Why a request was refused."""

    type: str = "about:blank"
    title: str
    """The status in words."""

    status: int
    detail: str
    """What is wrong, in a sentence for people."""

    code: str
    """What is wrong, for programs: it stays the same from version to version."""

    field: str | UnsetType = UNSET
    """The field, parameter or header to blame, if it is one."""

    errors: list[FieldFault] | UnsetType = UNSET
    """Every fault, if several fields are wrong; then the code is `FIELDS_INVALID`."""

    supported: list[str] | UnsetType = UNSET
    """The symbols that are traded, if the symbol is none of them."""
