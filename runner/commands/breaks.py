"""`breaks`: what differs from the broker's books, and a person's word that it is dealt with."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import typer

from runner import settings
from runner.commands import show_json

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Differences from the broker's books: list, resolve."
)


@app.command(name="list", epilog="Example: python -m runner breaks list --account alpaca --json")
def list_open(
    account: str = typer.Option("", help="Only this account's."),
    as_json: bool = typer.Option(False, "--json", help="For a script, with all of the evidence."),
) -> None:
    """Every break nobody has resolved. HALT: nothing of the account is released; QUARANTINE: nothing of the symbol.

    While the last reading of a broker outside still differs, nothing of the account is released in either case.
    """
    from runner import db
    from runner.brokers.desk import find_account
    from runner.show import table

    with db.connect(settings.load().operator_role) as connection:
        if account:
            find_account(connection, account)
        rows = db.fetch_all(connection, "trade.open_breaks", account=account or None)
    if as_json:
        show_json(rows)
        return
    shown = ("break_id", "account", "kind", "effect", "symbol", "subject", "raised_at")
    table(
        [
            {key: row[key] for key in shown} | {side: _figure(row["evidence"].get(side)) for side in ("ours", "theirs")}
            for row in rows
        ],
        "open breaks",
    )


def _figure(value: object) -> object:
    """A number or a word as it is; a whole order only in --json."""
    return "see --json" if isinstance(value, dict) else value


@app.command(epilog='Example: python -m runner breaks resolve 3 --accept --reason "the broker corrected a trade"')
def resolve(
    break_id: int = typer.Argument(help="Its number, as `breaks list` shows it."),
    reason: str = typer.Option(..., help="What was found and done; stored."),
    accept: bool = typer.Option(False, "--accept", help="Take the broker's word into our books, with this reason."),
    capital: bool = typer.Option(False, "--capital", help="With --accept: this cash was paid in or out, no return."),
    amount: str = typer.Option(
        "",
        help="With --accept, of cash: what came (negative: went). Asked for where a dividend may still have to be paid;"
        " a part leaves the rest a difference.",
    ),
) -> None:
    """Say that a break is dealt with. A difference that is still there becomes a new one, but for --accept."""
    from runner import db

    try:
        said = Decimal(amount) if amount else None
    except InvalidOperation:
        said = Decimal("NaN")
    if said is not None and (not said.is_finite() or not said):
        raise typer.BadParameter(f"{amount!r} is no amount; --amount -10000 is one", param_hint="--amount")

    with db.connect(settings.load().operator_role) as connection:
        new = db.fetch_value(
            connection,
            "trade.resolve_break",
            break_id=break_id,
            reason=reason,
            accept=accept,
            capital=capital,
            amount=said,
        )
    typer.echo(f"break {break_id} is resolved" if new else f"break {break_id} was resolved before")
