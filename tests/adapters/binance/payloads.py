"""Frames and bodies as the venue writes them."""

import json
from typing import Any

from domain.values import Symbol


SHUTDOWN = json.dumps(
    {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}}
)


def depth_frame(symbol: Symbol, first: int, last: int, bids: int = 1) -> str:
    data: dict[str, Any] = {
        "e": "depthUpdate",
        "E": 1672515782136,
        "s": symbol,
        "U": first,
        "u": last,
        "b": [["1.5", "10"]] * bids,
        "a": [["1.6", "0"]],
    }
    return json.dumps({"stream": f"{symbol.lower()}@depth@100ms", "data": data})


def ticker_frame(symbol: Symbol, update_id: int) -> str:
    data: dict[str, Any] = {
        "u": update_id,
        "s": symbol,
        "b": "1.5",
        "B": "10",
        "a": "1.6",
        "A": "7",
    }
    return json.dumps({"stream": f"{symbol.lower()}@bookTicker", "data": data})


def depth_body(last_update_id: int) -> str:
    return json.dumps(
        {"lastUpdateId": last_update_id, "bids": [["1.5", "10"]], "asks": []}
    )
