"""Reading answers in tests."""

import json
from typing import Any

from werkzeug.test import TestResponse


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """Check that the answer is a problem of the status, and return its members."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    members: dict[str, Any] = json.loads(response.data)
    assert members["status"] == status
    assert members["type"] == "about:blank"
    assert members["title"]
    assert members["detail"]
    assert members["code"] == members["code"].upper()
    return members


def content(response: TestResponse, status: int = 200) -> dict[str, Any]:
    """Check that the answer is JSON with the status, and return its members."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/json"
    members: dict[str, Any] = json.loads(response.data)
    return members
