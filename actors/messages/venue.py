"""To the gateway and back: child orders and their answers."""

from dataclasses import dataclass

from actors.runtime.addresses import AnyRecipient
from domain.execution import ChildOrder, ChildResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitChild:
    """Executor to gateway: send this child; its intent is on disk."""

    child: ChildOrder
    reply_to: AnyRecipient
    received_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryChild:
    """Executor to gateway: what became of this child?"""

    child: ChildOrder
    reply_to: AnyRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildAnswered:
    """Gateway to executor: the final answer on a child."""

    result: ChildResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetChild:
    """Executor to gateway: the answer is on disk, nobody will ask again."""

    child_id: str
