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

    @classmethod
    def of_host(cls, url: str) -> Self:
        """Return those of a server that speaks everything on one address.

        Args:
            url: such as ``http://127.0.0.1:9000``.
        """
        return cls(rest_url=url, stream_url=url.replace("http://", "ws://", 1))

    def overridden(
        self, *, rest_url: str | None = None, stream_url: str | None = None
    ) -> "Endpoints":
        """Return these with the given ones in their place.

        Args:
            rest_url: such as ``http://127.0.0.1:9000``; None or empty keeps ours.
            stream_url: such as ``ws://127.0.0.1:9000``; an ending ``/stream`` or
                ``/ws`` is dropped.

        Raises:
            ConfigurationError: when one of them is not such a URL.
        """
        rest, stream = self.rest_url, self.stream_url
        if rest_url:
            rest = _checked("REST", rest_url, ("http", "https"))
        if stream_url:
            stream = _checked("stream", stream_url, ("ws", "wss"))
            stream = stream.removesuffix("/stream").removesuffix("/ws").rstrip("/")
        return Endpoints(rest_url=rest, stream_url=stream)


PRODUCTION: Final = Endpoints(
    rest_url="https://api.binance.com", stream_url="wss://stream.binance.com:9443"
)
TESTNET: Final = Endpoints(
    rest_url="https://testnet.binance.vision",
    stream_url="wss://stream.testnet.binance.vision",
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
