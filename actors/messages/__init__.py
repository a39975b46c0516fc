"""Messages between actors that carry addresses; observations live in the domain."""
