"""Which algorithm works an order."""

from collections.abc import Callable

from domain.algorithms.contract import Algorithm
from domain.algorithms.immediate import IMMEDIATE
from domain.orders.order import Order


AlgorithmOf = Callable[[Order], Algorithm]


def algorithm_of(order: Order) -> Algorithm:
    """Return the algorithm of an order, by what the order says: so far, IMMEDIATE."""
    del order
    return IMMEDIATE
