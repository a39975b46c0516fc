"""Execution reports: what trading cost, against what the market showed."""
