"""The simulated exchange: the venue's spot protocol on loopback, as its own process.

Read it in this order:

* `settings` what can be set; `server` puts the parts together and runs them;
  `threaded` runs the same server in a thread for tests and benchmarks.
* Market: `instruments` (what is listed), `fair_value` + `depth_book` + `engine` (the
  seeded market: pure, deterministic, integers only), `seeded_feed` (paces it), and
  `recorded_book` + `recorded_feed` (the same for a recording). Both feeds are a
  `source.MarketSource`, the one thing that REST asks.
* Wire: `payloads` (bytes of every event), `stream_names`, `connection` (one client's
  socket), `hub` (who wants what), `control_messages` (SUBSCRIBE and the like),
  `stream_endpoint` (the websocket routes).
* REST: `parameters`, `weights`, `exchange_info`, `rest`.
* Faults: `faults` (the switches), `broadcaster` (where they act on streams),
  `control_endpoint` (how a test throws them; its docstring is the manual).

Trading joins as modules of its own (accounts, matching, signed routes, the WebSocket
API): child orders take liquidity through `engine.SymbolMarket.take`, the one way in
which the seeded market's own traders take it, so both see one book.
"""
