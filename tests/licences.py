"""The licences of everything that `make setup` installs, as their packages state them.

`python -m tests.licences` writes docs/licences.md anew.
"""

import configparser
from importlib import metadata
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.dependencies import closure, constraints, declared
from tests.source_files import ROOT


PAGE: Final = ROOT / "docs" / "licences.md"
IN_ITS_FILE: Final = {"peewee": "MIT"}
"""Of packages whose metadata do not say; their licence file does."""
CLASSIFIER: Final = "License :: "
LENGTH_MAX: Final = 60
"""A longer text is the licence itself, not its name."""

HEAD: Final = """\
# Licences

What the service stands on, with the versions in `constraints.txt`. Users may get
others, within the ranges in `setup.cfg`. *Service*: needed to run it. *Postgres*,
*chat*: with that extra. *Development*: for tests and checks only, not for users.
Direct are those that `setup.cfg` names; the others come with them. Each package carries
its licence's text. What pages load in the browser is listed with its licence in
`adapters/http/static/vendor/vendored.toml`.

Third-party clients (`make clients`) are installed for tests, into environments of their
own, and are not part of this project.

| package | tested | licence | for | direct |
|---|---|---|---|---|
"""
FOOT: Final = """
Written by `python -m tests.licences` from what the installed packages state.
"""


def licence_of(package: str) -> str:
    """Return the name of an installed package's licence."""
    about = metadata.metadata(package)
    said = about.json
    stated = str(said.get("license_expression") or said.get("license") or "")
    if stated and len(stated) <= LENGTH_MAX and "\n" not in stated:
        return stated
    classified = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier") or ()
        if one.startswith(CLASSIFIER)
    ]
    return ", ".join(classified) or IN_ITS_FILE[canonicalize_name(package)]


def purposes() -> dict[str, str]:
    """Return what each package is for, by its normal name; the first that applies."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = settings["options.extras_require"]
    blocks = {
        "development": extras["dev"],
        "chat": extras["chat"],
        "postgres": extras["postgres"],
        "service": settings["options"]["install_requires"],
    }
    found: dict[str, str] = {}
    for purpose, block in blocks.items():
        wanted = [Requirement(line) for line in block.splitlines() if line.strip()]
        found |= dict.fromkeys(closure(wanted), purpose)
    return found


def page() -> str:
    """Return the page as it should be."""
    direct = {canonicalize_name(one.name) for one in declared()}
    needed_for = purposes()
    rows = [
        f"| {name} | {version} | {licence_of(name)} | {needed_for[name]} |"
        f" {'yes' if name in direct else ''} |\n"
        for name, version in sorted(constraints().items())
    ]
    return HEAD + "".join(rows) + FOOT


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
