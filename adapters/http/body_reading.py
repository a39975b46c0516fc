"""Turns JSON members into the structs of requests, and names all faults at once."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin

from msgspec import NODEFAULT, Struct, UnsetType, ValidationError
from msgspec.structs import asdict, fields

from adapters.api.bodies import converted
from adapters.api.codes import Code
from adapters.api.problems import FieldFault
from adapters.api.shown_text import shortened, shown
from adapters.http.problems import impossible


UNKNOWN_FIELDS_NAMED_MAX: Final = 20
"""Keeps the answer to a body full of unknown fields short."""

B = TypeVar("B", bound=Struct)


def read_body(members: Mapping[str, object], kind: type[B]) -> B:
    """Read a body that is right as soon as each of its fields is.

    Raises:
        ProblemError: 422 naming every field that is wrong, missing or unknown.
    """
    try:
        return converted(members, kind)
    except ValidationError:
        raise impossible(BodyReading(members, kind).faults) from None


class BodyReading:
    """A body, read field by field, for those with rules between their fields."""

    def __init__(self, members: Mapping[str, object], kind: type[Struct]) -> None:
        """Read what can be read.

        Args:
            members: the body.
            kind: what it should be.
        """
        self.values: dict[str, Any] = {}
        """Of the fields that are right, by name."""

        self.faults: list[FieldFault] = []
        try:
            self.values = asdict(converted(members, kind))
        except ValidationError:
            self._find_faults(members, kind)

    def blame(self, name: str, code: str, detail: str) -> None:
        """Note a fault."""
        self.faults.append(FieldFault(field=name, code=code, detail=detail))

    def invalid(self, name: str, words: str) -> None:
        """Note that a field is not what it must be."""
        self.blame(name, Code.FIELD_INVALID, f"{name} {words}")

    def is_blamed(self, name: str) -> bool:
        """Whether a field has a fault, so that it has no value."""
        return any(fault.field == name for fault in self.faults)

    def finish(self) -> None:
        """Raise the faults, if there are any."""
        if self.faults:
            raise impossible(self.faults)

    def _find_faults(self, members: Mapping[str, object], kind: type[Struct]) -> None:
        known = _fields_of(kind)
        unknown = [name for name in members if name not in known]
        for name in unknown[:UNKNOWN_FIELDS_NAMED_MAX]:
            words = f"unknown field {shown(name)}"
            self.blame(shortened(name), Code.FIELD_UNKNOWN, words)
        for field in known.values():
            self._read(field, members)

    def _read(self, field: "_Field", members: Mapping[str, object]) -> None:
        name = field.name
        value = members.get(name)
        if value is None and (name in members or field.is_required):
            self._read_null(field, is_there=name in members)
        elif value is None:
            self.values[name] = field.default
        elif isinstance(value, list) and field.element is not None:
            self.values[name] = self._elements(name, value, field.element)
        else:
            try:
                self.values[name] = converted(value, field.kind)
            except ValidationError as error:
                self.invalid(name, field.words or str(error))

    def _read_null(self, field: "_Field", *, is_there: bool) -> None:
        if is_there and field.may_be_null:
            self.values[field.name] = None
            return
        words = "must not be null" if is_there else "is missing"
        detail = f"{field.name} {field.if_missing or words}"
        self.blame(field.name, Code.FIELD_MISSING, detail)

    def _elements(
        self, name: str, values: list[Any], kind: type[Struct]
    ) -> list[Struct]:
        """Read those that are right."""
        found = []
        for number, one in enumerate(values):
            place = f"{name}[{number}]"
            if isinstance(one, dict):
                reading = BodyReading(one, kind)
                for fault in reading.faults:
                    self.blame(f"{place}.{fault.field}", fault.code, fault.detail)
                if not reading.faults:
                    found.append(kind(**reading.values))
            else:
                required = (
                    field.name
                    for field in _fields_of(kind).values()
                    if field.is_required
                )
                self.invalid(place, f"must be an object with {' and '.join(required)}")
        return found


class _Field(NamedTuple):
    """A field of a struct, as far as finding its faults needs it."""

    name: str
    kind: Any
    is_required: bool
    default: Any
    may_be_null: bool
    element: type[Struct] | None
    """What it is a list of."""

    words: str | None
    """What it must be; None: its type says so itself."""

    if_missing: str | None
    """What is said then, if it is not that it is missing."""


@cache
def _fields_of(kind: type[Struct]) -> Mapping[str, _Field]:
    found = {}
    for field in fields(kind):
        parts = get_args(field.type)
        is_list = get_origin(field.type) is list
        kinds = () if is_list else tuple(part for part in parts if part not in _ABSENT)
        inner = kinds[0] if kinds else field.type
        found[field.encode_name] = _Field(
            name=field.encode_name,
            kind=field.type,
            is_required=field.required,
            default=None if field.default is NODEFAULT else field.default,
            may_be_null=type(None) in parts,
            element=parts[0] if is_list else None,
            words="must be a list" if is_list else _words(inner),
            if_missing=getattr(inner, "MISSING", None),
        )
    return found


def _words(kind: Any) -> str | None:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"must be one of {', '.join(kind)}"
    return None


_ABSENT: Final = (type(None), UnsetType)
