"""What a signed call is, whichever way it comes in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.simulated_exchange.trading.authentication import AuthenticatedClient
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.order_engine import USUAL, OrderTerms


CallKind = Literal["place", "cancel", "query"]
"""What the call does, for faults that concern one kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """An authentic request for one call."""

    caller: AuthenticatedClient
    parameters: CallParameters
    terms: OrderTerms = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall:
    """One call: its parameters, what it weighs, and what answers it."""

    known: frozenset[str]
    weigh: Callable[[Mapping[str, str]], int]
    answer: Callable[[SignedRequest], object]
    kind: CallKind = "query"
    is_free: bool = False
    """Whether it weighs nothing when it succeeds."""
    places: bool = False
    """Whether it counts as an order."""
