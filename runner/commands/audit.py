"""`audit`: what happened and why, for people."""

from __future__ import annotations

import typer

from runner.commands import show_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What happened and why: explain.")


@app.command(epilog="Example: python -m runner audit explain 2013-02-27 GE")
def explain(
    cycle: str = typer.Argument(help="Its id, the beginning of one, an as-of session, or `last`."),
    symbol: str = typer.Argument(help="The instrument, as in the universe."),
    account: str = typer.Option("", help="Of this account's cycles only."),
    as_json: bool = typer.Option(False, "--json", help="For a script, with everything that is stored."),
) -> None:
    """Why a symbol was or was not traded: bar, quality, views, limits, decision, orders, fills, audit entries."""
    from runner import db

    with db.connect("fund_analyst") as connection:
        cycle_id = db.fetch_value(connection, "audit.find_cycle", cycle=cycle, account=account or None)
        found = db.fetch_value(
            connection, "audit.explain_json" if as_json else "audit.explain", cycle_id=cycle_id, symbol=symbol.upper()
        )
    if as_json:
        show_json(found)
    else:
        typer.echo(found)
