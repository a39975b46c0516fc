"""The venue's signed REST calls: the official SDK writes them, our transport sends.

``binance-sdk-spot`` 13 encodes parameters, signs them and sets the headers. The rest of
what it does would cost money here, so it gets a session of ours, and an empty answer to
parse. That way we do not inherit:

* its timeout of a second, its up to three repetitions of GET and DELETE, redirects and
  proxies from the environment;
* its loss of a 5xx answer's body, so that -1007 is any 500; its errors *after* an order
  was taken, over a body that is not JSON, a JSON list or an odd rate-limit header;
* its request for brotli, which it cannot read unless another package is installed;
* its stamps by this machine's clock; it keeps a ``timestamp`` that is given.

``SpotRestAPI.send_signed_request`` would be the way to do this, but in 13.3.0 it raises
TypeError; so ``send_request``, which it calls, is called directly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import requests
from binance_common.configuration import ConfigurationRestAPI
from binance_common.signature import Signers
from binance_common.utils import send_request

from adapters.binance.trading.keys import Credentials
from adapters.network.http_transport import Answer, NoReply, OpenConnection, Transport


_AGENT: Final = "trade-executor"
_OK: Final = 200


MayLeave = Callable[[], str | None]
"""Called when a request is stamped and signed: why it may not leave, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The request was not allowed to leave, and did not."""

    reason: str


class _OneCall:
    """Replaces the SDK's session; for a single request."""

    def __init__(
        self, transport: Transport, connection: OpenConnection, may_leave: MayLeave
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._may_leave = may_leave
        self.answer: Answer | Withheld = Withheld(reason="nothing was sent")

    def request(
        self, *, method: str, url: str, params: str, headers: dict[str, str], **_: Any
    ) -> requests.Response:
        """Send the SDK's request; the SDK gets an empty success in any case."""
        whole = f"{url}?{params}" if params else url
        target = self._transport.target_of(whole)
        # Nothing may come between this check and the first byte.
        if reason := self._may_leave():
            self.answer = Withheld(reason=reason)
        else:
            self.answer = self._connection.send(method, target, headers)
        return _nothing()


def _nothing() -> requests.Response:
    response = requests.Response()
    response.status_code = _OK
    response.encoding = "utf-8"
    response._content = b"{}"  # noqa: SLF001 - the library has no other way in
    return response


class SignedRest:
    """Sends requests for one account. Blocking; thread-safe."""

    def __init__(
        self, *, rest_url: str, credentials: Credentials, transport: Transport
    ) -> None:
        """Connect to nothing yet.

        Args:
            rest_url: of the server, as the transport has it.
            credentials: of the account.
            transport: to that server.
        """
        self._transport = transport
        self._signer = cast("Signers | None", credentials.signer)
        self._configuration = ConfigurationRestAPI(
            api_key=credentials.api_key,
            api_secret=credentials.api_secret or None,
            private_key=credentials.private_key or None,
            base_path=rest_url,
            retries=0,
            compression=False,
            custom_headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},
        )

    def get(
        self, path: str, fields: Mapping[str, str], *, signed: bool = True
    ) -> Answer:
        """Send a GET, once.

        Args:
            path: such as ``/api/v3/order``.
            fields: in the order in which they are sent; amounts in plain digits, and
                ``timestamp`` among them when signed.
            signed: whether to sign.
        """
        connection = self._transport.open()
        if isinstance(connection, NoReply):
            return connection
        return self.get_on(connection, path, fields, signed=signed)

    def get_on(
        self,
        connection: OpenConnection,
        path: str,
        fields: Mapping[str, str],
        *,
        signed: bool = True,
    ) -> Answer:
        """Send a GET on the given connection, as ``get`` does."""
        call = _OneCall(self._transport, connection, lambda: None)
        answer = self._make(call, "GET", path, fields, signed=signed)
        assert not isinstance(answer, Withheld)
        return answer

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        connection: OpenConnection,
        may_leave: MayLeave,
    ) -> Answer | Withheld:
        """Send a POST, once, if it may still leave when it is signed.

        Args:
            path: as in ``get``.
            fields: as in ``get``, signed.
            connection: already open, or connecting would outlast the stamp.
            may_leave: called last, before the first byte is written.
        """
        call = _OneCall(self._transport, connection, may_leave)
        answer = self._make(call, "POST", path, fields)
        if isinstance(answer, Withheld):
            connection.release()
        return answer

    def open(self) -> OpenConnection | NoReply:
        """Take a connection for one request; may take as long as connecting."""
        return self._transport.open()

    def _make(
        self,
        call: _OneCall,
        method: str,
        path: str,
        fields: Mapping[str, str],
        *,
        signed: bool = True,
    ) -> Answer | Withheld:
        assert not signed or "timestamp" in fields
        send_request(
            cast("requests.Session", call),
            self._configuration,
            method,
            path,
            dict(fields),
            is_signed=signed,
            signer=self._signer,
        )
        return call.answer

    def quiet_connections(self) -> list[OpenConnection | NoReply]:
        """Take the connections to be kept alive that were idle for a while."""
        return self._transport.quiet_connections(
            self._transport.settings.warm_connections
        )

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()
