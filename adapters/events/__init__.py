"""Committed events on their way to subscribers."""
