"""What a call of market data is, whichever way it comes in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.simulated_exchange.rest.parameters import Parameters


Answer = Callable[[Parameters, int], bytes]
"""Takes the parameters and the factor from ms to the reply's time unit."""
Weigh = Callable[[Mapping[str, str]], int]
"""Takes the parameters as sent, whether they are right or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: its parameters, what it weighs, and what answers it."""

    known: frozenset[str]
    weigh: Weigh
    answer: Answer


def call(answer: Answer, weigh: Weigh | int, known: str = "") -> Call:
    """Return a call; `known` are the names of its parameters."""
    fixed = weigh if callable(weigh) else lambda _sent: weigh
    return Call(known=frozenset(known.split()), weigh=fixed, answer=answer)
