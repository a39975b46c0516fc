"""The whole service on symbols that are no ASCII, as the venue lists some."""

from pathlib import Path
from urllib.parse import quote

from tests.system.client import Client
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOLS = ("币安人生USDT", "这是测试币456")


def test_such_symbols_are_traded_recovered_and_audited(tmp_path: Path) -> None:
    options = ("--symbols", ",".join(SYMBOLS))
    with Service(tmp_path / "orders.db", *options) as service:
        service.await_trading()
        placed = {symbol: sell(service, symbol) for symbol in SYMBOLS}
        waiting = service.client.place(SYMBOLS[0], "SELL", "3", "1000").body
        exchange = Client(service.simulator_url)
        trades = exchange.get("/control/trades").body["trades"]
        metrics = service.client.get("/metrics").body

    for symbol, order in placed.items():
        fills = [one for one in trades if one["symbol"] == symbol]
        assert (order["status"], order["symbol"]) == ("FILLED", symbol)
        assert {one["clientOrderId"].isascii() for one in fills} == {True}
        assert f'actor="{symbol}/router"' in metrics
        assert f'trade_executor_orders_on_hold{{symbol="{symbol}"}} 0.0' in metrics
    with Service(tmp_path / "orders.db", *options) as service:
        assert service.client.order(waiting["id"])["status"] == "NEW"


def sell(service: Service, symbol: str) -> dict[str, object]:
    """Sell a little at the best bid; return the order when it is filled."""
    path = f"/api/v1/symbols/{quote(symbol)}/book?limit=1"
    bid = service.client.get(path).body["bids"][0][0]
    low = str(float(bid) * 0.9)[:5]
    order_id = service.client.place(symbol, "SELL", "3", low).body["id"]
    eventually(
        lambda: service.client.order(order_id)["status"] == "FILLED",
        within_seconds=10,
        what=f"{symbol} is sold",
    )
    return service.client.order(order_id)
