"""Tells other servers of committed events, by signed messages."""
