"""The call about webhook targets."""

from http import HTTPStatus
from typing import Final

from adapters.api.bodies import ListAnswer
from adapters.api.calls import Answer, Call
from adapters.api.webhooks import WebhookAnswer


LIST_WEBHOOKS: Final = Call(
    name="listWebhooks",
    method="GET",
    path="/api/v1/webhooks",
    topic="Service",
    summary="List the webhook targets, and what they have not been told yet",
    answers=(
        Answer(
            status=HTTPStatus.OK,
            description="All that are configured.",
            body=ListAnswer[WebhookAnswer],
        ),
    ),
)
