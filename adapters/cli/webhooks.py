"""``webhooks``: what the webhook targets have not been told yet."""

from collections.abc import Sequence

from adapters.api.webhooks import WebhookAnswer
from adapters.cli.answers import read_webhooks
from adapters.cli.order_tables import second_of
from adapters.cli.output import Output, note
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.cli.text_table import Column
from adapters.configuration.switch_settings import ClientSettings


def list_webhooks(settings: ClientSettings) -> int:
    """Print the targets, one a row.

    Raises:
        CommandError: the service does not answer, or refuses.
    """
    call = Call(method="GET", path="/webhooks", read=read_webhooks, tries=TRIES)
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)
    output.answer(reply, lambda: _print(output, reply.answer.items))
    return 0


def _print(output: Output, targets: Sequence[WebhookAnswer]) -> None:
    if targets:
        output.table(_columns(targets))
    else:
        note("none")


def _columns(targets: Sequence[WebhookAnswer]) -> list[Column]:
    return [
        Column(title="target", cells=[one.target for one in targets]),
        Column(title="state", cells=[_state(one) for one in targets]),
        _numbers("waiting", [one.waiting_events for one in targets]),
        _times("oldest (UTC)", [one.oldest_at for one in targets]),
        _numbers("failed", [one.attempts for one in targets]),
        _times("next (UTC)", [one.next_attempt_at for one in targets]),
        _times("delivered (UTC)", [one.delivered_at for one in targets]),
        _numbers("given up", [len(one.dead_letters) for one in targets]),
        Column(title="problem", cells=[one.problem for one in targets], is_words=True),
    ]


def _state(target: WebhookAnswer) -> str:
    if target.disabled:
        return "disabled"
    return "failing" if target.problem else "ok"


def _numbers(title: str, numbers: Sequence[int]) -> Column:
    return Column(title=title, cells=[str(one) for one in numbers], is_amount=True)


def _times(title: str, times: Sequence[str | None]) -> Column:
    texts = [None if one is None else second_of(one) for one in times]
    return Column(title=title, cells=texts, rank=1)
