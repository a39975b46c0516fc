"""Places one sell order on the running service and shows its outcome.

For a newcomer's first minutes: ``python -m adapters.cli.sell_example SYMBOL
QUANTITY PRICE``. It speaks plain HTTP, as any client of the service would, and finds
the service as ``halt`` and ``resume`` do.
"""

import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

import click
import urllib3
from urllib3.exceptions import HTTPError

from adapters.configuration.switch_settings import read_switch_settings
from adapters.http.service_addresses import url_of_address
from domain.errors import ConfigurationError


TRIES = 120
PAUSE_SECONDS = 0.25
_HOW_TO_CANCEL = (
    "still open, and goes on: /readyz says what it waits for; "
    "to cancel it: curl -X DELETE {url}/api/v1/orders/{id}"
)
ENDS = ("FILLED", "CANCELED", "EXPIRED", "REJECTED")


@click.command()
@click.argument("symbol")
@click.argument("quantity")
@click.argument("price")
@click.option("--host", metavar="ADDRESS", help="Address that it listens on.")
@click.option("--port", metavar="PORT", help="Port that it listens on.")
@click.option("--url", metavar="URL", help="The service, in place of both.")
@click.option("--config", metavar="FILE", help="The service's options, as TOML.")
def main(symbol: str, quantity: str, price: str, **place: str | None) -> None:
    """Sell QUANTITY of SYMBOL at PRICE or better, and wait for the end."""
    url = _url_of(place)
    body = {"symbol": symbol, "side": "SELL", "quantity": quantity, "price": price}
    try:
        order = _call(url, "POST", "/api/v1/orders", body)
        click.echo(f"accepted: order {order['id']}, status {order['status']}")
        order = _wait_for_end(url, order)
        if order["status"] not in ENDS:
            click.echo(_HOW_TO_CANCEL.format(url=url, **order))
        fills = _call(url, "GET", f"/api/v1/orders/{order['id']}/fills")["items"]
    except HTTPError as error:
        sys.exit(f"error: no service at {url} ({type(error).__name__}); try: make run")
    for fill in fills:
        click.echo(f"  {fill['quantity']} at {fill['price']}")
    click.echo(
        f"{order['status']}: sold {order['filled']} of {order['quantity']} {symbol}"
        f" at {order['average_price']} on average, {order['price']} was asked"
    )


def _url_of(place: Mapping[str, str | None]) -> str:
    try:
        found = read_switch_settings(place, os.environ)
    except ConfigurationError as error:
        sys.exit(f"error: {error}")
    return found.url or url_of_address(found.host, found.port)


def _wait_for_end(url: str, order: dict[str, Any]) -> dict[str, Any]:
    pause = threading.Event()
    for _ in range(TRIES):
        order = _call(url, "GET", f"/api/v1/orders/{order['id']}")
        if order["status"] in ENDS:
            break
        pause.wait(PAUSE_SECONDS)
    return order


def _call(
    url: str, method: str, path: str, body: dict[str, str] | None = None
) -> dict[str, Any]:
    answer = urllib3.request(method, url + path, json=body, timeout=10.0, retries=False)
    found: dict[str, Any] = answer.json()
    if answer.status >= 400:  # noqa: PLR2004 - client and server errors
        sys.exit(f"error: {found.get('code')}: {found.get('detail')}")
    return found


if __name__ == "__main__":
    main()
