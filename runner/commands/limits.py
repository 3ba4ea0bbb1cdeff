"""`limits`: the numbers in force; one person tightens, two loosen."""

from __future__ import annotations

import math
from datetime import datetime

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The limits in force: list, tighten, propose.")


@app.command(name="list", epilog="Example: python -m runner limits list --json")
def list_limits(
    history: bool = typer.Option(False, "--history", help="Every version ever, newest first."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Every limit in force: the stricter of the pinned file's number and what operators tightened.

    Beside it every approved lift that waits for its instant: the number from then on, and whose word it is.
    """
    from runner import approvals, db
    from runner.show import table

    with db.connect(settings.load().operator_role) as connection:
        rows = db.fetch_all(connection, "govern.limit_history" if history else "govern.limits_in_force")
        lifts = [] if history else approvals.lifts_to_come(connection)
    if as_json and not history:
        for row in rows:
            row["lifts"] = [
                {key: value for key, value in lift.items() if key != "limit_name"}
                for lift in lifts
                if lift["limit_name"] == row["limit_name"]
            ]
    if as_json:
        show_json(rows)
        return
    table(rows, "limits" if history else "limits in force")
    if lifts:
        table(lifts, "approved lifts to come")


@app.command(epilog='Example: python -m runner limits tighten var 0.03 --reason "thin markets until January"')
def tighten(
    name: str = typer.Argument(help="The limit, as `limits list` shows it."),
    threshold: float = typer.Argument(help="The stricter number, in the limit's unit."),
    reason: str = typer.Option(..., help="Why; stored."),
) -> None:
    """Put a stricter number in force at once. One operator may; taking it back takes two (`limits propose`)."""
    from runner import db

    if not math.isfinite(threshold):
        raise UsageError(
            f"{threshold} is no number a limit can be", "`python -m runner limits list` shows those in force."
        )
    with db.connect(settings.load().operator_role) as connection:
        version = db.fetch_value(
            connection, "govern.tighten_limit", limit_name=name, threshold=threshold, reason=reason
        )
    typer.echo(f"{name} is {threshold} from now on (version {version})")


@app.command(
    epilog='Example: FUND_OPERATOR=alice python -m runner limits propose var 2 --reason "markets are deep again"'
)
def propose(
    name: str = typer.Argument(help="The limit."),
    version: int = typer.Argument(help="Version of the tightened row to take back, as `limits list` shows it."),
    reason: str = typer.Option(..., help="Why; the second person reads it."),
    effective_from: datetime | None = typer.Option(
        None, "--from", help="UTC instant from which; default: on approval."
    ),
    hours: int = typer.Option(72, help="How long it stays open for approval."),
) -> None:
    """Propose that a tightened row no longer counts. It does so once another person has approved it.

    Any other looser number is a new configuration: change the file, then `config lock`.
    """
    from runner import approvals, db

    with db.connect(settings.load().operator_role) as connection:
        request_id = db.fetch_value(
            connection,
            "govern.propose_lift",
            limit_name=name,
            version=version,
            reason=reason,
            effective_from=approvals.utc(effective_from),
            hours=hours,
        )
    typer.echo(approvals.next_step(request_id))
