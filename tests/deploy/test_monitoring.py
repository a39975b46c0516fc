"""Alerts and dashboard ask for what a running service shows."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.metrics.catalogue import COUNTERS, HISTOGRAMS
from tests.adapters.webhooks.receiver import SECRET
from tests.source_files import ROOT
from tests.system.processes import Service


RULES = ROOT / "deploy/prometheus/trade-executor.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/trade-executor.json"
CASES = ROOT / "tests/deploy/alerts.test.yml"
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")

OURS = re.compile(r"\b(?:trade_executor|process)_[a-z_]+\b")
OF_HISTOGRAM = ("_bucket", "_count", "_sum")
ALERT = re.compile(
    r"- alert: (\w+)\n.*?severity: (\w+)\n.*?runbook_url: (\S+)\n", re.DOTALL
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names that a running service shows."""
    database = tmp_path_factory.mktemp("monitored") / "orders.db"
    target = ("--webhook-urls", "http://127.0.0.1:9/nobody")
    secret = {"TRADE_EXECUTOR_WEBHOOK_SECRET": SECRET}
    with Service(database, *target, variables=secret, start_seconds=60) as service:
        page = str(service.client.get("/metrics").body)
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.MULTILINE))
    return frozenset(
        f"{name}{end}"
        for name, kind in kinds.items()
        for end in (OF_HISTOGRAM if kind == "histogram" else ("",))
    )


def alerts() -> list[tuple[str, str, str]]:
    """(name, severity, link) of each."""
    found = ALERT.findall(RULES.read_text(encoding="utf-8"))
    assert len(found) == RULES.read_text(encoding="utf-8").count("- alert: ")
    return found


def queries(node: Any) -> Iterator[str]:
    """Every query of the dashboard."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from queries(value)
    elif isinstance(node, list):
        for one in node:
            yield from queries(one)


def dashboard() -> list[str]:
    return list(queries(json.loads(DASHBOARD.read_text(encoding="utf-8"))))


def promtool(*arguments: str) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    done = subprocess.run(
        [program, *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_ask_for_metrics_that_the_service_shows(shown: frozenset[str]) -> None:
    asked = set(OURS.findall(RULES.read_text(encoding="utf-8")))

    assert len(asked) > 10
    assert asked - shown == set()


def test_the_dashboard_asks_for_metrics_that_the_service_shows(
    shown: frozenset[str],
) -> None:
    asked = {name for query in dashboard() for name in OURS.findall(query)}

    assert len(asked) > 30
    assert asked - shown == set()


def test_the_page_of_operations_lists_every_metric_that_the_service_shows(
    shown: frozenset[str],
) -> None:
    listed = set(re.findall(r"`(trade_executor_\w+)", PAGE))

    bare = {re.sub(r"_(?:bucket|count|sum)$", "", name) for name in shown}
    ours = {name for name in bare if name.startswith("trade_executor_")}
    assert listed == ours


def test_everything_that_is_counted_is_shown_from_the_start(
    shown: frozenset[str],
) -> None:
    counters = {f"trade_executor_{one.name}_total" for one in COUNTERS}
    histograms = {f"trade_executor_{name}_count" for name in HISTOGRAMS}

    assert counters | histograms <= shown


def test_every_alert_links_to_its_section_of_the_page_of_operations() -> None:
    headings = set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE))

    names = {name for name, _, _ in alerts()}
    assert {one for one in headings if one.startswith("TradeExecutor")} == names
    wrong = {
        name: link
        for name, _, link in alerts()
        if link != f"docs/operations.md#{name.lower()}"
    }
    assert wrong == {}


def test_each_alert_s_section_says_how_urgent_it_is() -> None:
    wrong = [
        name
        for name, severity, _ in alerts()
        if f"### {name}\n\n{severity.capitalize()}. " not in PAGE
    ]

    assert {severity for _, severity, _ in alerts()} == {"page", "ticket"}
    assert wrong == []


def test_every_alert_that_wakes_somebody_is_tried() -> None:
    cases = CASES.read_text(encoding="utf-8")

    pages = [name for name, severity, _ in alerts() if severity == "page"]
    assert [name for name in pages if f"alertname: {name}\n" not in cases] == []


def test_prometheus_understands_configuration_and_alerts() -> None:
    promtool("check", "config", str(RULES.with_name("prometheus.yml")))
    promtool("check", "rules", str(RULES))


def test_alerts_fire_and_end_when_they_should() -> None:
    promtool("test", "rules", str(CASES))


def test_prometheus_understands_the_queries_of_the_dashboard(tmp_path: Path) -> None:
    asked = [
        query.replace("$__rate_interval", "1m").replace("$instance", ".*")
        for query in dashboard()
        if "label_values" not in query and query != "prometheus"
    ]
    rules = [
        {"record": f"query:{number}", "expr": query}
        for number, query in enumerate(asked)
    ]
    file = tmp_path / "queries.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}))

    promtool("check", "rules", str(file))
