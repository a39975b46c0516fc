"""Where a client on this machine finds the service."""

from ipaddress import ip_address
from typing import Final


_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only shown


def url_of_address(host: str, port: int) -> str:
    """Return the URL at which who listens on the address is reached from here."""
    shown = _WILDCARDS.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches who listens there; looks no name up."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    # A socket that listens on "::" shows clients by IPv4 in this form. Python 3.11
    # does not look into it.
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
