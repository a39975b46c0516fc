"""The fault switches: what goes wrong on demand, and who throws them."""
