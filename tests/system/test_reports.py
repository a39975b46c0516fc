"""A report against one worked out apart from it, in fractions.

From what the other calls of the API say; and on a recorded market, what they say of the
book is first held against the recording.
"""

import json
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import websocket
from websocket import WebSocketException

from tests.replay.recorded import session
from tests.replay.recorded import touches as touches_of
from tests.system.client import Client
from tests.system.processes import Service, Simulator
from tests.system.recorded_market import head_of
from tests.system.waiting import eventually


WITHIN_SECONDS = 30.0
FRAMES = 6_000
PLACES = 10_000
"""In a basis point, as figures are rounded."""


def mid(touch: dict[str, Any]) -> Fraction:
    return (Fraction(touch["bid"]) + Fraction(touch["ask"])) / 2


def second(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def bps(amount: Fraction, reference: Fraction) -> Fraction:
    return Fraction(round(amount / reference * 10_000 * PLACES), PLACES)


def path_of(client: Client, one: str) -> dict[int, Fraction]:
    """Return the mids that are on disk, by second."""
    points = client.get(f"{one}/prices").body["items"]
    return {second(point["at"]): mid(point) for point in points}


def sold(service: Service, symbol: str, quantity: str) -> str:
    """Sell at whatever price; return the path of the order, whose prices are known."""
    client = service.client
    limit = f"{client.best_bid(symbol) * 9 / 10:.0f}"
    one = f"/api/v1/orders/{client.place(symbol, 'SELL', quantity, limit).body['id']}"
    eventually(
        lambda: client.get(one).body["status"] == "FILLED",
        within_seconds=WITHIN_SECONDS,
        what="the order is filled",
    )
    fills = client.get(f"{one}/fills").body["items"]
    last = max(second(fill["executed_at"]) for fill in fills)
    eventually(
        lambda: max(path_of(client, one), default=0) > last + 1,
        within_seconds=WITHIN_SECONDS,
        what="the prices of the second after its fills are on disk",
    )
    return one


def worked_out(client: Client, one: str) -> dict[str, Fraction]:
    """Return the figures of an order to sell that was filled, in basis points."""
    arrival = mid(client.get(f"{one}/touches").body["arrival"])
    children = client.get(f"{one}/children").body["items"]
    offers = {child["child_id"]: child["touch"] for child in children}
    path = path_of(client, one)
    items = client.get(f"{one}/fills").body["items"]
    fills = [(Fraction(one["price"]), Fraction(one["quantity"]), one) for one in items]

    def summed(of_fill: Callable[[Fraction, Any], Fraction]) -> Fraction:
        return sum((q * of_fill(p, fill) for p, q, fill in fills), Fraction(0))

    def gone(price: Fraction, fill: Any) -> Fraction:
        later = path.get(second(fill["executed_at"]) + 1)
        return Fraction(0) if later is None else price - later

    def judged(price: Fraction, fill: Any) -> Fraction:
        is_known = second(fill["executed_at"]) + 1 in path
        return price if is_known else Fraction(0)

    value = summed(lambda p, _: p)
    whole = Fraction(client.get(one).body["quantity"]) * arrival
    fees = sum((Fraction(fill["fee"]) for _, _, fill in fills), Fraction(0))
    far = summed(lambda _, fill: Fraction(offers[fill["child_id"]]["bid"]))
    middle = summed(lambda _, fill: mid(offers[fill["child_id"]]))
    assert {fill["fee_asset"] for _, _, fill in fills} <= {"USDT", None}  # paper: none
    return {
        "arrival": bps(whole - value, whole),
        "execution": bps(whole - value, whole),
        "unfilled": Fraction(0),
        "fees": bps(fees, whole),
        "shortfall": bps(whole - value + fees, whole),
        "price_improvement": bps(value - far, far),
        "effective_spread": bps(2 * (middle - value), middle),
        "markout_1s": bps(summed(gone), summed(judged)),
    }


def figures_of(client: Client, one: str) -> dict[str, Fraction]:
    figures = client.get(f"{one}/report").body["figures"]
    return {
        name: Fraction(figure["bps"])
        for name, figure in figures.items()
        if figure["bps"] is not None
    }


def shown_touches(client: Client, one: str) -> list[dict[str, Any]]:
    """Return all that the service has recorded of the best prices, for an order."""
    children = client.get(f"{one}/children").body["items"]
    return [
        client.get(f"{one}/touches").body["arrival"],
        *(child["touch"] for child in children),
        *client.get(f"{one}/prices").body["items"],
    ]


@contextmanager
def heard_trades(url: str, symbol: str) -> Iterator[list[dict[str, Any]]]:
    """Hear the exchange's trades, apart from the service."""
    heard: list[dict[str, Any]] = []
    address = f"{url.replace('http', 'ws', 1)}/ws/{symbol.lower()}@trade"
    socket = websocket.create_connection(address, timeout=WITHIN_SECONDS)

    def hear() -> None:
        with suppress(WebSocketException, OSError, ValueError):
            while True:
                heard.append(json.loads(socket.recv()))

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    yield heard
    socket.shutdown()  # type: ignore[no-untyped-call] # its own lack
    thread.join(WITHIN_SECONDS)


def summed_up(trades: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    """Return quantity and value."""
    quantity = sum((quantity for _, quantity in trades), Fraction(0))
    return quantity, sum((p * q for p, q in trades), Fraction(0))


def against_trades(
    client: Client, one: str, heard: list[dict[str, Any]]
) -> dict[str, Fraction]:
    """Compare an order to sell with the trades that were heard while it was open."""
    order = client.get(one).body
    first, last = second(order["created_at"]), second(order["updated_at"])
    trades = [
        (Fraction(trade["p"]), Fraction(trade["q"]))
        for trade in heard
        if first <= trade["T"] // 1000 <= last
    ]
    fills = client.get(f"{one}/fills").body["items"]
    amounts = [(Fraction(fill["price"]), Fraction(fill["quantity"])) for fill in fills]
    filled, value = summed_up(amounts)
    quantity, quote = summed_up(trades)
    average = quote / quantity
    rounded = Fraction(round(average * 10**12), 10**12)
    against = bps(filled * rounded - value, filled * rounded)
    return {
        "interval_vwap": against,
        "limit_vwap": against,  # it was willing to sell at any of those prices
        "participation": bps(value, quote),
    }


def test_a_report_follows_from_what_the_other_calls_say(tmp_path: Path) -> None:
    with Service(tmp_path / "orders.db", "--trades") as service:
        service.await_trading()
        url, client = service.simulator_url, service.client
        with heard_trades(url, "BTCUSDT") as heard:
            eventually(
                lambda: len({trade["T"] // 1000 for trade in heard}) > 2,
                within_seconds=WITHIN_SECONDS,
                what="trades of a whole second were heard",
            )
            one = sold(service, "BTCUSDT", "0.4")
            eventually(
                lambda: "interval_vwap" in figures_of(client, one),
                within_seconds=WITHIN_SECONDS,
                what="all trades of its time are on disk",
            )
        expected = worked_out(client, one) | against_trades(client, one, heard)
        found = figures_of(client, one)

    assert {name: found.get(name) for name in expected} == expected


def test_a_report_follows_from_a_recording(tmp_path: Path) -> None:
    recorded = session("btcusdt-20240808", "BTCUSDT")
    recording = head_of(recorded, FRAMES, tmp_path)
    with (
        Simulator("--recording", str(recording), "--speed", "2") as market,
        Service(
            tmp_path / "orders.db", *market.as_market, "--symbols", "BTCUSDT"
        ) as service,
    ):
        service.await_trading()
        one = sold(service, "BTCUSDT", "0.4")

        touches = shown_touches(service.client, one)
        expected = worked_out(service.client, one)
        found = figures_of(service.client, one)

    seen = touches_of(recorded)
    ids = [update_id for update_id, _ in seen]
    for touch in touches:
        bid, _, ask, _ = seen[bisect_right(ids, touch["update_id"]) - 1][1]
        assert (Decimal(touch["bid"]), Decimal(touch["ask"])) == (bid, ask)
    assert {name: found.get(name) for name in expected} == expected
