"""The URL at which a client on this machine reaches the service."""

from ipaddress import ip_address
from typing import Final


_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only shown


def url_of_address(host: str, port: int) -> str:
    """Return the URL that reaches, from this machine, a listener on the address."""
    shown = _WILDCARDS.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a listener there is reachable only from this machine; no DNS look-up."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    # A socket that listens on "::" shows IPv4 clients in this form, which Python 3.11
    # does not recognise as loopback.
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
