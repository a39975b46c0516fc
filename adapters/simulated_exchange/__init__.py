"""The simulated exchange: the venue's spot protocol on loopback, as its own process.

Read it in this order:

* `settings` what can be set; `server` puts the parts together and runs them;
  `threaded` runs the same server in a thread for tests and benchmarks.
* Market: `instruments` (what is listed), `fair_value`, `depth_book`, `symbol_market`
  and `engine` (the seeded market: pure, deterministic, whole ticks and lots),
  `seeded_feed` (paces it); `recording_survey`, `recorded_book` and `recorded_feed` do
  the same for a recording. Both feeds are a `source.MarketSource`, which is all that
  the wire side knows of a market.
* Wire: `payloads` (bytes of every event), `stream_names`, `connection` (one client's
  socket and queue), `hub` (who wants what), `control_messages` (SUBSCRIBE and the
  like), `stream_endpoint` (the websocket routes and pings).
* REST: `parameters`, `weights`, `exchange_info`, `replies`, `market_calls`.
* Faults: `fault_requests` (the switches), `market_faults` (what is armed),
  `broadcaster` (where they act on streams), `control_endpoint` (its docstring is the
  manual).
* Trading: the package `trading`, added to the application in `server`. The market knows
  nothing of accounts: clients' orders rest in `level_queue` and come in through
  `order_book.OrderBook`, which `seeded_order_book` and `recorded_order_book` implement.
  Orders take liquidity through `symbol_market.SymbolMarket.execute`, the one way in
  which the seeded market's own traders take it, so that all of them see one book; its
  trades are printed on one `tape`.
"""
