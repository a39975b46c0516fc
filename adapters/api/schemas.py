"""JSON schemas of the bodies: msgspec's, with the words that stand beneath fields."""

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from adapters.api.bodies import ListAnswer


Schema = dict[str, Any]

_PLACE: Final = "#/components/schemas/"
_REFERENCE: Final = re.compile(f'"{_PLACE}([^"]+)"')
_LIST: Final = f"{ListAnswer.__name__}_"


class Schemas:
    """The schemas of all bodies, each under its name."""

    def __init__(self, kinds: Sequence[Any]) -> None:
        """Make the schemas of these, and of what they consist of."""
        own: dict[str, Schema] = {}

        def schema_of(kind: Any) -> Schema:
            """Describe a type of our own, under its name."""
            own[kind.__name__] = {"description": _summary(kind), **kind.SCHEMA}
            return {"$ref": _PLACE + kind.__name__}

        made, named = msgspec.json.schema_components(
            kinds, schema_hook=schema_of, ref_template=_PLACE + "{name}"
        )
        for name, kind in dict(_structs_in(kinds)).items():
            for field, words in field_words(kind).items():
                named[name]["properties"][field]["description"] = words
            named[name] |= getattr(kind, "SCHEMA", {})
        self._made = {
            repr(kind): _renamed(one) for kind, one in zip(kinds, made, strict=True)
        }
        self.by_name: Mapping[str, Schema] = {
            public_name(name): _renamed(schema)
            for name, schema in sorted({**named, **own}.items())
        }

    def of(self, kind: Any) -> Schema:
        """Return what stands for one of the kinds: a reference."""
        return self._made[repr(kind)]


def public_name(name: str) -> str:
    """Return the name of a body for users: ``Order`` rather than ``OrderAnswer``."""
    if name.startswith(_LIST):
        element = name.removeprefix(_LIST).removesuffix("_")
        return f"{public_name(element)}List"
    return name.removesuffix("Answer")


def _renamed(schema: Schema) -> Schema:
    text = _REFERENCE.sub(
        lambda found: f'"{_PLACE}{public_name(found[1])}"', json.dumps(schema)
    )
    renamed: Schema = json.loads(text)
    renamed.pop("title", None)
    return renamed


def field_words(kind: type) -> Mapping[str, str]:
    """Return what stands beneath each field of a class, in one line.

    Pydantic takes it from the source in the same way (``use_attribute_docstrings``).
    """
    found = {}
    for field, words in pairwise(_classes_of(kind.__module__)[kind.__name__].body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(words, ast.Expr)
            and isinstance(words.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(words.value.value).split())
    return found


@cache
def _classes_of(module: str) -> Mapping[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}


def _structs_in(kinds: Sequence[Any]) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Yield the structs that types consist of, under the names that msgspec has."""
    for kind in kinds:
        parts = get_args(kind)
        yield from _structs_in(parts)
        struct = get_origin(kind) or kind
        if isinstance(struct, type) and issubclass(struct, msgspec.Struct):
            of = "".join(f"_{part.__name__}_" for part in parts)
            yield struct.__name__ + of, struct
            yield from _structs_in(list(get_type_hints(struct).values()))


def _summary(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
