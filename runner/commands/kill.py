"""`kill`: stop trading now."""

from __future__ import annotations

import typer

from runner import settings

EXAMPLE = 'python -m runner kill --reason "prices look wrong"'


def command(reason: str = typer.Option(..., help="Why; stored with the event and in the file.")) -> None:
    """Write the kill file first, then the row: no order is placed or released until both are clear."""
    from runner import db

    config = settings.load()
    config.kill_switch_file.parent.mkdir(parents=True, exist_ok=True)
    config.kill_switch_file.write_text(f"{reason}\n", encoding="utf-8")
    typer.echo(f"{config.kill_switch_file} written")
    with db.connect("fund_operator") as connection:
        db.execute(connection, "ops.engage_kill_switch", reason=reason)
    typer.echo("kill switch engaged in the database")
