"""A market that somebody added to the list, and to nothing else."""

from adapters.configuration.markets import Market


def added_market() -> Market:
    """Return a member of ``Market`` that no ``match`` knows."""
    added = str.__new__(Market, "elsewhere")
    added._name_, added._value_ = "ELSEWHERE", "elsewhere"
    return added
