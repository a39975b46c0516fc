"""All counters and histograms there are, and what each tells.

They are shown from the start, a counter with 0, so that monitoring sees the first event
of each kind as a change. Those with labels appear with each value of the label, if its
values are known here, otherwise at their first use.

Names follow Prometheus' conventions: base units, ``_total`` for counters.
"""

from dataclasses import dataclass
from typing import Final

from domain.orders.order import OrderStatus
from domain.reasons import BookState


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A counter, without the prefix and without ``_total``."""

    name: str
    meaning: str
    label: str = ""
    values: tuple[str, ...] = ()
    """Of the label, as far as they are known from the start."""


CHILD_OUTCOMES: Final = ("done", "rejected", "never_sent", "unknown")
ACTORS: Final = (
    *("ledger", "gateway", "gateway worker", "manager", "reconciler", "rules-keeper"),
    *("supervisor", "router", "listener", "executor"),
)
LOST: Final = (
    BookState.CONNECTING,
    BookState.SYNCING,
    BookState.GAP,
    BookState.CROSSED,
    BookState.STALE,
)
ENDED: Final = tuple(status for status in OrderStatus if status.is_final)

COUNTERS: Final = (
    Counted(
        name="actor_failures",
        meaning="Actors that a bug ended; each is started again, now or after a rest",
        label="actor",
        values=ACTORS,
    ),
    Counted(
        name="book_losses",
        meaning="Times that a symbol's book became unusable, by the state it got",
        label="state",
        values=LOST,
    ),
    Counted(
        name="book_syncs",
        meaning="Times that a symbol's book came into step",
        label="symbol",
    ),
    Counted(
        name="children",
        meaning="Child orders, by what the call to the venue came to",
        label="outcome",
        values=CHILD_OUTCOMES,
    ),
    Counted(
        name="child_look_ups",
        meaning="Questions about child orders whose outcome is unknown",
    ),
    Counted(name="feed_frames", meaning="Frames of market data that came in"),
    Counted(name="feed_bytes", meaning="Bytes of market data that came in"),
    Counted(
        name="feed_frames_unreadable",
        meaning="Frames of market data not understood",
    ),
    Counted(name="feed_connections_opened", meaning="Market data connections opened"),
    Counted(name="feed_connections_lost", meaning="Market data connections lost"),
    Counted(name="feed_handovers", meaning="Connections replaced without a gap"),
    Counted(name="feed_probes", meaning="Pings sent because a connection was silent"),
    Counted(name="feed_pings_answered", meaning="Pings of the venue answered"),
    Counted(name="feed_snapshots", meaning="Snapshots of books asked for"),
    Counted(name="feed_snapshots_failed", meaning="Snapshots that did not come"),
    Counted(name="fills", meaning="Fills on disk", label="symbol"),
    Counted(
        name="http_responses",
        meaning="Answers to HTTP calls other than those of monitoring",
        label="code",
        values=("200", "201", "500", "503"),
    ),
    Counted(name="orders_accepted", meaning="Orders on disk"),
    Counted(
        name="orders_ended",
        meaning="Orders that have ended, by their last status",
        label="status",
        values=ENDED,
    ),
    Counted(name="push_events", meaning="Events sent to clients of the push stream"),
    Counted(
        name="push_listeners_dropped",
        meaning="Clients of the push stream that did not keep up",
    ),
    Counted(name="records_committed", meaning="Records of orders on disk"),
    Counted(name="webhook_deliveries", meaning="Messages that webhook targets took"),
    Counted(name="webhook_failures", meaning="Attempts at messages that failed"),
    Counted(name="wrong_tokens", meaning="Calls with a wrong token"),
    Counted(
        name="audit_entries_lost",
        meaning="Calls missing in the audit trail, because too many waited for it",
    ),
)

HISTOGRAMS: Final = {
    "commit_seconds": "How long a commit to the database took",
    "feed_event_age_seconds": "Age of market data when read, by the venue's clock",
    "feed_snapshot_seconds": "How long a snapshot of a book took",
    "frame_to_offer_seconds": "Frame received to an order taking what it offers",
    "frame_to_intent_seconds": "Frame received to the child order's intent on disk",
    "frame_to_child_seconds": "Frame received to the child handed to the venue adapter",
    "frame_to_wire_seconds": "Frame received to the request's first byte on the socket",
    "frame_to_answer_seconds": "Frame received to the venue's answer on the child",
    "frame_to_fill_seconds": "Frame received to the child order's fills on disk",
    "http_request_seconds": "How long HTTP calls took",
    "process_away_seconds": "Times in which the process stood still",
}
