"""Binance spot: market data over websockets, snapshots and exchange rules over REST."""
