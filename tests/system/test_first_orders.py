"""The newcomer's first orders: placed as the Makefile does, filled, and summarised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.system.processes import ROOT, RUN, Program, Service
from tests.system.waiting import eventually


IN_MAKEFILE = re.compile(r"run\.py order sell (\w+) (\S+) --price (\S+) --watch")
EXAMPLES = IN_MAKEFILE.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
SOLD_WITHIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An example, and all that was said about it."""

    example: tuple[str, str, str]
    exit_code: int
    said: str
    """By the program that placed it."""

    service: Service

    @property
    def order_id(self) -> str:
        found = re.search(r"accepted: order (\w+)", self.said)
        assert found, self.said
        return found[1]

    @property
    def printed(self) -> str:
        """What the service has printed since the order's headline."""
        return self.service.out.text.partition(f"Order {self.order_id}:")[2]

    def read(self, what: str = "") -> Any:
        return self.service.client.get(f"/api/v1/orders/{self.order_id}{what}").body


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda example: example[0])
def sold(request: pytest.FixtureRequest, service: Service) -> Sold:
    symbol, quantity, price = request.param
    terms = ("sell", symbol, quantity, "--price", price, "--watch")
    with Program(RUN, "order", *terms, "--url", service.url) as program:
        exit_code = program.wait(SOLD_WITHIN_SECONDS)
    found = Sold(
        example=request.param,
        exit_code=exit_code,
        said=program.out.text,
        service=service,
    )
    eventually(
        lambda: "Gain over the limit" in found.printed,
        within_seconds=5,
        what="the summary is printed",
    )
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("first") / "orders.db") as running:
        running.await_trading()
        yield running


def printed_summary(sold: Sold) -> list[list[str]]:
    """The cells of the order's table: a row for each fill, and the totals."""
    table, _, _ = sold.printed.partition("Gain over the limit")
    rows = [line for line in table.splitlines() if line.startswith(("│", "|"))]
    return [[cell.strip() for cell in re.split("[│|]", row)[1:-1]] for row in rows]


def test_makefile_has_three_examples() -> None:
    assert [symbol for symbol, _, _ in EXAMPLES] == ["BTCUSDT", "BNBUSDT", "ETHBTC"]


def test_example_order_is_accepted_and_filled(sold: Sold) -> None:
    symbol, quantity, _ = sold.example
    order = sold.read()

    assert sold.exit_code == 0
    assert f"FILLED (COMPLETED): sold {quantity} of {quantity} {symbol}" in sold.said
    assert (order["status"], order["reason"]) == ("FILLED", "COMPLETED")
    assert (order["filled"], order["remaining"]) == (quantity, "0")


@pytest.mark.parametrize("by", ["option", "variable"])
def test_example_finds_the_service_by_its_port(service: Service, by: str) -> None:
    _, _, port = service.url.rpartition(":")
    command = (RUN, "order", "sell", "BNBUSDT", "1", "--price", "400", "--watch")
    options = ("--port", port) if by == "option" else ()
    variables = {"TRADE_EXECUTOR_PORT": port} if by == "variable" else {}

    with Program(*command, *options, variables=variables) as program:
        exit_code = program.wait(SOLD_WITHIN_SECONDS)

    assert (exit_code, program.err.text) == (0, "")


def test_fills_add_up_to_the_order_at_its_limit_or_better(sold: Sold) -> None:
    _, quantity, price = sold.example
    fills = sold.read("/fills")["items"]

    assert sum(Decimal(fill["quantity"]) for fill in fills) == Decimal(quantity)
    assert all(Decimal(fill["price"]) >= Decimal(price) for fill in fills)


def test_summary_is_the_sum_of_the_fills(sold: Sold) -> None:
    _, quantity, price = sold.example
    fills = sold.read("/fills")["items"]
    summary = sold.read("/summary")
    quote = sum(Decimal(fill["price"]) * Decimal(fill["quantity"]) for fill in fills)

    assert summary["order"] == sold.read()
    assert summary["fills"] == fills
    assert summary["totals"]["filled"] == quantity
    assert Decimal(summary["totals"]["filled_quote"]) == quote
    assert Decimal(summary["gain"]) == quote - Decimal(price) * Decimal(quantity)
    assert summary["totals"]["average_price"] == summary["order"]["average_price"]


def test_printed_table_shows_the_fills_and_their_totals(sold: Sold) -> None:
    _, _, price = sold.example
    summary = sold.read("/summary")

    *rows, totals = printed_summary(sold)

    assert [row[:4] for row in rows] == [
        [str(number), price, fill["price"], fill["quantity"]]
        for number, fill in enumerate(summary["fills"], start=1)
    ]
    assert totals[2:] == [
        summary["totals"]["average_price"],
        summary["totals"]["filled"],
        summary["totals"]["filled_quote"],
    ]
    assert f"Gain over the limit: {summary['gain']} " in sold.printed
