"""The venue's signed REST calls: the official SDK writes them, our transport sends.

``binance-sdk-spot`` 13 encodes parameters, signs them and sets the headers. What it
does around that would cost money here, so it gets a session that is ours, and an empty
answer to chew on. Not inherited that way:

* its timeout of a second, its up to three repetitions of GET and DELETE, redirects and
  proxies from the environment;
* answers of 5xx lose their body, so that -1007 is any 500; a body that is not JSON, a
  JSON list as error and a strange rate-limit header raise *after* the order was taken;
* it asks for brotli, which it cannot read unless another package happens to be there;
* it stamps requests with this machine's clock; a ``timestamp`` that is there stays.

``SpotRestAPI.send_signed_request`` would be the door for this, but in 13.3.0 it raises
TypeError; so ``send_request``, which it calls, is called here.
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
"""Asked when a request is stamped and signed: why it may not leave, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """The request may not leave, and did not."""

    reason: str


class _OneCall:
    """Stands where the SDK expects a session; good for a single request."""

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
        """Send what the SDK wrote; it gets an empty success whatever the answer is."""
        whole = f"{url}?{params}" if params else url
        target = self._transport.target_of(whole)
        # Nothing may come between this question and the first byte.
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
    """Sends requests for one account. Blocking; for any number of threads."""

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
        """Ask something, once.

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
        """Ask something on a certain connection, as ``get`` does."""
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
        """Have something done, once, if it may still leave when it is signed.

        Args:
            path: as of ``get``.
            fields: as of ``get``, signed.
            connection: open already, or the time of the stamp would be over.
            may_leave: asked as the last thing before the first byte is written.
        """
        call = _OneCall(self._transport, connection, may_leave)
        answer = self._make(call, "POST", path, fields)
        if isinstance(answer, Withheld):
            connection.release()
        return answer

    def open(self) -> OpenConnection | NoReply:
        """Take a connection for one request; may take as long as connecting does."""
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
        """Take the connections that are to be kept alive and were quiet for a while."""
        return self._transport.quiet_connections(
            self._transport.settings.warm_connections
        )

    def close(self) -> None:
        """Drop idle connections."""
        self._transport.close()
