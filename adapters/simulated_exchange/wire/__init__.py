"""Streams: connections, subscriptions, payloads and the limits on them."""
