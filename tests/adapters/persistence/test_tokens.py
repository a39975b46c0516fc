"""Tokens on disk: made and revoked by one process, read by another."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest

from adapters.access.live_tokens import LiveToken
from adapters.access.scopes import Scope
from adapters.access.token_text import digest_of
from adapters.persistence.audit_trail import open_audit_trail
from adapters.persistence.backends import backend_of
from adapters.persistence.store import SqlTradeStore, open_store
from adapters.persistence.tokens import (
    SqlTokens,
    TokenNameTakenError,
    UnknownTokenError,
    open_tokens,
)
from domain.errors import ConfigurationError
from domain.pages import PageWanted


NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
DIGEST = digest_of("te_desk")


@pytest.fixture
def tokens(database_url: str) -> Iterator[SqlTokens]:
    with closing(open_tokens(database_url, is_new=True)) as opened:
        yield opened


@pytest.fixture
def service(tokens: SqlTokens, database_url: str) -> Iterator[SqlTradeStore]:
    """Have a service run on the database."""
    del tokens
    store = open_store(database_url)
    yield store
    store.close()


def test_token_is_made_before_the_first_start_of_a_service(
    database_url: str, tokens: SqlTokens
) -> None:
    tokens.create("desk", DIGEST, Scope.TRADE, NOON)

    with closing(open_tokens(database_url)) as again:
        found = list(again.live())
    assert found == [LiveToken(name="desk", digest=DIGEST, scope=Scope.TRADE)]


def test_token_is_made_and_revoked_while_a_service_runs(
    database_url: str, tokens: SqlTokens, service: SqlTradeStore
) -> None:
    with closing(open_tokens(database_url, is_new=True)) as operator:
        operator.create("desk", DIGEST, Scope.READ, NOON)
        operator.create("bot", digest_of("te_bot"), Scope.TRADE, NOON)
        assert [token.name for token in tokens.live()] == ["bot", "desk"]

        operator.revoke("desk", LATER)
        assert [token.name for token in tokens.live()] == ["bot"]
    service.check_tenure()


def test_revoked_token_stays_known_and_its_name_is_never_given_again(
    tokens: SqlTokens,
) -> None:
    tokens.create("desk", DIGEST, Scope.READ, NOON)
    tokens.revoke("desk", LATER)
    tokens.revoke("desk", LATER + timedelta(days=1))

    (known,) = tokens.all()
    assert (known.name, known.created_at, known.revoked_at) == ("desk", NOON, LATER)
    with pytest.raises(TokenNameTakenError):
        tokens.create("desk", digest_of("te_other"), Scope.ADMIN, LATER)
    assert list(tokens.live()) == []


def test_making_and_revoking_is_in_the_audit_trail(
    database_url: str, tokens: SqlTokens
) -> None:
    tokens.create("desk", DIGEST, Scope.READ, NOON)
    tokens.revoke("desk", LATER)
    tokens.revoke("desk", LATER)

    with ExitStack() as stack:
        found = open_audit_trail(database_url, stack).page(PageWanted()).items
    assert [(one.at, one.caller, one.call) for one in found] == [
        (LATER, "console", "token revoke desk"),
        (NOON, "console", "token create desk --scope read"),
    ]


def test_unknown_token_cannot_be_revoked(tokens: SqlTokens) -> None:
    with pytest.raises(UnknownTokenError):
        tokens.revoke("desk", NOON)


@pytest.mark.parametrize(
    "damage", ["scope = 'root'", "digest = 'xyz'", "digest = 'abcd'"]
)
def test_unreadable_token_lets_nobody_in_and_keeps_nobody_out(
    database_url: str,
    tokens: SqlTokens,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    tokens.create("bad", DIGEST, Scope.READ, NOON)
    tokens.create("good", digest_of("te_good"), Scope.READ, NOON)
    database = backend_of(database_url).writer()
    with database.connection_context(), database.atomic():
        database.execute_sql(f"UPDATE tokens SET {damage} WHERE name = 'bad'")  # noqa: S608 - constants

    with caplog.at_level(logging.CRITICAL):
        assert [token.name for token in tokens.live()] == ["good"]
        assert [token.name for token in tokens.live()] == ["good"]

    assert caplog.text.count("Token not readable name=bad") == 1


def test_reading_makes_no_database(sqlite_url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_tokens(sqlite_url)
