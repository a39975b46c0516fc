"""Summaries of samples."""

import statistics
from collections.abc import Sequence


def median(samples: Sequence[float]) -> float:
    """Return the middle; robust against the noise of a shared machine."""
    return statistics.median(samples)


def quantile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that at least ``share`` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Sum up samples for the JSON."""
    if not samples:
        return {"count": 0}
    shares = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {
        "count": len(samples),
        "min": min(samples),
        **{name: quantile(samples, share) for name, share in shares.items()},
        "max": max(samples),
    }
