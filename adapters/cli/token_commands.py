"""``run.py token``: makes, lists and revokes tokens, in the database itself.

No service need run, and none is asked: whoever may write to its database may decide
who else calls it.
"""

from typing import Final

import click

from adapters.access.token_text import digest_of, make_token
from adapters.api.bodies import ListAnswer, encode
from adapters.api.tokens import TokenAnswer
from adapters.cli.click_commands import calls, parameters
from adapters.cli.failures import CommandError
from adapters.cli.order_tables import second_of
from adapters.cli.output import Output, note
from adapters.cli.text_table import Column
from adapters.clock import SystemClock
from adapters.configuration.token_settings import (
    CREATE_OPTIONS,
    LIST_OPTIONS,
    REVOKE_OPTIONS,
    CreateTokenSettings,
    ListTokensSettings,
    RevokeTokenSettings,
    read_create_settings,
    read_list_settings,
    read_revoke_settings,
)
from adapters.persistence.tokens import (
    StoredToken,
    TokenNameTakenError,
    UnknownTokenError,
    open_tokens,
)


_HELP: Final = """
Make, list and revoke the tokens with which clients call the service.

They are in the service's database: --database, as for the service. A service that runs
need not be stopped; it notices within about a second.
"""
_CREATE: Final = """
Make a token, and print it: this once, for only its hash is kept.

Give it to a command in TRADE_EXECUTOR_TOKEN, or in a file that
TRADE_EXECUTOR_TOKEN_FILE names; a program sends it as Authorization: Bearer TOKEN.

\b
read   reads everything but the audit trail, and follows the push stream
trade  also places, amends and cancels orders, and halts
admin  also resumes, settles and releases, and reads the audit trail
"""
_LIST: Final = """
List all tokens that there ever were, the oldest first; none is shown itself.
"""
_REVOKE: Final = """
Let nobody in with a token any more; streams that it opened end. Orders stay.
"""


def token_commands() -> click.Group:
    """Define the commands."""
    group = click.Group(
        "token",
        no_args_is_help=False,
        help=_HELP,
        short_help="Make, list and revoke tokens for calls of the service.",
    )
    group.add_command(
        click.Command(
            "create",
            callback=calls(read_create_settings, create_token),
            params=parameters(CREATE_OPTIONS),
            help=_CREATE,
            short_help="Make a token, and print it this once.",
        )
    )
    group.add_command(
        click.Command(
            "list",
            callback=calls(read_list_settings, list_tokens),
            params=parameters(LIST_OPTIONS),
            help=_LIST,
            short_help="List all tokens that there ever were.",
        )
    )
    group.add_command(
        click.Command(
            "revoke",
            callback=calls(read_revoke_settings, revoke_token),
            params=parameters(REVOKE_OPTIONS),
            help=_REVOKE,
            short_help="Let nobody in with a token any more.",
        )
    )
    return group


def create_token(settings: CreateTokenSettings) -> int:
    """Make a token, and print it.

    Raises:
        CommandError: there is or was one of that name.
        TradeExecutorError: the database cannot be used.
    """
    tokens = open_tokens(settings.database, is_new=True)
    token = make_token()
    try:
        tokens.create(
            settings.name, digest_of(token), settings.scope, SystemClock().now()
        )
    except TokenNameTakenError as error:
        raise CommandError(str(error)) from error
    finally:
        tokens.close()
    Output(as_json=False).line(token)
    words = f"{settings.name} has the scope {settings.scope}"
    note(f"{words}; the token is not shown again")
    return 0


def list_tokens(settings: ListTokensSettings) -> int:
    """Print all tokens.

    Raises:
        TradeExecutorError: the database cannot be used.
    """
    tokens = open_tokens(settings.database)
    try:
        found = tokens.all()
    finally:
        tokens.close()
    output = Output(as_json=settings.json)
    if output.as_json:
        items = [_shown(one) for one in found]
        output.json(encode(ListAnswer(items=items)))
    elif found:
        output.table(_columns([_shown(one) for one in found]))
    else:
        note("there are no tokens")
    return 0


def revoke_token(settings: RevokeTokenSettings) -> int:
    """Revoke a token.

    Raises:
        CommandError: there never was one of that name.
        TradeExecutorError: the database cannot be used.
    """
    tokens = open_tokens(settings.database)
    try:
        tokens.revoke(settings.name, SystemClock().now())
    except UnknownTokenError as error:
        raise CommandError(str(error)) from error
    finally:
        tokens.close()
    Output(as_json=False).line(f"revoked: {settings.name}")
    return 0


def _shown(token: StoredToken) -> TokenAnswer:
    return TokenAnswer.of(token.name, token.scope, token.created_at, token.revoked_at)


def _columns(tokens: list[TokenAnswer]) -> list[Column]:
    revoked = [
        None if one.revoked_at is None else second_of(one.revoked_at) for one in tokens
    ]
    return [
        Column(title="name", cells=[one.name for one in tokens]),
        Column(title="scope", cells=[one.scope for one in tokens]),
        Column(title="made (UTC)", cells=[second_of(one.created_at) for one in tokens]),
        Column(title="revoked (UTC)", cells=revoked),
    ]
