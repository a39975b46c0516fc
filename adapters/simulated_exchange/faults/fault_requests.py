"""The fault switches as a client asks for them; msgspec reads and checks the JSON."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adapters.simulated_exchange.market.symbols import LISTED_PATTERN


Symbol = Annotated[str, Meta(pattern=LISTED_PATTERN)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]
Target = Literal["streams", "ws_api", "all"]
"""Connections of market streams, of the WebSocket API, or both."""
Probability = Annotated[float, Meta(ge=0, le=1)]
Fraction = Annotated[float, Meta(gt=0, le=1)]


class Fault(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault"
):
    """What all switches share."""


class DrawnFault(Fault, frozen=True, kw_only=True):
    """A fault of the next `count` events or requests, or of each with a probability."""

    count: Count | None = None
    """1 unless a probability is given."""
    probability: Probability | None = None
    """Of each, until `clear`."""
    seed: int | None = None
    """Of the chance; the exchange's own unless given."""
    symbol: Symbol | None = None


class Cut(Fault, frozen=True, tag="cut"):
    """Drop connections now, oldest first, without a farewell."""

    fraction: Fraction = 1.0
    symbol: Symbol | None = None
    target: Target = "streams"


class Gap(DrawnFault, frozen=True, tag="gap"):
    """Never send the next `count` diff depth events of each stream."""


class Duplicate(DrawnFault, frozen=True, tag="duplicate"):
    """Send the next `count` diff depth events of each stream twice."""


class Reorder(DrawnFault, frozen=True, tag="reorder"):
    """Swap the next two diff depth events of each stream, `count` times."""


class StaleSnapshot(DrawnFault, frozen=True, kw_only=True, tag="stale_snapshot"):
    """Answer the next `count` depth requests with the book of now, dated back."""

    behind: Annotated[int, Meta(ge=0)] = 1000
    """How many update ids `lastUpdateId` is set back."""


class Renumber(Fault, frozen=True, tag="renumber"):
    """Restart the update ids, in snapshots and streams, on open connections."""

    symbol: Symbol | None = None


class SilenceFault(Fault, frozen=True, tag="silence"):
    """Send no stream data for a while; connections stay open."""

    seconds: Seconds
    after: Literal["burst", "gap"] = "burst"
    """Whether what was held back comes at the end, or never."""
    answer_pings: bool = True
    """False: no pings are sent or answered either, on any connection."""
    symbol: Symbol | None = None


class ShutdownFault(Fault, frozen=True, tag="server_shutdown"):
    """Say serverShutdown to all, then cut those who heard it."""

    after_seconds: Seconds = 0.0
    target: Target = "streams"


class Garbage(Fault, frozen=True, tag="garbage"):
    """Send a frame that no parser should trust, beside the real ones, now."""

    kind: Literal["not_json", "truncated", "unknown_event"] = "not_json"
    count: Annotated[int, Meta(ge=1, le=1000)] = 1
    symbol: Symbol | None = None


class HttpError(DrawnFault, frozen=True, kw_only=True, tag="http_error"):
    """Refuse the next `count` REST requests."""

    status: Literal[403, 418, 429, 451, 500, 502, 503, 504] = 500
    retry_after: Annotated[int, Meta(ge=0, le=86_400)] = 1
    """Seconds, sent with 418 and 429."""
    path: str | None = None
    """Such as `depth` or `ticker/price`; any call when absent."""


class Delay(Fault, frozen=True, tag="delay"):
    """Send everything late by some seconds, for a while, in order."""

    seconds: Seconds
    for_seconds: Seconds
    target: Literal["streams", "rest"] = "streams"
    symbol: Symbol | None = None


class Clear(Fault, frozen=True, tag="clear"):
    """Disarm everything."""


DepthFault = Gap | Duplicate | Reorder
AnyFault = (
    Cut
    | Gap
    | Duplicate
    | Reorder
    | StaleSnapshot
    | Renumber
    | SilenceFault
    | ShutdownFault
    | Garbage
    | HttpError
    | Delay
    | Clear
)
