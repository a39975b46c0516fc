"""The house rules that no tool knows."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import actors
from actors.runtime.actor import RuntimeActor
from tests.source_files import (
    PACKAGES,
    PRODUCT,
    ROOT,
    TESTS,
    at,
    calls,
    nodes,
    path_of,
    python_files,
    tracked_files,
    tree_of,
)


FUNCTION_LINES_MAX = 40
FILE_LINES_MAX = 400

HEADINGS = ["Owns", "Receives", "Sends", "Asks", "Ends"]

DURATIONS = {
    ("domain/market/updates.py", "retry_after_seconds"),
    ("domain/ports/events.py", "timeout_seconds"),
    ("domain/ports/observing.py", "seconds"),
}
"""The only floats of the domain; no amount is among them."""

NOT_IMPORTED = (
    "adapters/persistence/migrations/",  # found there by the migrations library
    "adapters/simulated_exchange/threaded.py",  # for tests and benchmarks
)

READS_NO_CLOCK = ("domain", "actors")
NOT_FOR_THEM = {"time", "random", "secrets", "uuid"}
DRAWS_FROM_A_SEED = {"actors/runtime/deterministic.py"}

TAKE_ITS_PLACE = {
    "tests/simulation/interruptible.py",
    "tests/simulation/stage.py",
    "tests/simulation/test_taken_out.py",
}
"""They stand in for parts of the runtime, or take fixes out; the others inspect."""

NAMELESS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}


def test_functions_are_at_most_40_lines_long() -> None:
    long = [
        f"{at(file, node)} {node.name} has {lines} lines"
        for file in PRODUCT
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_files_are_at_most_400_lines_long() -> None:
    lengths = {
        path_of(file): len(file.read_text(encoding="utf-8").splitlines())
        for file in PRODUCT
    }

    long = {path: lines for path, lines in lengths.items() if lines > FILE_LINES_MAX}

    assert long == {}


def test_every_ask_has_a_timeout() -> None:
    without = [
        at(file, call)
        for file in PRODUCT
        for name, call in calls(file)
        if name == "ask" and not any(one.arg == "timeout" for one in call.keywords)
    ]

    assert without == []


def actor_classes() -> list[type[RuntimeActor]]:
    """All actors of the product but for the runtime itself."""
    for module in pkgutil.walk_packages(actors.__path__, "actors."):
        importlib.import_module(module.name)
    found, to_look_at = [], [RuntimeActor]
    while to_look_at:
        for actor in to_look_at.pop().__subclasses__():
            to_look_at.append(actor)
            module_name = actor.__module__
            is_product = module_name.startswith("actors.")
            if is_product and not module_name.startswith("actors.runtime."):
                found.append(actor)
    return sorted(found, key=lambda actor: actor.__name__)


@pytest.mark.parametrize("actor", actor_classes(), ids=lambda actor: actor.__name__)
def test_actor_says_what_it_owns_receives_sends_and_asks_and_how_it_ends(
    actor: type[RuntimeActor],
) -> None:
    text = inspect.cleandoc(vars(actor).get("__doc__") or "")

    headings = re.findall(r"^([A-Z][a-z]+):", text, flags=re.MULTILINE)
    assert [one for one in headings if one in HEADINGS] == HEADINGS


def test_domain_counts_in_decimals_never_in_floats() -> None:
    found = []
    for file in python_files("domain"):
        allowed = [
            node
            for node in nodes(file)
            if isinstance(node, ast.AnnAssign | ast.arg)
            and (path_of(file), named(node)) in DURATIONS
        ]
        excused = {id(part) for node in allowed for part in ast.walk(node)}
        found += [
            at(file, node)
            for node in nodes(file)
            if id(node) not in excused and is_float(node)
        ]

    assert found == []


def named(node: ast.AnnAssign | ast.arg) -> str:
    if isinstance(node, ast.arg):
        return node.arg
    return node.target.id if isinstance(node.target, ast.Name) else ""


def is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "float"
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def dataclass_decorators(node: ast.ClassDef) -> list[ast.expr]:
    return [one for one in node.decorator_list if "dataclass" in ast.unparse(one)]


def is_a_message(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    switched_on = {
        one.arg
        for one in decorator.keywords
        if isinstance(one.value, ast.Constant) and one.value.value is True
    }
    return switched_on >= {"frozen", "slots", "kw_only"}


def test_messages_are_frozen_slotted_and_keyword_only() -> None:
    loose = [
        f"{at(file, node)} {node.name}"
        for file in python_files("domain", "actors/messages")
        for node in nodes(file)
        if isinstance(node, ast.ClassDef)
        for decorator in dataclass_decorators(node)
        if not is_a_message(decorator)
    ]

    assert loose == []


def test_plumbing_modules_hold_nothing_but_messages() -> None:
    others = [
        node.name
        for file in python_files("actors/messages")
        for node in nodes(file)
        if isinstance(node, ast.ClassDef) and not dataclass_decorators(node)
    ]

    assert others == []


def test_no_test_sleeps() -> None:
    sleeping = [
        at(file, call)
        for file in TESTS
        for name, call in calls(file)
        if name == "sleep"
    ]

    assert sleeping == []


def imported_modules(file: Path) -> set[str]:
    found = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_every_product_module_is_imported_by_the_product() -> None:
    imported = {file: imported_modules(file) for file in PRODUCT}

    dead = [
        path
        for file in python_files(*PACKAGES)
        if file.name not in ("__init__.py", "__main__.py")
        and not (path := path_of(file)).startswith(NOT_IMPORTED)
        and not any(
            path.removesuffix(".py").replace("/", ".") in names
            for other, names in imported.items()
            if other != file
        )
    ]
    assert dead == []


def test_what_puts_the_service_together_names_no_venue() -> None:
    together = (ROOT / "run.py").read_text(encoding="utf-8")

    assert "binance" not in together.lower()


def test_domain_and_actors_read_no_clock_and_draw_no_chance() -> None:
    guilty = [
        f"{path_of(file)} imports {name}"
        for file in python_files(*READS_NO_CLOCK)
        if path_of(file) not in DRAWS_FROM_A_SEED
        for name in imported_modules(file)
        if name.partition(".")[0] in NOT_FOR_THEM
    ]

    assert guilty == []


def test_the_simulation_looks_into_no_private_field() -> None:
    """Actors have a ``snapshot`` for whoever inspects them."""
    private = [
        at(file, node)
        for file in python_files("tests/simulation")
        if path_of(file) not in TAKE_ITS_PLACE
        for node in nodes(file)
        if isinstance(node, ast.Attribute)
        and re.match(r"_[a-z]", node.attr)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    ]

    assert private == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named_so = [path_of(file) for file in PRODUCT + TESTS if file.stem in NAMELESS]

    assert named_so == []


def test_package_files_hold_a_docstring_and_nothing_else() -> None:
    others = [
        path_of(file)
        for file in PRODUCT
        if file.name == "__init__.py"
        and (len(tree_of(file).body) != 1 or ast.get_docstring(tree_of(file)) is None)
    ]

    assert others == []


def test_every_exemption_from_a_check_has_its_reason_beside_it() -> None:
    exemption = re.compile(r"# noqa\b|# type: ignore\b")
    reason = re.compile(r"# noqa: [A-Z0-9, ]+ - \S|# type: ignore\[[a-z-, ]+\] +# \S")
    lines_above = 3

    without = []
    for file in PRODUCT + TESTS:
        lines = file.read_text(encoding="utf-8").splitlines()
        for index, line in enumerate(lines):
            near = lines[max(0, index - lines_above) : index]
            is_explained = reason.search(line) or any(
                one.lstrip().startswith("# ") for one in near
            )
            is_ours = file != Path(__file__).resolve()
            if is_ours and exemption.search(line) and not is_explained:
                without.append(f"{path_of(file)}:{index + 1}")

    assert without == []


def test_changelog_starts_with_a_version_or_with_what_is_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings
    assert re.match(r"\[?(?:Unreleased|\d+\.\d+\.\d+)", headings[0])


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    places = "work|root|tmp"
    absolute = re.compile(rf"(?<![\w.}}])/(?:{places})(?:/|\b)")

    naming = []
    for file in tracked_files():
        if "/static/vendor/" in path_of(file):
            continue  # other people's, byte for byte
        try:
            text = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # not a text, or deleted and not committed yet
        naming += [
            f"{path_of(file)}:{number}"
            for number, line in enumerate(text.splitlines(), start=1)
            if absolute.search(line)
        ]

    assert naming == []
