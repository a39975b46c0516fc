"""Where keys come from, how they sign, and that nobody sees them."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import eddsa, pkcs1_15

from adapters.binance.trading.keys import Credentials, read_credentials
from adapters.binance.trading.signed_rest import SignedRest
from adapters.binance.trading.venue import BinanceVenue
from adapters.clock import SystemClock
from adapters.network.http_transport import OpenConnection, Transport, TransportSettings
from domain.errors import ConfigurationError
from tests.adapters.binance.trading.builders import child
from tests.adapters.binance.trading.loopback import KEY, SECRET, TradingServer
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


PREFIX = "TRADE_EXECUTOR_"
RSA_KEY = RSA.generate(2048)
ED25519_KEY = ECC.generate(curve="Ed25519")


def as_pem(key: RSA.RsaKey | ECC.EccKey) -> str:
    if isinstance(key, RSA.RsaKey):
        return key.export_key(pkcs=8).decode()
    return str(key.export_key(format="PEM"))


def private(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def test_nothing_set_is_no_keys() -> None:
    assert read_credentials({"HOME": "x", f"{PREFIX}API_KEY": " "}) is None


def test_key_and_secret_are_read_from_the_environment() -> None:
    found = read_credentials(
        {f"{PREFIX}API_KEY": f" {KEY}\n", f"{PREFIX}API_SECRET": SECRET}
    )

    assert found == Credentials(api_key=KEY, api_secret=SECRET)


def test_key_and_secret_are_read_from_files(tmp_path: Path) -> None:
    found = read_credentials(
        {
            f"{PREFIX}API_KEY_FILE": private(tmp_path / "key", f"{KEY}\n"),
            f"{PREFIX}API_SECRET_FILE": private(tmp_path / "secret", SECRET, 0o400),
        }
    )

    assert found == Credentials(api_key=KEY, api_secret=SECRET)


def test_private_keys_are_read_by_their_kind(tmp_path: Path) -> None:
    kinds = []
    for key in (RSA_KEY, ED25519_KEY):
        path = private(tmp_path / "key.pem", as_pem(key))
        found = read_credentials(
            {f"{PREFIX}API_KEY": KEY, f"{PREFIX}PRIVATE_KEY_FILE": path}
        )
        assert found is not None
        kinds.append(found.kind)

    assert kinds == ["RSA", "Ed25519"]


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"API_KEY": KEY}, "API_KEY needs"),
        ({"API_SECRET": SECRET}, "API_KEY is missing"),
        ({"PRIVATE_KEY_FILE": "k.pem"}, "API_KEY is missing"),
        (
            {"API_KEY": KEY, "API_SECRET": SECRET, "PRIVATE_KEY_FILE": "k"},
            "both set",
        ),
        ({"API_KEY": KEY, "API_KEY_FILE": "k", "API_SECRET": SECRET}, "both set"),
        ({"API_KEY": KEY, "API_SECRET_FILE": "no-such-file"}, "cannot read"),
        ({"API_KEY": KEY, "API_SECRET_FILE": "."}, "cannot read"),
        ({"API_KEY": KEY, "API_SECRET_FILE": "nul\0"}, "cannot read"),
        ({"API_KEY": f"{KEY} {KEY}", "API_SECRET": SECRET}, "one line"),
        ({"API_KEY": KEY, "API_SECRET": f"{SECRET}\n{SECRET}"}, "one line"),
        ({"API_KEY": f"{KEY}\u00e9", "API_SECRET": SECRET}, "one line"),
    ],
)
def test_keys_that_do_not_fit_together_are_refused_without_being_shown(
    variables: dict[str, str], problem: str
) -> None:
    environ = {f"{PREFIX}{name}": text for name, text in variables.items()}

    with pytest.raises(ConfigurationError, match=problem) as caught:
        read_credentials(environ)

    told = str(caught.value)
    assert "\n" not in told
    assert KEY not in told
    assert SECRET not in told


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "secret", SECRET, mode)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_credentials({f"{PREFIX}API_KEY": KEY, f"{PREFIX}API_SECRET_FILE": path})


@pytest.mark.parametrize(("mode", "is_read"), [(0o440, True), (0o444, False)])
def test_credential_of_systemd_may_show_its_access_list_as_a_group_that_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, is_read: bool
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    path = private(tmp_path / "secret", SECRET, mode)
    environ = {f"{PREFIX}API_KEY": KEY, f"{PREFIX}API_SECRET_FILE": path}

    if is_read:
        assert read_credentials(environ) == Credentials(api_key=KEY, api_secret=SECRET)
    else:
        with pytest.raises(ConfigurationError, match="chmod 600"):
            read_credentials(environ)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "not a key",
        "\u00e9",
        "x" * 20_000,
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        as_pem(RSA.generate(1024)),  # noqa: S505 - to be refused
        as_pem(ECC.generate(curve="P-256")),
        RSA_KEY.public_key().export_key().decode(),
        ED25519_KEY.export_key(
            format="PEM",
            passphrase="secret",  # noqa: S106 - the test's own
            protection="PBKDF2WithHMAC-SHA1AndAES128-CBC",
        ),
    ],
    ids=str.__len__,
)
def test_file_that_holds_no_usable_private_key_is_refused(
    tmp_path: Path, text: str
) -> None:
    path = private(tmp_path / "key.pem", text)

    with pytest.raises(ConfigurationError) as caught:
        read_credentials({f"{PREFIX}API_KEY": KEY, f"{PREFIX}PRIVATE_KEY_FILE": path})

    assert "\n" not in str(caught.value)


def test_credentials_show_nothing_and_tell_what_to_hide(tmp_path: Path) -> None:
    pem = as_pem(RSA_KEY)
    path = private(tmp_path / "key.pem", pem)
    found = read_credentials(
        {f"{PREFIX}API_KEY": KEY, f"{PREFIX}PRIVATE_KEY_FILE": path}
    )
    assert found is not None

    shown = f"{found} {found!r}"

    assert KEY not in shown
    assert not [line for line in pem.splitlines() if line in shown]
    assert {KEY, *pem.splitlines()[1:-2]} <= set(found.secrets())


def vectors(shared: Path) -> Any:
    path = shared / "signing" / "hmac_vectors.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_published_vectors_are_signed_as_published(shared_market_data: Path) -> None:
    published = vectors(shared_market_data)
    keys = Credentials(api_key=published["api_key"], api_secret=published["secret_key"])

    made = [keys.sign(one["payload"].encode()) for one in published["vectors"]]

    assert made == [one["signature"] for one in published["vectors"]]


@pytest.mark.parametrize("case", ["rest_ascii", "rest_non_ascii_symbol"])
def test_published_requests_go_out_byte_for_byte_with_their_signature(
    shared_market_data: Path, server: TradingServer, case: str
) -> None:
    published = vectors(shared_market_data)
    (one,) = [one for one in published["vectors"] if one["case"] == case]
    keys = Credentials(api_key=published["api_key"], api_secret=published["secret_key"])
    transport = Transport(server.url, TransportSettings(), SystemClock())
    rest = SignedRest(rest_url=server.url, credentials=keys, transport=transport)
    connection = rest.open()
    assert isinstance(connection, OpenConnection)

    params = dict(one["params"])
    rest.post("/api/v3/order", params, connection=connection, may_leave=ALLOWED.claim)

    rest.close()
    asked = server.last("POST order")
    assert asked.query == f"{one['payload']}&signature={one['signature']}"


@pytest.mark.parametrize("key", [RSA_KEY, ED25519_KEY], ids=["RSA", "Ed25519"])
def test_orders_are_signed_with_a_private_key(
    tmp_path: Path, server: TradingServer, key: RSA.RsaKey | ECC.EccKey
) -> None:
    path = private(tmp_path / "key.pem", as_pem(key))
    found = read_credentials(
        {f"{PREFIX}API_KEY": KEY, f"{PREFIX}PRIVATE_KEY_FILE": path}
    )
    assert found is not None
    venue = BinanceVenue(rest_url=server.url, credentials=found, clock=HandClock())

    venue.place(child(), ALLOWED)

    venue.close()
    payload, _, encoded = server.last("POST order").query.partition("&signature=")
    signature = b64decode(unquote(encoded))
    if isinstance(key, RSA.RsaKey):
        pkcs1_15.new(key.public_key()).verify(SHA256.new(payload.encode()), signature)
    else:
        eddsa.new(key.public_key(), "rfc8032").verify(payload.encode(), signature)
