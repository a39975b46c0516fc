"""What is installed for the tests, and whether the files that name it are whole."""

import re
from importlib import metadata

from packaging.utils import canonicalize_name

from tests.dependencies import closure, constraints, declared
from tests.licences import PAGE, licence_of
from tests.source_files import ROOT


def test_the_tested_version_of_every_dependency_is_within_its_range() -> None:
    tested = constraints()

    outside = [
        str(one)
        for one in declared()
        if not one.specifier.contains(tested.get(canonicalize_name(one.name), "0"))
    ]

    assert outside == []


def test_every_package_that_the_dependencies_need_has_a_tested_version() -> None:
    assert closure(declared()) - constraints().keys() == set()


def test_constraints_are_exact_versions_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    exact = re.compile(r"[a-z0-9._-]+==[a-z0-9.]+")

    others = [
        line for line in lines if not (line.startswith("# ") or exact.fullmatch(line))
    ]
    assert others == []


def test_the_page_of_licences_names_every_package_in_the_tested_version() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ][1:]

    assert {row[0]: row[1] for row in rows} == constraints()
    assert [row[0] for row in rows if not row[2]] == []
    direct = {canonicalize_name(one.name) for one in declared()}
    assert {row[0] for row in rows if row[4] == "yes"} == direct


def test_the_page_of_licences_says_what_the_packages_state() -> None:
    text = PAGE.read_text(encoding="utf-8")

    wrong = [
        name
        for name in closure(declared())
        if f"| {name} | {constraints()[name]} | {licence_of(name)} |" not in text
        and metadata.version(name) == constraints()[name]
    ]
    assert wrong == []
