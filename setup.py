"""What setup.cfg cannot say: what is installed is this tree, one folder deeper.

All of it lies below trade_executor, so that no actors, adapters or domain gets among
other people's packages; docs/decisions/0010-one-name-installed.md has the reasons.
"""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


NAME = "trade_executor"
PARTS = ("actors", "adapters", "domain")
PACKAGES = find_packages(
    include=[pattern for one in PARTS for pattern in (one, f"{one}.*")]
)


class BuildWithScript(build_py):
    """Puts ``run.py`` beside the packages that it starts."""

    def find_modules(self) -> list[tuple[str, str, str]]:
        """Return (package, module, file) of the modules outside of packages."""
        return [(NAME, "run", "run.py")]


setup(
    cmdclass={"build_py": BuildWithScript},
    package_dir={f"{NAME}.{part}": part for part in PARTS},
    packages=[NAME, *(f"{NAME}.{package}" for package in PACKAGES)],
    py_modules=[f"{NAME}.run"],
)
