"""Messages are not sent without a good secret, and no secret is shown."""

import base64
from pathlib import Path

import pytest

from adapters.configuration.settings import ServeSettings, read_serve_settings
from adapters.webhooks.opening import SECRET_VARIABLE, target_name, webhook_secret
from domain.errors import ConfigurationError
from tests.adapters.webhooks.receiver import SECRET


def settings(urls: str = "https://example.com/hook") -> ServeSettings:
    return read_serve_settings({"webhook_urls": urls}, {})


def test_the_secret_comes_from_the_environment_or_from_a_private_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.touch(mode=0o600)
    file.write_text(SECRET + "\n")

    assert webhook_secret(settings(), {SECRET_VARIABLE: SECRET}) == SECRET
    named = {f"{SECRET_VARIABLE}_FILE": str(file)}
    assert webhook_secret(settings(), named) == SECRET


def test_without_targets_no_secret_is_needed() -> None:
    assert webhook_secret(settings(""), {}) == ""


def test_with_targets_a_secret_is_needed() -> None:
    with pytest.raises(ConfigurationError, match=f"needs {SECRET_VARIABLE}"):
        webhook_secret(settings(), {})


@pytest.mark.parametrize(
    "secret",
    [
        *("whsec_", "whsec_not/base64!", SECRET.removeprefix("whsec_")),
        "whsec_" + base64.b64encode(bytes(23)).decode(),
    ],
)
def test_a_secret_that_is_none_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="must read whsec_") as refused:
        webhook_secret(settings(), {SECRET_VARIABLE: secret})

    key = secret.removeprefix("whsec_")
    assert not key or key not in str(refused.value)


def test_a_target_is_called_by_its_host_and_has_no_other_s_name() -> None:
    first = target_name("https://example.com/hooks/abcdef")

    assert first.startswith("example.com-")
    assert "abcdef" not in first
    assert first != target_name("https://example.com/hooks/other")
    assert first == target_name("https://example.com/hooks/abcdef")
