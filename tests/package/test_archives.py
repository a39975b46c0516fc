"""What is in the wheel and in the source archive."""

import tarfile
import zipfile
from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import PurePosixPath

import pytest

from tests.package.building import Archives, build_archives
from tests.source_files import PACKAGES, ROOT, path_of, tracked_files


NAME = "trade_executor"


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    return build_archives(tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="module")
def in_wheel(archives: Archives) -> Mapping[str, bytes]:
    with zipfile.ZipFile(archives.wheel) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def tracked_below(*folders: str) -> set[str]:
    """Paths of all tracked files, of whatever kind, below these folders."""
    paths = {path_of(file) for file in tracked_files() if file.exists()}
    return {
        path for path in paths if path.startswith(tuple(f"{one}/" for one in folders))
    }


def test_the_wheel_puts_one_name_beside_other_peoples_packages(
    in_wheel: Mapping[str, bytes],
) -> None:
    tops = {PurePosixPath(name).parts[0] for name in in_wheel}

    about = {top for top in tops if top.endswith(".dist-info")}
    assert tops - about == {NAME}
    assert len(about) == 1


def test_the_wheel_holds_the_source_tree_byte_for_byte(
    in_wheel: Mapping[str, bytes],
) -> None:
    tree = {f"{NAME}/{path}": path for path in tracked_below(*PACKAGES)}
    tree |= {path: path for path in tracked_below(NAME)}
    tree[f"{NAME}/run.py"] = "run.py"

    expected = {name: (ROOT / path).read_bytes() for name, path in tree.items()}
    held = {
        name: data for name, data in in_wheel.items() if name.startswith(f"{NAME}/")
    }
    assert held.keys() == expected.keys()
    assert held == expected


def test_the_wheel_gives_one_command(in_wheel: Mapping[str, bytes]) -> None:
    (text,) = [
        data.decode() for name, data in in_wheel.items() if name.endswith("points.txt")
    ]

    commands = ConfigParser()
    commands.read_string(text)
    assert {name: dict(commands[name]) for name in commands.sections()} == {
        "console_scripts": {"trade-executor": "trade_executor.__main__:main"}
    }


def test_the_source_archive_holds_what_it_takes_to_build_and_to_read(
    archives: Archives,
) -> None:
    with tarfile.open(archives.source) as archive:
        names = {PurePosixPath(name) for name in archive.getnames()}
    held = {PurePosixPath(*name.parts[1:]).as_posix() for name in names}

    needed = tracked_below(*PACKAGES, NAME, "docs", "deploy") | {
        *("run.py", "setup.py", "setup.cfg", "pyproject.toml", "constraints.txt"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md"),
    }
    assert needed - held == set()
    assert [path for path in held if path.startswith("tests/")] == []
