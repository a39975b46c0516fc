"""What can be set on the simulated exchange, checked before anything starts."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from adapters.simulated_exchange.market.symbols import may_be_listed


PORT_MAX = 65535
SYMBOLS_MAX = 2000
DEFAULT_SYMBOLS = ("BTCUSDT", "BNBUSDT", "ETHBTC")


class SimulatorError(Exception):
    """The simulated exchange cannot do what was asked; the text is one clear line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """Everything the exchange needs to know; construction refuses what cannot work.

    Raises:
        SimulatorError: A field is out of range; the message names it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any free port; the line on stdout says which."""
    allowed_hosts: tuple[str, ...] = ()
    """Names beside `host` under which the control endpoint may be called."""
    symbols: tuple[str, ...] = ()
    """In capitals. Empty: the default three, or with a recording all that it holds."""
    seed: int = 1
    """The seeded market of a symbol depends on this and its name, on nothing else."""
    recording: Path | None = None
    """Folder of a recording to stream in place of the seeded market."""
    speed: Decimal | None = Decimal(1)
    """Market seconds per real second; None is as fast as clients take a recording."""
    exchange_info: Path | None = None
    """File whose exchangeInfo body is served; None derives one."""
    loop: bool = False
    """At the recording's end cut every client, and restart with the next one."""
    start_delay_seconds: Decimal = Decimal("0.5")
    """A recording begins this long after the first subscription, for late joiners."""
    limits: bool = True
    """Whether request weight, incoming messages and connects are limited."""
    api_key: str = ""
    """Of an account that is there from the start; empty: there is none."""
    api_secret: str = field(default="", repr=False)
    exit_with_parent: bool = False
    """End when stdin, a pipe from the parent process, reaches its end."""
    request_seconds_max: float = 60.0
    """How long a client may take to send a request, or be silent between two."""
    ping_interval_seconds: float = 20.0
    pong_timeout_seconds: float = 60.0
    connection_lifetime_seconds: float = 86_400.0
    queue_bytes_max: int = 8_000_000
    """A client that lets more than this wait for it is cut off."""

    def __post_init__(self) -> None:
        """Refuse what cannot work, one line per refusal."""
        self._check_address()
        self._check_symbols()
        self._check_times()

    @property
    def seeded_symbols(self) -> tuple[str, ...]:
        """What a seeded market lists."""
        return self.symbols or DEFAULT_SYMBOLS

    def _check_address(self) -> None:
        if not self.host:
            raise SimulatorError("host must not be empty")
        if not 0 <= self.port <= PORT_MAX:
            message = f"port must be between 0 and {PORT_MAX}, got {self.port}"
            raise SimulatorError(message)

    def _check_symbols(self) -> None:
        for symbol in self.symbols:
            if not may_be_listed(symbol):
                message = f"symbol {symbol!r} is not 2 to 20 capitals or digits"
                raise SimulatorError(message)
        if len(set(self.symbols)) != len(self.symbols):
            raise SimulatorError("symbols must not repeat")
        if len(self.symbols) > SYMBOLS_MAX:
            message = f"symbols must be at most {SYMBOLS_MAX}, got {len(self.symbols)}"
            raise SimulatorError(message)

    def _check_times(self) -> None:
        if self.speed is None and self.recording is None:
            raise SimulatorError("full speed needs a recording: the market has no end")
        if self.exchange_info is not None and self.recording is None:
            raise SimulatorError("--exchange-info needs a --recording")
        if self.speed is not None and not (self.speed.is_finite() and self.speed > 0):
            message = f"speed must be a positive number, got {self.speed}"
            raise SimulatorError(message)
        if not (self.start_delay_seconds.is_finite() and self.start_delay_seconds >= 0):
            raise SimulatorError("start_delay_seconds must be zero or more")
        for name in (
            "request_seconds_max",
            "ping_interval_seconds",
            "pong_timeout_seconds",
            "connection_lifetime_seconds",
            "queue_bytes_max",
        ):
            if getattr(self, name) <= 0:
                message = f"{name} must be above zero, got {getattr(self, name)}"
                raise SimulatorError(message)
