"""The operator's metrics, on prometheus-client, in a registry of their own."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.metrics.catalogue import COUNTERS, HISTOGRAMS


logger = logging.getLogger(__name__)

NAMESPACE: Final = "trade_executor"

SECONDS_BUCKETS: Final = (
    0.000_01,
    0.000_025,
    0.000_05,
    0.000_1,
    0.000_25,
    0.000_5,
    0.001,
    0.002_5,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
"""From the cost of one update, about 10 microseconds, to a client's timeout."""

ReadMany = Callable[[], Mapping[str, float]]
"""Returns values by the label's value."""

Collect = Callable[[], Iterable[Metric]]
"""Returns whole metrics."""


class PrometheusMeter:
    """The counters and histograms of the catalogue, and gauges read at each scrape.

    Every metric is shown with the prefix ``trade_executor_``, counters with ``_total``
    at the end.
    """

    def __init__(self) -> None:
        # process_start_time_seconds says as much. The library states no types here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._gauges = _Gauges()
        self._registry.register(self._gauges)
        self._creating = threading.Lock()
        self._families: dict[str, Counter] = {}
        # Read without the lock: a dict is always consistent, and only grows.
        self._counters: dict[tuple[str, str], Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._show_from_the_start()

    def count(self, name: str, amount: int = 1, *, kind: str = "") -> None:
        """Add to a counter of the catalogue.

        Args:
            name: of the counter.
            amount: not negative.
            kind: the value of its label; empty if it has none.
        """
        counter = self._counters.get((name, kind)) or self._new_counter(name, kind)
        counter.inc(amount)

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram of the catalogue."""
        self._histograms[name].observe(seconds)

    def add_gauges(self, name: str, meaning: str, label: str, read: ReadMany) -> None:
        """Add a gauge that is read at every scrape, with one value per label value.

        Args:
            name: unique among the gauges.
            meaning: one line for the reader of the metrics page.
            label: name of the label, such as ``actor``.
            read: called by the thread that scrapes; cheap, and safe there.
        """
        self._gauges.add(name, meaning, label, read)

    def add_collector(self, name: str, collect: Collect) -> None:
        """Add what reads several metrics at once at every scrape.

        Args:
            name: for the log, if it fails.
            collect: called by the thread that scrapes; cheap, and safe there.
        """
        self._gauges.add_collector(name, collect)

    def scrape(self) -> tuple[bytes, str]:
        """Return the metrics page and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _show_from_the_start(self) -> None:
        for counted in COUNTERS:
            self._families[counted.name] = Counter(
                counted.name,
                counted.meaning,
                labelnames=(counted.label,) if counted.label else (),
                namespace=NAMESPACE,
                registry=self._registry,
            )
            for kind in counted.values if counted.label else ("",):
                self._new_counter(counted.name, kind)
        for name, meaning in HISTOGRAMS.items():
            self._histograms[name] = Histogram(
                name,
                meaning,
                namespace=NAMESPACE,
                registry=self._registry,
                buckets=SECONDS_BUCKETS,
            )

    def _new_counter(self, name: str, kind: str) -> Counter:
        with self._creating:
            family = self._families[name]
            counter = family.labels(kind) if kind else family
            return self._counters.setdefault((name, kind), counter)


class _Gauges(Collector):
    """Reads the values of all gauges when the registry is scraped."""

    def __init__(self) -> None:
        self._collectors: dict[str, Collect] = {}

    def add(self, name: str, meaning: str, label: str, read: ReadMany) -> None:
        """Keep a gauge; replaces an earlier one of that name."""

        def collect() -> Iterable[Metric]:
            family = GaugeMetricFamily(f"{NAMESPACE}_{name}", meaning, labels=[label])
            for value_of_label, value in read().items():
                family.add_metric([value_of_label], value)
            return [family]

        self.add_collector(name, collect)

    def add_collector(self, name: str, collect: Collect) -> None:
        """Keep what reads one or more metrics; replaces an earlier one of that name."""
        self._collectors[name] = collect

    def collect(self) -> Iterable[Metric]:
        """Read all gauges."""
        for name, collect in list(self._collectors.items()):
            try:
                found = list(collect())
            except Exception:  # one failing gauge must not hide the others
                logger.warning("Gauge not readable name=%s", name, exc_info=True)
                continue
            yield from found
