import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.simulated_exchange.clock import wall_ms
from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.trading.signatures import (
    HmacVerifier,
    read_public_key,
    rest_payload,
    ws_payload,
)
from tests.adapters.simulated_exchange.trading.traders import Trader


VECTORS = Path(__file__).parents[5] / "shared" / "market-data/signing/hmac_vectors.json"
PrivateKey = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def published() -> list[Any]:
    """Return what the venue's documentation publishes; nothing where it is not."""
    if not VECTORS.exists():
        return []
    body = json.loads(VECTORS.read_text(encoding="utf-8"))
    return [{**one, "secret": body["secret_key"]} for one in body["vectors"]]


@pytest.mark.skipif(not VECTORS.exists(), reason="needs ../shared/market-data")
def test_the_published_signatures_are_accepted() -> None:
    for vector in published():
        verifier = HmacVerifier(vector["secret"])
        if vector["case"].startswith("rest"):
            query = urlencode(list(map(tuple, vector["params"])))
            payload = rest_payload(f"{query}&signature={vector['signature']}", "")
        else:
            pairs = [(name, str(value)) for name, value in vector["params"].items()]
            payload = ws_payload([*pairs, ("signature", vector["signature"])])
        assert payload == vector["payload"].encode()
        assert verifier.accepts(payload, vector["signature"])
        assert verifier.accepts(payload, vector["signature"].upper())
        assert not verifier.accepts(payload + b"0", vector["signature"])


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("a=1&b=2&signature=x", ""),
        ("signature=x&a=1&b=2", ""),
        ("a=1&signature=x&b=2", ""),
        ("", "a=1&b=2&signature=x"),
        ("signature=x", "a=1&b=2"),
    ],
)
def test_the_signature_may_stand_anywhere(query: str, body: str) -> None:
    assert rest_payload(query, body) == b"a=1&b=2"


def test_query_and_body_are_joined_without_a_seam() -> None:
    assert rest_payload("a=1", "b=2&signature=x") == b"a=1b=2"


def test_a_text_that_is_no_public_key_is_refused() -> None:
    with pytest.raises(SimulatorError, match="not a PEM"):
        read_public_key("nonsense")


def sign(private: PrivateKey, payload: bytes) -> str:
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(payload, padding.PKCS1v15(), SHA256())
    else:
        signature = private.sign(payload)
    return base64.b64encode(signature).decode()


@pytest.mark.parametrize(
    "private",
    [ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)],
    ids=["ed25519", "rsa"],
)
def test_a_public_key_opens_an_account_to_its_owner_only(
    trader: Trader, private: PrivateKey
) -> None:
    pem = private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    key = f"{type(private).__name__} of {trader.key}"
    trader.control("accounts", {"api_key": key, "public_key": pem.decode()})
    query = f"timestamp={wall_ms()}"
    url = f"{trader.exchange.url}/api/v3/account?{query}&signature="
    good = quote(sign(private, query.encode()), safe="")
    bad = quote(sign(private, b"something else"), safe="")

    replies = [
        trader.pool.request("GET", url + signature, headers={"X-MBX-APIKEY": key})
        for signature in (good, bad, "nonsense")
    ]

    assert [reply.status for reply in replies] == [200, 400, 400]
    assert [reply.json().get("code") for reply in replies] == [None, -1022, -1022]


def test_parameters_may_come_in_query_and_body_and_the_query_wins(
    trader: Trader,
) -> None:
    query = "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.02"
    body = f"timeInForce=GTC&price=90000&quantity=7&timestamp={wall_ms()}"
    signature = trader.sign(query + body)

    reply = trader.pool.request(
        "POST",
        f"{trader.exchange.url}/api/v3/order?{query}",
        body=f"{body}&signature={signature}",
        headers={"X-MBX-APIKEY": trader.key, "Content-Type": "text/plain"},
    )

    assert (reply.status, reply.json()["origQty"]) == (200, "0.02000000")


@pytest.mark.parametrize("where", ["query", "body"])
def test_a_signature_covers_bytes_that_are_no_text(trader: Trader, where: str) -> None:
    sent = f"symbol=BTC%FFUSDT&timestamp={wall_ms()}".encode()
    raw = sent.replace(b"%FF", b"\xff") if where == "body" else sent
    signed = hmac.new(trader.secret.encode(), raw, hashlib.sha256).hexdigest()
    path, body = ("order?", None) if where == "query" else ("order", raw)
    if where == "query":
        path += sent.decode() + f"&signature={signed}"
    else:
        body = raw + f"&signature={signed}".encode()

    reply = trader.pool.request(
        "POST",
        f"{trader.exchange.url}/api/v3/{path}",
        body=body,
        headers={"X-MBX-APIKEY": trader.key},
    )

    assert reply.json()["code"] == -1100
