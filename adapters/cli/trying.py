"""``run.py order --dry-run``: what would become of an order now."""

from adapters.api.dry_run import DryRunAnswer
from adapters.cli.answers import read_dry_run
from adapters.cli.failures import ExitCode
from adapters.cli.output import Output
from adapters.cli.service_client import TRIES, Call, ServiceClient
from adapters.configuration.client_settings import PlaceOrderSettings
from domain.reasons import BookState


def try_order(settings: PlaceOrderSettings, body: dict[str, str]) -> ExitCode:
    """Print what would become of an order; nothing is placed.

    Raises:
        CommandError: the service does not answer, or refuses the call.
    """
    call = Call(
        method="POST",
        path="/orders",
        query=(("validate_only", "true"),),
        body=body,
        read=read_dry_run,
        tries=TRIES,
        is_harmless=True,
    )
    reply = ServiceClient(settings).call(call)
    output = Output(as_json=settings.json)

    def show() -> None:
        for line in dry_run_lines(reply.answer):
            output.line(line)

    output.answer(reply, show)
    return ExitCode.DONE if reply.answer.accepted else ExitCode.REFUSED


def dry_run_lines(run: DryRunAnswer) -> list[str]:
    """Say what would become of an order."""
    if not run.accepted:
        words = "dry run: it would be refused, nothing is placed"
        return [words, *(f"  {one.code}: {one.detail}" for one in run.refusals)]
    lines = ["dry run: it would be accepted, nothing is placed"]
    lines.append(f"  taken at once:  {_taken(run)}")
    lines.append(f"  waits:          {run.waiting}")
    if run.best_price is not None:
        lines.append(f"  best price now: {run.best_price} (update {run.update_id})")
    if run.reason is not None:
        lines.append(f"  then it is:     {run.status} ({run.reason})")
    if run.book_state not in {None, BookState.SYNCED}:
        lines.append(f"  the book is {run.book_state}: nothing of it is taken")
    if run.pause is not None:
        lines.append(f"  no child order may leave now: {run.pause}")
    if run.child_refusal is not None:
        refusal = run.child_refusal
        lines.append(f"  not sent: {refusal.code}: {refusal.detail}")
    return lines


def _taken(run: DryRunAnswer) -> str:
    if run.average_price is None:
        return "nothing"
    words = f"{run.taken} at {run.average_price} on average, the last at "
    words += f"{run.worst_price}, from {run.level_count} levels"
    return f"{words}; more may follow" if run.may_take_more else words
