"""Where a client on this machine finds the service."""

from typing import Final


_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only shown


def url_of_address(host: str, port: int) -> str:
    """Return the URL at which who listens on the address is reached from here."""
    shown = _WILDCARDS.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
