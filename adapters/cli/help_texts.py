r"""What ``--help`` says. A line ``\b`` keeps click from joining the lines below it."""

from typing import Final


PROGRAM_HELP: Final = """
Works limit orders against a live order book: you say "sell 300 BNBUSDT at 270 or
better", it fills them slice by slice and remembers everything.

Without a command it serves: all options of serve can be given directly.
"""

PROGRAM_EPILOG: Final = """
\b
Examples:
  python run.py                           everything on this machine, no network
  python run.py --market binance          live prices, paper fills
  python run.py serve --help              all options of the service
  python run.py order sell BTCUSDT 0.5 --price 61000 --watch
                                          place an order on the running service
"""

SERVE_HELP: Final = """
Run the service: take orders over HTTP and fill them when the market allows.

By default it starts its own simulated market, so it needs neither network nor
account, and nothing it does costs money.
"""

SERVE_EPILOG: Final = """
\b
Each option can also be set in the environment or in a file; the command line wins
over the environment, that over the file:
  --log-format json
  TRADE_EXECUTOR_LOG_FORMAT=json
  log-format = "json"                     in the TOML file named by --config

\b
Examples:
  python run.py serve
  python run.py serve --market binance --symbols BTCUSDT,SOLUSDT \\
                      --database sqlite:///paper.db --port 8081
  python run.py serve --market binance --rest-url http://127.0.0.1:9000 \\
                      --stream-url ws://127.0.0.1:9000 \\
                      --database sqlite:///own.db

\b
Place an order while it runs:
  python run.py order sell BTCUSDT 0.01 --price 1000
  curl http://127.0.0.1:8080/api/v1/orders \\
    -H 'Content-Type: application/json' \\
    -d '{"symbol":"BTCUSDT","side":"SELL","quantity":"0.01","price":"1000"}'
"""

SIMULATE_HELP: Final = """
Run only the simulated exchange: Binance's protocol, market data and trading.

The service starts one itself; run alone, it serves for development. It prints
"listening http://HOST:PORT" when it can be reached.
"""

SIMULATE_EPILOG: Final = """
\b
Examples:
  python run.py simulate --symbols BTCUSDT,ETHBTC --seed 7
  python run.py simulate --recording FOLDER --speed 10
  python run.py simulate --recording FOLDER --speed max --no-limits
"""

REPLAY_HELP: Final = """
Run a recording and a list of orders through the service as fast as it can.

SESSION is a folder with frames.tsv or frames.tsv.gz and SYMBOL.snapshot.json. The
same recording and orders always give the same result, byte for byte.
"""

REPLAY_EPILOG: Final = """
\b
Example:
  python run.py replay SESSION --symbol BTCUSDT --orders orders.json

\b
orders.json holds a list; "at" is in seconds after the first frame:
  [{"id": "a", "side": "SELL", "price": "61700", "quantity": "2",
    "at": 1.5, "time_in_force": "GTC"}]
"""
