"""Binance's market data: connections, frames, snapshots."""
