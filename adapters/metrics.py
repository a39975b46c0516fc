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
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


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


class PrometheusMeter:
    """Counters and histograms that are created at their first use.

    Names are plain snake case, such as ``orders_placed``; every metric is shown with
    the prefix ``trade_executor_``, counters with ``_total`` at the end. A name is
    either a counter's or a histogram's: using it for both is a bug and raises.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._gauges = _Gauges()
        self._registry.register(self._gauges)
        self._creating = threading.Lock()
        # Read without the lock: a dict is always consistent, and only grows.
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter; ``amount`` is not negative."""
        counter = self._counters.get(name) or self._new_counter(name)
        counter.inc(amount)

    def observe_seconds(self, name: str, seconds: float) -> None:
        """Add a duration to a histogram."""
        histogram = self._histograms.get(name) or self._new_histogram(name)
        histogram.observe(seconds)

    def add_gauges(self, name: str, meaning: str, label: str, read: ReadMany) -> None:
        """Add a gauge that is read at every scrape, with one value per label value.

        Args:
            name: unique among the gauges.
            meaning: one line for the reader of the metrics page.
            label: name of the label, such as ``actor``.
            read: called by the thread that scrapes; cheap, and safe there.
        """
        self._gauges.add(name, meaning, label, read)

    def scrape(self) -> tuple[bytes, str]:
        """Return the metrics page and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _new_counter(self, name: str) -> Counter:
        with self._creating:
            if name not in self._counters:
                self._counters[name] = Counter(
                    name, _title(name), namespace=NAMESPACE, registry=self._registry
                )
            return self._counters[name]

    def _new_histogram(self, name: str) -> Histogram:
        with self._creating:
            if name not in self._histograms:
                self._histograms[name] = Histogram(
                    name,
                    _title(name),
                    namespace=NAMESPACE,
                    registry=self._registry,
                    buckets=SECONDS_BUCKETS,
                )
            return self._histograms[name]


class _Gauges(Collector):
    """Reads the values of all gauges when the registry is scraped."""

    def __init__(self) -> None:
        self._gauges: dict[str, tuple[str, str, ReadMany]] = {}

    def add(self, name: str, meaning: str, label: str, read: ReadMany) -> None:
        """Keep a gauge; replaces an earlier one of that name."""
        self._gauges[name] = (meaning, label, read)

    def collect(self) -> Iterable[Metric]:
        """Read all gauges."""
        for name, (meaning, label, read) in list(self._gauges.items()):
            try:
                values = read()
            except Exception:  # one failing gauge must not hide the others
                logger.warning("Gauge not readable name=%s", name, exc_info=True)
                continue
            family = GaugeMetricFamily(f"{NAMESPACE}_{name}", meaning, labels=[label])
            for value_of_label, value in values.items():
                family.add_metric([value_of_label], value)
            yield family


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
