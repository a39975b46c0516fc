"""The pages say what is there: files, names, options, codes, log lines and links."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

from adapters.api.codes import CODES, Code
from adapters.cli.client_commands import CLIENT_COMMANDS
from adapters.configuration.command_options import (
    OTHER_VARIABLES,
    REPLAY_OPTIONS,
    SERVE_OPTIONS,
    SIMULATE_OPTIONS,
)
from adapters.configuration.options import Option
from adapters.metrics.catalogue import COUNTERS, HISTOGRAMS
from domain.orders.completion import WithheldReason
from domain.orders.order import OrderStatus, OrderStep
from domain.reasons import BookState, EndReason, RefusalCode, WaitReason
from domain.venue.answers import PauseReason
from tests.documented_names import (
    code_names,
    defined_in,
    resolves,
    source_at,
    texts,
    words,
)
from tests.source_files import PACKAGES, ROOT, path_of, tracked_files


README_LINES_MAX = 200

HISTORY = {"CHANGELOG.md", "docs/licences.md"}
"""These tell of other times, or of other projects; only their links are checked."""

FOREIGN = {
    *("pg_dump", "pg_locks", "pg_read_all_stats", "pg_signal_backend"),
    *("http_host", "proxy_pass", "PR_SET_DUMPABLE", "TCP_USER_TIMEOUT"),
    *("threading.excepthook", "False", "None", "NaN", "Makefile"),
    *("Host", "Origin", "Location", "Mozilla"),
}
"""Names of Python, HTTP and other programs, which no file of ours defines."""

JSON_PATHS = {"intake.problem", "reconciliation.problem"}
"""Fields within fields of an answer."""

MADE_BY_THE_READER = {"orders.json", "result.json"}

PATH = re.compile(r"^(?:[\w.-]+/)*[\w.-]+\.(?:py|md|cfg|toml|txt)$|^(?:[\w.-]+/)+$")
DOTTED = re.compile(r"^_?[A-Za-z]\w*(?:\.\w+)+$")
CLASS = re.compile(r"^_?[A-Z][A-Za-z]*[a-z]\w*$")
SNAKE = re.compile(r"^_?[a-z0-9]+(?:_[a-z0-9]+)+$|^_[a-z]\w+$")
SHOUTED = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
VARIABLE = re.compile(r"^TRADE_EXECUTOR_[A-Z_]+$")
METRIC = re.compile(r"^trade_executor_\w+$")
SYMBOL = re.compile(r"^_?[A-Za-z]\w*(?:\.\w+)*$")

TICKED = re.compile(r"`([^`\n]+)`")
AFTER_PATH = re.compile(r"`((?:[\w-]+/)+\w+\.py)`((?:,? (?:and )?`[^`\n]+`)+)")
BEFORE_PATH = re.compile(r"`([^`\n]+)` \(`((?:[\w-]+/)+\w+\.py)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$")


VARIABLES = {*OTHER_VARIABLES, *(option.variable for option in SERVE_OPTIONS)}


def pages() -> list[Path]:
    return [file for file in tracked_files() if file.suffix == ".md" and file.exists()]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


PAGE_NAMES = sorted(name_of(page) for page in pages())
CURRENT_NAMES = [name for name in PAGE_NAMES if name not in HISTORY]


@cache
def prose(name: str) -> str:
    """Return a page without its fenced blocks, line numbers kept."""
    lines, is_fenced = [], False
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
            lines.append("")
        else:
            lines.append("" if is_fenced else line)
    return "\n".join(lines)


def ticked(name: str) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of all that stands in backticks."""
    for number, line in enumerate(prose(name).splitlines(), start=1):
        for text in TICKED.findall(line):
            yield f"{name}:{number}", text.removesuffix("()")


@cache
def tracked_paths() -> frozenset[str]:
    files = [file.relative_to(ROOT) for file in tracked_files() if file.exists()]
    folders = {parent for file in files for parent in file.parents}
    return frozenset(
        [file.as_posix() for file in files]
        + [f"{folder.as_posix()}/" for folder in folders]
    )


def is_there(path: str, page: str) -> bool:
    """A whole path, or the end of one that the reader knows from what is around."""
    beside = (ROOT / page).parent / path
    return (
        path in tracked_paths()
        or beside.exists()
        or any(one.endswith(f"/{path}") for one in tracked_paths())
    )


@pytest.mark.parametrize("name", CURRENT_NAMES)
def test_files_that_a_page_names_exist(name: str) -> None:
    folders = {*PACKAGES, "tests", "docs", "benchmarks"}

    missing = [
        f"{place} {text}"
        for place, text in ticked(name)
        if PATH.match(text)
        and text not in MADE_BY_THE_READER
        and (text.partition("/")[0] in folders or "/" not in text)
        and not is_there(text, name)
    ]

    assert missing == []


@pytest.mark.parametrize("name", CURRENT_NAMES)
def test_names_beside_a_file_are_defined_in_it(name: str) -> None:
    claims = []
    for path, others in AFTER_PATH.findall(prose(name)):
        claims += [(path, text) for text in TICKED.findall(others)]
    claims += [(path, text) for text, path in BEFORE_PATH.findall(prose(name))]

    wrong = [
        f"{path} {text}"
        for path, text in claims
        if SYMBOL.match(text)
        and not PATH.match(text)
        and (file := source_at(path)) is not None
        and text.rpartition(".")[2] not in defined_in(file)
    ]
    assert wrong == []


def is_known(text: str) -> bool:
    """Say whether what looks like a name is one; what does not is none of ours."""
    if PATH.match(text) or text in FOREIGN or text.endswith(".json"):
        return True
    if text in deployed_words():
        return True
    checks = (
        (VARIABLE, VARIABLES.__contains__),
        (METRIC, is_a_metric),
        (DOTTED, is_dotted_name),
        (CLASS, code_names().__contains__),
        (SNAKE, words().__contains__),
        (SHOUTED, words().__contains__),
    )
    return next((check(text) for kind, check in checks if kind.match(text)), True)


@cache
def deployed_words() -> frozenset[str]:
    """The words of systemd, nginx and others that our files for them use."""
    files = [file for file in tracked_files() if path_of(file).startswith("deploy/")]
    found = (re.findall(r"\w+(?:\.\w+)*", file.read_text("utf-8")) for file in files)
    return frozenset(word for words_of_file in found for word in words_of_file)


def is_dotted_name(text: str) -> bool:
    return resolves(text) or text in texts() or text in JSON_PATHS


def is_a_metric(text: str) -> bool:
    name = text.removeprefix("trade_executor_")
    if name.endswith("_total"):
        return name.removesuffix("_total") in {one.name for one in COUNTERS}
    return (
        name in HISTOGRAMS or re.search(rf"^{name}$", texts(), re.MULTILINE) is not None
    )


@pytest.mark.parametrize("name", CURRENT_NAMES)
def test_names_in_backticks_are_names_of_the_source(name: str) -> None:
    unknown = [f"{place} {text}" for place, text in ticked(name) if not is_known(text)]

    assert unknown == []


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_what_a_page_quotes_is_not_broken_over_two_lines(name: str) -> None:
    torn = [
        f"{name}:{number}"
        for number, line in enumerate(prose(name).splitlines(), start=1)
        if line.count("`") % 2
    ]

    assert torn == []


def slug(heading: str) -> str:
    """Make GitHub's anchor of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@cache
def anchors(name: str) -> frozenset[str]:
    found: list[str] = []
    for line in prose(name).splitlines():
        if heading := HEADING.match(line):
            anchor = slug(heading[1])
            twins = found.count(anchor)
            found += [anchor, f"{anchor}-{twins}"] if twins else [anchor]
    return frozenset(found)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    broken = []
    for target in LINK.findall(prose(name)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        page = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        is_wrong_anchor = page.suffix == ".md" and page.exists() and anchor
        if not page.exists() or (
            is_wrong_anchor and anchor not in anchors(page.relative_to(ROOT).as_posix())
        ):
            broken.append(target)

    assert broken == []


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    reached, to_read = set(), ["README.md"]
    while to_read:
        name = to_read.pop()
        reached.add(name)
        for target in LINK.findall(prose(name)):
            page = ((ROOT / name).parent / target.partition("#")[0]).resolve()
            if page.suffix == ".md" and page.is_file() and ":" not in target:
                linked = page.relative_to(ROOT).as_posix()
                to_read += [linked] if linked not in reached else []

    assert [name for name in PAGE_NAMES if name not in reached] == []


def test_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= README_LINES_MAX


def missing_in(name: str, codes: Collection[str]) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [code for code in codes if not re.search(rf"\b{re.escape(code)}\b", text)]


def test_page_of_the_http_interface_lists_every_code() -> None:
    codes = [
        *EndReason,
        *WaitReason,
        *RefusalCode,
        *OrderStatus,
        *(value for name, value in vars(Code).items() if name.isupper()),
    ]

    assert missing_in("docs/http-api.md", codes) == []


STATUS_ROW = re.compile(r"^\| (\d{3})? *\| ((?:`[A-Z_]+`(?:, )?)+) \|", re.MULTILINE)


def test_page_of_the_http_interface_states_the_status_of_every_code() -> None:
    text = (ROOT / "docs/http-api.md").read_text(encoding="utf-8")
    stated: dict[str, int] = {}
    status = 0
    for number, codes in STATUS_ROW.findall(text):
        status = int(number or status)
        stated |= dict.fromkeys(TICKED.findall(codes), status)

    only_of_children = {
        RefusalCode.PRICE_OUTSIDE_COLLAR,
        RefusalCode.CHILD_RATE_ABOVE_LIMIT,
    }
    wrong = {
        code: stated.get(code)
        for code, (answered, _) in CODES.items()
        if code not in only_of_children and stated.get(code) != answered
    }
    # A path that names an unknown symbol is 404; a body that does is 422.
    assert wrong == {}


def test_page_of_operations_lists_every_state_pause_and_kind_of_event() -> None:
    codes = [*BookState, *PauseReason, *OrderStep, *WithheldReason]

    assert missing_in("docs/operations.md", codes) == []


OPTION_ROW = re.compile(
    r"^\| `--([a-z-]+)` \| `(\w+)` \| (`[a-z-]+`)? *\| (.*?) *\|", re.MULTILINE
)


def rows_of_options() -> list[tuple[str, str, str, str]]:
    return OPTION_ROW.findall((ROOT / "docs/configuration.md").read_text("utf-8"))


def test_page_of_the_configuration_lists_every_option_of_the_service() -> None:
    rows = {name: variable for name, variable, _, _ in rows_of_options()}

    assert rows == {option.name: option.variable for option in SERVE_OPTIONS}


def test_page_of_the_configuration_states_the_defaults_that_hold() -> None:
    stated = {
        name: default.strip("`")
        for name, _, _, default in rows_of_options()
        if default.startswith("`")
    }

    defaults = {
        option.name: option.default
        for option in SERVE_OPTIONS
        if option.default is not None and option.default
    }
    assert stated == defaults


def options_of(*commands: Collection[Option]) -> set[str]:
    return {option.name for command in commands for option in command}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(
            ("docs/command-line.md", command.options)
            for name, command in CLIENT_COMMANDS.items()
            if name not in ("settle", "release")  # docs/reconciliation.md has them
        ),
        ("docs/replay.md", REPLAY_OPTIONS),
        ("docs/simulated-exchange.md", SIMULATE_OPTIONS),
    ],
)
def test_page_of_a_command_names_all_its_options(
    name: str, options: Collection[Option]
) -> None:
    names = [f"--{one.name}" for one in options if not one.is_argument]

    text = (ROOT / name).read_text(encoding="utf-8")
    assert [one for one in names if one not in text] == []


LOG_ROW = re.compile(
    r"^\| (?:INFO|WARNING|ERROR|CRITICAL)[A-Z, ]*(?:\| )?(`.*?) \|", re.MULTILINE
)
LOG_TEXT_END = re.compile(r" \.\.\.| \w+=|:(?: |$)| no more$")


@pytest.mark.parametrize("name", ["docs/operations.md", "docs/reconciliation.md"])
def test_log_lines_that_a_page_quotes_are_written_by_the_code(name: str) -> None:
    rows = LOG_ROW.findall((ROOT / name).read_text(encoding="utf-8"))
    quoted = [text for row in rows for text in TICKED.findall(row)]

    assert quoted
    assert [text for text in quoted if not is_logged(text)] == []


def is_logged(quoted: str) -> bool:
    """Say whether a text of the code begins so, and has these fields in this order.

    Some texts get their fields from elsewhere; those have to be anywhere in the code.
    """
    fields = re.findall(r" (\w+)=", quoted)
    begin = re.escape(LOG_TEXT_END.split(quoted)[0])
    whole = begin + "".join(rf".* {field}=" for field in fields)
    if re.search(whole, texts()):
        return True
    is_bare = re.search(rf"^{begin}(?: %s)?$", texts(), re.MULTILINE)
    return is_bare is not None and all(f"{field}=" in texts() for field in fields)
