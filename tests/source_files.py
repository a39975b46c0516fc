"""The project's own source, as tests of the house rules look at it."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("domain", "actors", "adapters")


def path_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    found = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return sorted(file for file in found if "__pycache__" not in file.parts)


PRODUCT = [
    *python_files(*PACKAGES, "trade_executor"),
    ROOT / "run.py",
    ROOT / "setup.py",
]
TESTS = python_files("tests")


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(tree_of(file))


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """(name of the function or method, the call)."""
    for node in nodes(file):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def at(file: Path, node: ast.AST) -> str:
    return f"{path_of(file)}:{getattr(node, 'lineno', 1)}"


@cache
def tracked_files() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody knows which files are tracked")
    listing = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    return [ROOT / name for name in listing.split("\0") if name]
