"""Puts actors and adapters together; nothing imports it but ``run.py``."""
