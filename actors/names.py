"""The names by which actors are found."""

from typing import Final

from domain.values import OrderId, Symbol


ROOT: Final = "root"
LEDGER: Final = "ledger"
GATEWAY: Final = "gateway"
MANAGER: Final = "manager"
RECONCILER: Final = "reconciler"
RULES_KEEPER: Final = "rules-keeper"
PRICE_RECORDER: Final = "price-recorder"
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
    """Return the order whose executor has this name."""
    return OrderId(executor_name.rpartition("/")[2])


def kind_of(name: str) -> str:
    """Return what kind of actor has this name, such as ``router``."""
    if name.startswith(SYMBOL_SUPERVISOR):
        return "supervisor"
    if name.startswith(f"{GATEWAY}/"):
        return "gateway worker"
    kind = name.partition("/")[2]
    return "executor" if kind.startswith("order/") else kind or name


def gateway_workers(count: int) -> tuple[str, ...]:
    """Return the names of the gateway's ``count`` workers."""
    return tuple(f"{GATEWAY}/worker/{number}" for number in range(1, count + 1))
