import pytest

from adapters.process.redaction import Redactor, secrets_in, without_password


def test_a_secret_is_hidden_as_it_is_and_percent_encoded() -> None:
    redactor = Redactor(["pass/word+1"])

    assert redactor.hide("a pass/word+1 b") == "a *** b"
    assert redactor.hide("u?p=pass%2Fword%2B1") == "u?p=***"


def test_a_secret_within_a_longer_one_leaves_nothing_of_either() -> None:
    assert Redactor(["abcd", "abcdefgh"]).hide("abcdefgh abcd") == "*** ***"


def test_a_secret_can_be_added_later() -> None:
    redactor = Redactor()

    redactor.add("of-a-file")

    assert redactor.hide("of-a-file") == "***"


def test_a_text_of_three_letters_is_hidden_nowhere() -> None:
    assert Redactor(["abc"]).hide("abc") == "abc"


def test_secrets_are_found_in_the_environment_and_the_database() -> None:
    environ = {
        "TRADE_EXECUTOR_API_KEY": "key\n",
        "TRADE_EXECUTOR_API_SECRET": "secret",
        "TRADE_EXECUTOR_PORT": "8080",
    }

    found = secrets_in(environ, "postgresql://me:p%40ss@db/x")

    assert set(found) == {"key", "secret", "p%40ss", "p@ss"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///trade-executor.db", "sqlite:///trade-executor.db"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("postgresql://me@db/x", "postgresql://me@db/x"),
        ("postgresql://me:pw@db:5432/x", "postgresql://me:***@db:5432/x"),
        ("postgresql://me:p@/w:@db/x", "postgresql://me:***@db/x"),
        ("postgresql://:/@db/x", "postgresql://:***@db/x"),
        (
            "postgresql://db/x?user=a&password=pw&s=1",
            "postgresql://db/x?user=a&password=***&s=1",
        ),
    ],
)
def test_a_database_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
