"""Committed events on their way to whoever follows them."""
