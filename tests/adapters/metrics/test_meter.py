"""The metrics page, as a monitoring system reads it."""

import threading

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from adapters.metrics.meter import PrometheusMeter
from domain.ports.observing import Meter


def samples(meter: PrometheusMeter) -> dict[tuple[str, tuple[str, ...]], float]:
    body, _ = meter.scrape()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_meter_is_the_port_that_actors_know() -> None:
    meter: Meter = PrometheusMeter()

    meter.count("orders_accepted")


def test_counter_starts_at_its_first_use_and_adds_up() -> None:
    meter = PrometheusMeter()

    meter.count("orders_accepted")
    meter.count("orders_accepted", 4)

    assert samples(meter)["trade_executor_orders_accepted_total", ()] == 5


def test_counter_that_was_never_used_is_shown_with_zero() -> None:
    found = samples(PrometheusMeter())

    assert found["trade_executor_orders_accepted_total", ()] == 0
    assert found["trade_executor_children_total", ("unknown",)] == 0


def test_kinds_of_a_counter_are_told_apart_by_its_label() -> None:
    meter = PrometheusMeter()

    meter.count("children", kind="done")
    meter.count("children", 2, kind="unknown")
    meter.count("fills", 3, kind="BNBUSDT")

    found = samples(meter)
    assert found["trade_executor_children_total", ("done",)] == 1
    assert found["trade_executor_children_total", ("unknown",)] == 2
    assert found["trade_executor_fills_total", ("BNBUSDT",)] == 3


def test_histogram_sorts_durations_from_microseconds_to_seconds() -> None:
    meter = PrometheusMeter()

    for seconds in (0.000_02, 0.003, 7.0, 60.0):
        meter.observe_seconds("commit_seconds", seconds)

    found = samples(meter)
    assert found["trade_executor_commit_seconds_count", ()] == 4
    assert found["trade_executor_commit_seconds_bucket", ("2.5e-05",)] == 1
    assert found["trade_executor_commit_seconds_bucket", ("0.005",)] == 2
    assert found["trade_executor_commit_seconds_bucket", ("10.0",)] == 3
    assert found["trade_executor_commit_seconds_bucket", ("+Inf",)] == 4


def test_gauge_is_read_anew_at_every_scrape() -> None:
    meter = PrometheusMeter()
    lengths = [3]
    meter.add_gauges(
        "mailbox_length", "Messages waiting", "actor", lambda: {"ledger": lengths[0]}
    )

    first = samples(meter)["trade_executor_mailbox_length", ("ledger",)]
    lengths[0] = 5
    second = samples(meter)["trade_executor_mailbox_length", ("ledger",)]

    assert (first, second) == (3, 5)


def test_gauges_of_one_kind_are_told_apart_by_their_label() -> None:
    meter = PrometheusMeter()
    meter.add_gauges(
        "mailbox_length",
        "Messages waiting",
        "actor",
        lambda: {"router-BNBUSDT": 2, "ledger": 7},
    )

    found = samples(meter)

    assert found["trade_executor_mailbox_length", ("router-BNBUSDT",)] == 2
    assert found["trade_executor_mailbox_length", ("ledger",)] == 7


def test_unreadable_gauge_hides_no_other_metric(
    caplog: pytest.LogCaptureFixture,
) -> None:
    meter = PrometheusMeter()
    meter.count("orders_accepted")
    meter.add_gauges("broken", "Raises", "actor", lambda: {"ledger": 1 // 0})
    meter.add_gauges("whole", "Does not", "actor", lambda: {"ledger": 1})

    found = samples(meter)

    assert found["trade_executor_whole", ("ledger",)] == 1
    assert found["trade_executor_orders_accepted_total", ()] == 1
    assert ("trade_executor_broken", ("ledger",)) not in found
    assert "name=broken" in caplog.text


def test_metric_that_is_not_in_the_catalogue_cannot_be_counted() -> None:
    meter = PrometheusMeter()

    with pytest.raises(KeyError):
        meter.count("nonsense")
    with pytest.raises(KeyError):
        meter.observe_seconds("orders_accepted", 0.1)


def test_two_meters_share_nothing_and_leave_the_global_registry_alone() -> None:
    first, second = PrometheusMeter(), PrometheusMeter()

    first.count("orders_accepted")

    assert samples(second)["trade_executor_orders_accepted_total", ()] == 0
    assert REGISTRY.get_sample_value("trade_executor_orders_accepted_total") is None


def test_page_says_that_it_is_prometheus_text() -> None:
    _, content_type = PrometheusMeter().scrape()

    assert content_type.startswith("text/plain; version=")


def test_threads_that_meet_at_a_first_use_lose_no_count() -> None:
    meter = PrometheusMeter()
    together = threading.Barrier(8)

    def work() -> None:
        together.wait(timeout=10)
        for number in range(200):
            meter.count("fills", kind=f"S{number}")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    found = samples(meter)
    assert {found["trade_executor_fills_total", (f"S{n}",)] for n in range(200)} == {8}
