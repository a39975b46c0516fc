"""A client of the service, or of the simulated exchange, over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import urllib3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    """Read from JSON; the text when it is none."""

    content_type: str


class Client:
    """Speaks to one server; usable by many threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(maxsize=16)

    def close(self) -> None:
        self._http.clear()

    def get(self, path: str) -> Answer:
        return self._call("GET", path)

    def delete(self, path: str) -> Answer:
        return self._call("DELETE", path)

    def post(self, path: str, body: Any, *, key: str | None = None) -> Answer:
        return self._call("POST", path, body, key)

    def patch(self, path: str, body: Any) -> Answer:
        return self._call("PATCH", path, body)

    def place(
        self, symbol: str, side: str, quantity: str, price: str, **more: str
    ) -> Answer:
        """Place an order; ``key`` is its idempotency key."""
        key = more.pop("key", None)
        terms = {"symbol": symbol, "side": side, "quantity": quantity, "price": price}
        return self.post("/api/v1/orders", terms | more, key=key)

    def order(self, order_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/v1/orders/{order_id}").body
        return found

    def fills(self, order_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.get(f"/api/v1/orders/{order_id}/fills{cursor}").body
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"?cursor={page['next_cursor']}"

    def orders(self, query: str = "") -> Iterator[dict[str, Any]]:
        """All orders, page by page."""
        cursor = ""
        while True:
            page = self.get(f"/api/v1/orders?limit=500{query}{cursor}").body
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"

    def book(self, symbol: str, limit: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = self.get(
            f"/api/v1/symbols/{symbol}/book?limit={limit}"
        ).body
        return found

    def best_bid(self, symbol: str) -> Decimal:
        """Of a book that has one."""
        return Decimal(self.book(symbol)["bids"][0][0])

    def status_of(self, symbol: str) -> dict[str, Any]:
        """The symbol's entry in ``/readyz``."""
        entries: list[dict[str, Any]] = self.get("/readyz").body["symbols"]
        return next(entry for entry in entries if entry["symbol"] == symbol)

    def metric(self, name: str) -> float:
        """A counter's value; 0 when nothing was counted yet."""
        for line in str(self.get("/metrics").body).splitlines():
            if line.startswith(f"trade_executor_{name}_total "):
                return float(line.split()[1])
        return 0.0

    def _call(
        self, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Answer:
        answer = self._http.request(
            method,
            self._url + path,
            json=body,
            headers={"Idempotency-Key": key} if key else {},
            timeout=10.0,
            retries=False,
        )
        content_type = answer.headers.get("Content-Type", "")
        is_json = "json" in content_type
        content = answer.json() if is_json else answer.data.decode()
        return Answer(answer.status, content, content_type)
