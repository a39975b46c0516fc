"""What the public tape says about the past: trades, klines and the last 24 hours."""
