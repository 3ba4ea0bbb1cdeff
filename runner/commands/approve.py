"""`approve`: what waits for a second person, and that person's word."""

from __future__ import annotations

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import UsageError

EXAMPLE = (
    'FUND_OPERATOR=bob python -m runner approve 7 --reason "agreed in the risk meeting" · '
    'FUND_OPERATOR=alice python -m runner approve 7 --withdraw --reason "second thoughts"'
)


def command(
    request_id: int | None = typer.Argument(None, help="Number of the change; without it, list what is open."),
    reason: str = typer.Option("", help="Why; stored. Without it, only show the change."),
    refuse: bool = typer.Option(False, "--refuse", help="Refuse it instead."),
    withdraw: bool = typer.Option(
        False, "--withdraw", help="Withdraw it instead, approved or not, until it takes effect."
    ),
    everything: bool = typer.Option(False, "--all", help="List what is over as well."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """List the changes that wait, show one exactly, or approve it as another person than its author.

    Who a person is, is their login: FUND_OPERATOR names it. An approved configuration is pinned by the next
    `config lock` with that very file; an approved lift takes effect at its instant, and can be withdrawn until then.
    """
    from runner import approvals, db
    from runner.show import table

    if refuse and withdraw:
        raise UsageError("--refuse and --withdraw are two different things", "Give one of them.")
    if request_id is None and (reason or refuse or withdraw):
        raise UsageError("which change is missing", "`python -m runner approve` lists their numbers.")
    with db.connect(settings.load().operator_role) as connection:
        if request_id is None:
            rows = db.fetch_all(connection, "govern.change_requests", every=everything)
            if as_json:
                show_json(rows)
            else:
                table([{key: row[key] for key in approvals.LISTED} for row in rows], "changes that wait")
        elif not reason:
            change, rows = approvals.differences(connection, request_id)
            if as_json:
                show_json({**change, "differences": rows})
            else:
                table([{key: change[key] for key in approvals.LISTED}], f"change {request_id}")
                table(rows, f"what it changes; SHA-256 {change['content_sha256']}")
        elif refuse or withdraw:
            event = "refused" if refuse else "withdrawn"
            db.execute(connection, "govern.end_change", request_id=request_id, event=event, reason=reason)
            typer.echo(f"change {request_id} is {event}")
        else:
            change, _ = approvals.differences(connection, request_id)
            approvals.require_true_content(connection, change)
            at = db.fetch_value(connection, "govern.approve_change", request_id=request_id, reason=reason)
            typer.echo(f"change {request_id} is approved, in effect from {at:%Y-%m-%d %H:%M} UTC")
            if change["kind"] == "config":
                typer.echo('next, with that file: python -m runner config lock --reason "…"')
