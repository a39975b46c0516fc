"""The operator's limits and the halt switch."""
