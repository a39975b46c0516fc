"""What the project depends on, as setup.cfg and the installed packages say it."""

import configparser
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.source_files import ROOT


def declared() -> list[Requirement]:
    """Return what setup.cfg names, extras included."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    blocks = [
        settings["options"]["install_requires"],
        *settings["options.extras_require"].values(),
    ]
    return [
        Requirement(line)
        for block in blocks
        for line in block.splitlines()
        if line.strip()
    ]


def constraints() -> dict[str, str]:
    """Return the tested version of each package, by its normal name."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def closure(wanted: list[Requirement]) -> set[str]:
    """Return the normal names of all packages that these need on this Python."""
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = list(wanted)
    while todo:
        one = todo.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key not in seen:
            seen.add(key)
            found.add(key[0])
            todo += needed_by(one)
    return found


def needed_by(requirement: Requirement) -> Iterator[Requirement]:
    """Yield what an installed package needs, with the extras that were asked for."""
    extras = ("", *requirement.extras)
    for line in metadata.requires(requirement.name) or ():
        needed = Requirement(line)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in extras
        ):
            yield needed
