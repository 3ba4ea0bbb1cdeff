"""`resume`: clear the kill switch, source by source."""

from __future__ import annotations

import socket

import typer

from runner import settings
from runner.errors import KillSwitchEngaged

EXAMPLE = 'rm runtime/KILL_SWITCH && python -m runner resume --reason "prices corrected"'


def command(reason: str = typer.Option(..., help="Why it is safe; stored with each clearing.")) -> None:
    """Clear every source an operator may clear; exit 11 naming what is still engaged."""
    from runner import db

    config, host = settings.load(), socket.gethostname()
    if config.kill_switch_file.exists():
        raise KillSwitchEngaged(f"{config.kill_switch_file} is there", "Remove the file, then run resume again.")
    with db.connect("fund_operator") as connection:
        db.fetch_value(connection, "ops.report_kill_file", host=host, present=False)
        for row in db.fetch_all(connection, "ops.kill_sources"):
            if row["source"] != "file":
                db.execute(connection, "ops.clear_kill_source", source=row["source"], host=row["host"], reason=reason)
                typer.echo(f"cleared {row['source']}: {row['reason']}")
        left = db.fetch_all(connection, "ops.kill_sources")
    if left:
        listed = "; ".join(f"{row['source']} on {row['host'] or 'any host'}: {row['reason']}" for row in left)
        raise KillSwitchEngaged(f"still engaged: {listed}", "Remove the file on that host and run resume there.")
    typer.echo("no kill source is engaged")
