"""`config`: the golden configuration and its pin in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import typer

from runner import config as golden
from runner import settings
from runner.commands import show_json
from runner.errors import IntegrityError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The golden configuration: verify, lock, show.")


@app.command(epilog="Example: python -m runner config verify")
def verify() -> None:
    """Check the file against its schema, its hash file and the database's pin; exit 12 where one differs."""
    from runner import db, lock

    sha256 = golden.verify()
    config = golden.load()
    with db.connect(settings.load().operator_role) as connection:
        lock.require_pinned(connection, config)
    typer.echo(f"{golden.CONFIG_PATH} is valid; {golden.HASH_PATH} and the database hold {sha256}")


@app.command(epilog='Example: python -m runner config lock --reason "shipped configuration"')
def lock(
    reason: str = typer.Option("locked by the operator", help="Why; stored with the pin or the proposal."),
    effective_from: datetime | None = typer.Option(
        None, "--from", help="A loosening: UTC instant from which at the earliest."
    ),
    hours: int = typer.Option(72, help="A loosening: how long it stays open for approval and use."),
) -> None:
    """Pin the file as it is in the database, make its limits, and write its hash file.

    On a real database a file that loosens a limit, or changes what may loosen, is proposed instead (exit 12): another
    operator approves it (`approve`), and the next `config lock` with the same file pins it.
    """
    from runner import approvals
    from runner import lock as locking

    config = golden.load()
    try:
        changed = locking.pin(config, reason)
    except IntegrityError as error:
        if error.code != "MQ232":
            raise
        number, state = locking.propose(config, reason, approvals.utc(effective_from), hours)
        raise IntegrityError(
            f"this configuration is not pinned: it needs two people ({error.detail}); change {number} is {state}",
            approvals.next_step(number)
            if state == "PROPOSED"
            else f"`python -m runner approve {number}` says from when.",
        ) from error
    golden.write_hash()
    typer.echo(f"{config.sha256} {'is now pinned' if changed else 'was already pinned'}")


@app.command(epilog="Example: python -m runner config show --limits")
def show(
    limits: bool = typer.Option(False, "--limits", help="Only the limits that SQL enforces."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Print every parameter with its value, unit and ruling."""
    from runner.show import table

    config = golden.load()
    if limits:
        rows = [asdict(row) for row in golden.sql_limits(config)]
    else:
        rows = [
            {
                "parameter": path,
                "value": value,
                "unit": note.unit,
                "rulings": ", ".join(note.rulings),
                "note": note.note,
            }
            for path, value, note in config.parameters()
        ]
    if as_json:
        show_json(rows)
        return
    table(rows, f"{golden.CONFIG_PATH} {config.sha256[:12]}")
