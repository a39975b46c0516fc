"""What all executors of a symbol share."""

from dataclasses import dataclass

from domain.instrument import SymbolRules
from domain.ports import Announcer
from domain.values import Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorTools:
    """What all executors of a symbol share."""

    symbol: Symbol
    rules: SymbolRules
    announcer: Announcer
