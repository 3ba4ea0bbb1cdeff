"""`status`: where the fund stands."""

from __future__ import annotations

import typer

from runner.commands import show_json

EXAMPLE = "python -m runner status --json"


def command(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """Clock, kill sources, configuration, last cycle with its layers, orders, positions, NAV, alerts."""
    from runner import db
    from runner.show import show_status

    with db.connect("fund_monitor") as connection:
        found = db.fetch_value(connection, "ops.status")
    if as_json:
        show_json(found)
    else:
        show_status(found)
