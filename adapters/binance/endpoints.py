"""Where Binance is: production, testnet, or any host that speaks its protocol."""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without the paths of single calls and without a slash at the end."""

    rest_url: str
    stream_url: str
    ws_api_url: str
    """With its path; for the account's own events."""

    @classmethod
    def of_host(cls, url: str) -> Self:
        """Return the endpoints of a server that serves everything on one address.

        Args:
            url: such as ``http://127.0.0.1:9000``.
        """
        sockets = url.replace("http://", "ws://", 1)
        return cls(rest_url=url, stream_url=sockets, ws_api_url=f"{sockets}/ws-api/v3")

    def overridden(
        self,
        *,
        rest_url: str | None = None,
        stream_url: str | None = None,
        ws_api_url: str | None = None,
    ) -> "Endpoints":
        """Return these endpoints with the given ones replaced.

        Args:
            rest_url: such as ``http://127.0.0.1:9000``; None or empty keeps ours.
            stream_url: such as ``ws://127.0.0.1:9000``; an ending ``/stream`` or
                ``/ws`` is dropped.
            ws_api_url: such as ``ws://127.0.0.1:9000/ws-api/v3``.

        Raises:
            ConfigurationError: when one of them is not such a URL.
        """
        rest, stream = self.rest_url, self.stream_url
        if rest_url:
            rest = _checked("REST", rest_url, ("http", "https"))
        if stream_url:
            stream = _checked("stream", stream_url, ("ws", "wss"))
            stream = stream.removesuffix("/stream").removesuffix("/ws").rstrip("/")
        ws_api = self.ws_api_url
        if ws_api_url:
            ws_api = _checked("WebSocket API", ws_api_url, ("ws", "wss"))
        return Endpoints(rest_url=rest, stream_url=stream, ws_api_url=ws_api)


PRODUCTION: Final = Endpoints(
    rest_url="https://api.binance.com",
    stream_url="wss://stream.binance.com:9443",
    ws_api_url="wss://ws-api.binance.com:443/ws-api/v3",
)
TESTNET: Final = Endpoints(
    rest_url="https://testnet.binance.vision",
    stream_url="wss://stream.testnet.binance.vision",
    ws_api_url="wss://ws-api.testnet.binance.vision/ws-api/v3",
)


def _checked(what: str, url: str, schemes: tuple[str, str]) -> str:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    problem = ConfigurationError(f"{what} URL {url!r} is not {wanted} host[:port]")
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise problem from None
    usable = parts.scheme in schemes and parts.hostname and port_is_fine
    if not usable or parts.query or parts.fragment:
        raise problem
    return url.rstrip("/")
