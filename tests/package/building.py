"""Builds the archives of the source tree as it is tracked, apart from it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.source_files import path_of, tracked_files


BUILD = """
from setuptools import build_meta
print(build_meta.build_sdist('dist'), build_meta.build_wheel('dist'))
"""
"""What pip calls; without an environment of its own, which would take a network."""


class Archives(NamedTuple):
    source: Path
    wheel: Path


def build_archives(folder: Path) -> Archives:
    """Build both below a folder that is empty.

    The tree itself would not do: what lies in its ``build`` gets into a wheel, too.
    """
    tree = folder / "tree"
    for file in tracked_files():
        if file.exists():
            copy = tree / path_of(file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    done = subprocess.run(
        [sys.executable, "-c", BUILD],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    source, wheel = done.stdout.splitlines()[-1].split()
    return Archives(tree / "dist" / source, tree / "dist" / wheel)
