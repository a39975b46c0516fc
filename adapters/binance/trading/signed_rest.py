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

from collections.abc import Mapping
from typing import Any, Final, cast

import requests
from binance_common.configuration import ConfigurationRestAPI
from binance_common.signature import Signers
from binance_common.utils import send_request

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.transport import Answer, NoReply, Transport


_AGENT: Final = "trade-executor"
_OK: Final = 200


class _OneCall:
    """Stands where the SDK expects a session; good for a single request."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.answer: Answer = NoReply(may_have_arrived=False, cause="nothing was sent")

    def request(
        self, *, method: str, url: str, params: str, headers: dict[str, str], **_: Any
    ) -> requests.Response:
        """Send what the SDK wrote; it gets an empty success whatever the answer is."""
        whole = f"{url}?{params}" if params else url
        self.answer = self._transport.send(method, whole, headers)
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

    def call(
        self, method: str, path: str, fields: Mapping[str, str], *, signed: bool = True
    ) -> Answer:
        """Make one call, once.

        Args:
            method: of HTTP.
            path: such as ``/api/v3/order``.
            fields: in the order in which they are sent; amounts in plain digits, and
                ``timestamp`` among them when signed.
            signed: whether to sign.
        """
        assert not signed or "timestamp" in fields
        call = _OneCall(self._transport)
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

    def written_ns(self) -> int:
        """Return when this thread's last request began to leave; 0: it did not."""
        return self._transport.written_ns()

    def close(self) -> None:
        """Drop idle connections."""
        self._transport.close()
