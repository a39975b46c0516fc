"""``kill -9`` under notifications: no event is missed, whatever the targets answer."""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from domain.orders.order import OrderStep
from tests.adapters.webhooks.receiver import SECRET, Receiver, receiver
from tests.system.processes import Service
from tests.system.waiting import eventually


SYMBOL = "BTCUSDT"
LIVES = 3
ORDERS = 4
TOLD = {OrderStep.PART_FILLED, OrderStep.FILLED, OrderStep.CANCELED}
AGAIN_SECONDS = 30.0

Counts = dict[str, Counter[str]]
"""Of each order, by kind of event."""


def place_some(service: Service) -> None:
    """Place orders that fill at once, and cancel one that waits."""
    bid = service.client.best_bid(SYMBOL)
    for _ in range(ORDERS):
        price = f"{bid * Decimal('0.99'):.2f}"
        assert service.client.place(SYMBOL, "SELL", "0.01", price).status == 201
    waiting = service.client.place(SYMBOL, "SELL", "0.01", f"{bid * 2:.2f}")
    service.client.delete(f"/api/v1/orders/{waiting.body['id']}")


def happened(service: Service) -> Counts:
    """Return what the service says has happened."""
    found: Counts = {}
    for order in service.client.orders():
        events = service.client.get(f"/api/v1/orders/{order['id']}/events").body
        kinds = Counter[str](one["kind"] for one in events["items"])
        found[order["id"]] = Counter({kind: kinds[kind] for kind in TOLD & set(kinds)})
    return found


def messages_of(target: Receiver) -> Mapping[str, Any]:
    """Return the messages that a target took or not, by their id."""
    found: dict[str, Any] = {}
    for _, headers, body in target.got:
        message = json.loads(body)
        assert found.setdefault(headers["webhook-id"], message) == message
    return found


def told(target: Receiver) -> Counts:
    """Return what a target was told; it counts a repeated message once."""
    found: Counts = {}
    for message in messages_of(target).values():
        for one in message["data"]["orders"]:
            found.setdefault(one["order"]["id"], Counter()).update(one["events"])
    return found


def all_filled(service: Service) -> bool:
    return next(service.client.orders("&status=open"), None) is None


def test_targets_are_told_everything_over_kills(tmp_path: Path) -> None:
    with receiver() as webhook, receiver() as chat:
        webhook.answers = [503, 200, 500] * 2
        variables = {
            "TRADE_EXECUTOR_WEBHOOK_SECRET": SECRET,
            "TRADE_EXECUTOR_CHAT_URLS": chat.url.replace("http:", "json:"),
        }
        start = partial(
            Service,
            tmp_path / "orders.db",
            *("--webhook-urls", webhook.url, "--webhook-interval", "1s"),
            *("--webhook-kinds", ",".join(sorted(TOLD))),
            variables=variables,
        )
        for _ in range(LIVES):
            with start() as service:
                service.await_trading()
                place_some(service)
                service.kill()
        with start() as service:
            service.await_trading()
            eventually(
                partial(all_filled, service),
                within_seconds=AGAIN_SECONDS,
                what="every order has ended",
            )
            wanted = happened(service)
            eventually(
                lambda: told(webhook) == wanted,
                within_seconds=AGAIN_SECONDS,
                what="the webhook is told all of it",
            )
            lines = [f"order {order_id}" for order_id, kinds in wanted.items() if kinds]
            eventually(
                lambda: all(
                    any(line in json.loads(body)["message"] for _, _, body in chat.got)
                    for line in lines
                ),
                within_seconds=AGAIN_SECONDS,
                what="the chat is told of every order",
            )
            assert len(wanted) == LIVES * (ORDERS + 1)
            assert SECRET not in service.err.text
            assert chat.url.rpartition(":")[2] not in service.err.text
