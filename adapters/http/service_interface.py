"""Puts the service's HTTP interface together."""

import logging
import socket
from dataclasses import dataclass
from typing import Protocol

from adapters.access.audit_log import AuditLog
from adapters.access.call_limits import CallLimits
from adapters.access.live_tokens import LiveTokens
from adapters.configuration.settings import ServeSettings
from adapters.http.access_control import AccessControl, AccessGuard
from adapters.http.app import (
    NON_BLOCKING_CALLS,
    URGENT_CALLS,
    ServiceAccess,
    create_app,
    measure_calls,
)
from adapters.http.audit_endpoints import AuditReader
from adapters.http.authentication import ALWAYS_OPEN, Authentication
from adapters.http.doors import Doors
from adapters.http.event_push import PUSH_PATH, EventPush
from adapters.http.push_settings import PushSources
from adapters.http.server import HttpServer
from adapters.http.server_options import ServerOptions
from adapters.http.static_files import StaticFiles
from adapters.http.token_streams import TokenStreams
from adapters.http.webhook_endpoints import ReadStatuses
from adapters.metrics.meter import PrometheusMeter
from adapters.trading_environment import TradingEnvironment
from domain.ports.events import CommittedEvents, EventSource
from domain.ports.order_desk import OrderDesk
from domain.ports.queries import OrderQueries
from domain.ports.runtime import Clock, RunWokenActors


logger = logging.getLogger(__name__)


class Readable(OrderQueries, CommittedEvents, Protocol):
    """Orders and events on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedParts:
    """What the interface gives access to."""

    desk: OrderDesk
    queries: Readable
    events: EventSource
    traded_on: TradingEnvironment
    clock: Clock
    meter: PrometheusMeter
    tokens: LiveTokens
    audit: AuditLog
    trail: AuditReader
    run_woken_actors: RunWokenActors
    webhooks: ReadStatuses


def build_server(
    settings: ServeSettings,
    parts: ServedParts,
    address: socket.socket,
) -> HttpServer:
    """Make the server; it accepts nobody before it is started.

    Args:
        settings: of the service.
        parts: what it serves.
        address: where it listens.
    """
    meter = parts.meter
    app = create_app(
        parts.desk,
        parts.queries,
        parts.traded_on,
        meter.scrape,
        _access(settings, parts),
        parts.webhooks,
    )
    measure_calls(app, meter)
    guard = _guard(settings, parts.tokens, meter)
    options = ServerOptions(
        non_blocking_calls=NON_BLOCKING_CALLS,
        urgent_calls=URGENT_CALLS,
        streams={PUSH_PATH: _push(parts)},
        watched=TokenStreams(parts.tokens).watched,
        refusal=guard.refusal,
        run_woken_actors=parts.run_woken_actors,
    )
    return HttpServer(app, settings.host, settings.port, taken=address, options=options)


def _access(settings: ServeSettings, parts: ServedParts) -> ServiceAccess:
    waiting = "Calls that are not in the audit trail yet"
    parts.meter.add_gauges(
        "audit_entries", waiting, "state", lambda: {"waiting": parts.audit.waiting}
    )
    limits = CallLimits(settings.max_token_writes, settings.max_token_reads)
    doors = Doors(limits, parts.audit, parts.clock)
    return ServiceAccess(doors, parts.trail)


def _push(parts: ServedParts) -> EventPush:
    meter = parts.meter
    queries = parts.queries
    sources = PushSources(
        events=parts.events, disk=queries, orders=queries, desk=parts.desk
    )
    push = EventPush(sources, parts.clock, meter=meter)
    meter.add_gauges("push_listeners", "Push clients", "state", push.counts)
    return push


def _pages() -> frozenset[str]:
    """Return the paths of the pages' files: a browser has no token to ask for them.

    They are the same everywhere; what they show, they ask for with a token.
    """
    return frozenset(route.path for route in StaticFiles().routes())


def _guard(
    settings: ServeSettings, tokens: LiveTokens, meter: PrometheusMeter
) -> AccessGuard:
    needs_token = settings.needs_token
    if needs_token and not tokens.count:
        logger.warning(
            "Calls need a token and there is none, nobody can call host=%s",
            settings.host,
        )
    elif needs_token:
        logger.info("Calls need a token host=%s tokens=%s", settings.host, tokens.count)
    authentication = Authentication(
        tokens,
        needs_token=needs_token,
        open_paths=ALWAYS_OPEN | _pages() | set(settings.open_paths),
        meter=meter,
    )
    access = AccessControl((settings.host, *settings.allowed_hosts))
    return AccessGuard(access, meter, authentication=authentication.refusal)
