"""The names that actors are found by."""

from typing import Final

from domain.values import OrderId, Symbol


ROOT: Final = "root"
LEDGER: Final = "ledger"
GATEWAY: Final = "gateway"
MANAGER: Final = "manager"
RECONCILER: Final = "reconciler"
RULES_KEEPER: Final = "rules-keeper"
SYMBOL_SUPERVISOR: Final = "supervisor:"


def of_symbol(symbol: Symbol) -> str:
    """Return the prefix of everything that belongs to one symbol."""
    return f"{symbol}/"


def symbol_supervisor(symbol: Symbol) -> str:
    """Return the name of a symbol's supervisor; not under the symbol's prefix."""
    return f"{SYMBOL_SUPERVISOR}{symbol}"


def router(symbol: Symbol) -> str:
    """Return the name of a symbol's router."""
    return f"{symbol}/router"


def listener(symbol: Symbol) -> str:
    """Return the name of a symbol's listener."""
    return f"{symbol}/listener"


def executor(symbol: Symbol, order_id: OrderId) -> str:
    """Return the name of an order's executor."""
    return f"{symbol}/order/{order_id}"


def order_of(executor_name: str) -> OrderId:
    """Return whose executor has this name."""
    return OrderId(executor_name.rpartition("/")[2])


def gateway_workers(count: int) -> tuple[str, ...]:
    """Return the names of so many of the gateway's workers."""
    return tuple(f"{GATEWAY}/worker/{number}" for number in range(1, count + 1))
