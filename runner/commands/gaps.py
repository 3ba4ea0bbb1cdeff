"""`gaps`: sessions without a bar, and a person's word that one has none."""

from __future__ import annotations

from datetime import datetime

import typer

from runner import settings
from runner.commands import show_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Sessions without a bar: list, declare absent.")


@app.command(name="list", epilog="Example: python -m runner gaps list --symbol AAPL --json")
def list_open(
    symbol: str = typer.Option("", help="Only this instrument's."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Every session that should have a bar and has none. `ingest --heal` asks for each again, until it is there."""
    from runner import db
    from runner.errors import UsageError
    from runner.show import table

    with db.connect(settings.load().operator_role) as connection:
        if symbol and symbol not in {row["symbol"] for row in db.fetch_all(connection, "ref.instruments")}:
            raise UsageError(f"{symbol} is no instrument here", "One of configs/universe.csv, after `ingest`.")
        rows = db.fetch_all(connection, "market.open_gaps", symbol=symbol or None)
    if as_json:
        show_json(rows)
    else:
        table(rows, "open gaps")


@app.command(epilog='Example: FUND_OPERATOR=alice python -m runner gaps absent FB 2013-01-15 --reason "halted all day"')
def absent(
    symbol: str = typer.Argument(help="The instrument."),
    sessions: list[datetime] = typer.Argument(formats=["%Y-%m-%d"], help="Sessions that `gaps list` shows."),
    reason: str = typer.Option(..., help="Why there is no bar; stored with your name."),
) -> None:
    """Declare that sessions have no bar. They are asked for no more, and quality does not expect them.

    No bar comes of it: what an instrument may do is still counted on its bars. More than 5 % declared absent block it.
    """
    from runner import db

    with db.connect(settings.load().operator_role) as connection:
        count = db.fetch_value(
            connection,
            "market.declare_absences",
            symbol=symbol,
            sessions=[session.date() for session in sessions],
            reason=reason,
        )
    typer.echo(f"{symbol}: {count} {'session' if count == 1 else 'sessions'} declared absent")
