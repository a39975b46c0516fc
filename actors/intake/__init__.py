"""The way in: from a client's request to an order that is worked."""
