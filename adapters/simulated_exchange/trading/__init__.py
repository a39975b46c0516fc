"""The trading side of the simulated exchange: accounts, orders and signed calls.

Read it in this order:

* Who: `signatures` (the three kinds of keys), `accounts` (balances and commission),
  `account_keys` (keys and whom they belong to), `authentication` (timestamps and
  signatures of a request).
* Orders: `orders` (an order and its trades), `order_ledger` (every one since the
  start), `symbol_rules` and `filters` (what may be placed), `order_engine` (accepts,
  matches, cancels), `user_events` (who is told),
  `settlement` (moves balances), `self_trades` (prevents them).
* Calls: `call_parameters` and `order_requests` (parameters to an order), `order_checks`
  (what it must obey), `order_replies` (an order to JSON), `order_calls` and
  `account_calls` (one function a call), `call_table` (all of them), `order_counts` (how
  many orders an account may place).
* Wire: `signed_rest` (REST); `ws_messages`, `ws_session`, `user_subscriptions` and
  `ws_api` (the WebSocket API).
* Faults: `order_fault_requests` (the switches), `order_faults` (what is armed),
  `trading_fault_switches` (throws them), `faulty_exchange` (where they act).
* `trading_side` puts all of it together, `account_endpoint` is its part of the control
  endpoint: accounts and the audit.

It meets the market in `order_book.OrderBook` only. Amounts are integers of 1e-8, as in
the market.
"""
