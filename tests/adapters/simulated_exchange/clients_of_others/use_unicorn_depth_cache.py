"""A local depth cache of unicorn on the exchange, to be looked at.

Run with the interpreter of an environment that holds it:
`use_unicorn_depth_cache.py HTTP-URL WS-URL SYMBOL`. It prints a line when the cache is
in sync, and then for each line that it reads one JSON object: the book as it is.
"""

import json
import sys
import threading
from typing import Any

from unicorn_binance_local_depth_cache import (  # type: ignore[import-not-found] # in its own environment
    BinanceLocalDepthCacheManager,
)
from unicorn_binance_rest_api.manager import (  # type: ignore[import-not-found] # see above
    BinanceRestApiManager,
)


def rest_of(url: str) -> Any:
    """Return a REST client that talks to the exchange only."""

    class Rest(BinanceRestApiManager):  # type: ignore[misc] # its types are not here
        def _init_session(self) -> Any:
            # Its constructor asks for the time as soon as there is a session.
            self.API_URL = f"{url}/api"
            return super()._init_session()

    return Rest(exchange="binance.com", warn_on_update=False, disable_colorama=True)


def show(book: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(book) + "\n")
    sys.stdout.flush()


def main(url: str, stream_url: str, symbol: str) -> None:
    manager = BinanceLocalDepthCacheManager(
        exchange="binance.com",
        depth_cache_update_interval=100,
        init_interval=0.1,
        init_time_window=1,
        ubra_manager=rest_of(url),
        warn_on_update=False,
        disable_colorama=True,
    )
    manager.ubwa.websocket_base_uri = f"{stream_url}/"
    manager.create_depthcache(markets=[symbol])
    pause = threading.Event()
    while not manager.is_depth_cache_synchronized(symbol):
        pause.wait(0.05)
    show({"in_sync": True})
    for _line in sys.stdin:
        show(
            {
                "update_id": manager.depth_caches[symbol.lower()]["last_update_id"],
                "bids": manager.get_bids(symbol),
                "asks": manager.get_asks(symbol),
                "restarts": manager.get_restart_count(symbol),
            }
        )
    manager.stop_manager()


if __name__ == "__main__":
    main(*sys.argv[1:])
