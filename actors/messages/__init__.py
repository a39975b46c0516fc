"""Messages between actors that carry addresses; market data is in the domain."""
