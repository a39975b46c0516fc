"""What the source defines, as a page that names it may write it."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.source_files import PRODUCT, TESTS, nodes, path_of, python_files, tree_of


BENCHMARKS = python_files("benchmarks")
SOURCES = [*PRODUCT, *TESTS, *BENCHMARKS]


def bound_names(node: ast.AST) -> set[str]:
    """Return the names that one statement binds: targets, attributes of self."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    found = set()
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                found.add(part.id)
            elif isinstance(part, ast.Attribute):
                found.add(part.attr)
    return found


@cache
def defined_in(file: Path) -> frozenset[str]:
    """Return every name that a file defines, at any depth."""
    found: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        else:
            found |= bound_names(node)
    return frozenset(found)


@cache
def members() -> dict[str, frozenset[str]]:
    """Return what each class defines or inherits, by the class's name."""
    own: dict[str, set[str]] = {}
    bases: dict[str, set[str]] = {}
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.ClassDef):
                names = own.setdefault(node.name, set())
                for part in ast.walk(node):
                    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                        names.add(part.name)
                    names |= bound_names(part)
                bases.setdefault(node.name, set()).update(
                    ast.unparse(base).partition("[")[0].rpartition(".")[2]
                    for base in node.bases
                )
    return {name: frozenset(_with_inherited(name, own, bases)) for name in own}


def _with_inherited(
    name: str, own: dict[str, set[str]], bases: dict[str, set[str]]
) -> set[str]:
    found = set(own.get(name, ()))
    for base in bases.get(name, ()):
        if base != name:
            found |= _with_inherited(base, own, bases)
    return found


@cache
def modules() -> dict[str, frozenset[str]]:
    """Return what the modules of each name define, by the name."""
    found: dict[str, set[str]] = {}
    for file in SOURCES:
        found.setdefault(file.stem, set()).update(defined_in(file))
    return {name: frozenset(names) for name, names in found.items()}


@cache
def code_names() -> frozenset[str]:
    """Return every name that the code defines or imports; no comment counts."""
    found: set[str] = set()
    for file in SOURCES:
        found |= defined_in(file)
        for node in nodes(file):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.alias):
                found.add(node.name.rpartition(".")[2])
    return frozenset(found)


@cache
def words() -> frozenset[str]:
    """Return every word that stands anywhere in the source, texts included."""
    return frozenset(
        word
        for file in SOURCES
        for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
    )


@cache
def texts() -> str:
    """Return all string constants of the product, one a line."""
    return "\n".join(
        node.value
        for file in PRODUCT
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def resolves(dotted: str) -> bool:
    """Say whether each step of ``Class.member`` or ``module.name`` is there."""
    owner, _, rest = dotted.partition(".")
    name = rest.partition(".")[0]
    return name in members().get(owner, ()) or name in modules().get(owner, ())


def source_at(path: str) -> Path | None:
    """Return the source file at a path of the repository."""
    return next((file for file in SOURCES if path_of(file) == path), None)
