"""Measures the cost table of the design, each number with its floor in one run."""
