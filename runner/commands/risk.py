"""`risk`: where an account's risk stands, against every limit, and whether its VaR was worth anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from runner.commands import show_json

EXAMPLE = "python -m runner risk --html risk.html · python -m runner risk --as-of 2013-02-27 --json"


def command(
    account: str = typer.Option("paper", help="Account, as the golden configuration names it."),
    as_of: datetime | None = typer.Option(
        None, "--as-of", formats=["%Y-%m-%d"], help="As of its newest cycle up to this session; default: the newest."
    ),
    sessions: int = typer.Option(250, min=2, help="Sessions of the past in the histories."),
    html: Path | None = typer.Option(None, help="Write one page with plots there; it needs no network."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """State, regime, every limit, factors, stress, component CVaR, exposures, tail, and the back-test of the VaR.

    Reads only, as the newest cycle stored it; a figure the data do not support is shown as none, with its reason.
    """
    from runner import db, page, risk_page, risk_report

    if html is not None:
        page.check(html)
    with db.connect("fund_analyst", read_only=True) as connection:
        found = risk_report.report(connection, account, as_of.date() if as_of else None, sessions)
    if as_json:
        show_json(found)
    else:
        _show(found)
    if html is not None:
        risk_page.write(html, found)
        typer.echo(f"page written to {html}", err=as_json)


def _show(found: dict[str, Any]) -> None:
    from runner import risk_tables
    from runner.show import console, ended, table

    cycle, state = found["cycle"], found["state"]
    if cycle is None:
        console.print(
            f"account {found['account']} has no cycle up to {found['as_of']}: its newest is shown without --as-of"
            if found["as_of"]
            else f"account {found['account']} has no cycle yet: python -m runner cycle --account {found['account']}",
            markup=False,
        )
        return
    console.print(
        f"account {found['account']}, newest cycle as of {cycle['as_of_session']}: [bold]{cycle['state']}[/bold]"
        + ended(cycle)
    )
    if state is None:
        console.print("no cycle of it has measured its risk yet: python -m runner status says what stopped it")
        return
    if state["cycle_id"] != cycle["cycle_id"]:
        console.print(f"[yellow]what follows is of the last measured one, as of {state['as_of_session']}[/yellow]")
    tier = f" tier {state['tier']}" if state["tier"] else ""
    console.print(
        f"state [bold]{state['state']}[/bold], phase {state['phase']}{tier} for {state['sessions']} sessions, "
        f"CVaR breaches in a row: {state['cvar_breaches']}, gross {state['gross']:.4f}, net {state['net']:.4f}"
    )
    _regime(found["regime"])
    for title, rows in risk_tables.tables(found):
        table(rows, title)


def _regime(regime: dict[str, Any] | None) -> None:
    from runner.risk_tables import number
    from runner.show import console

    if regime is None:
        console.print("regime: none stored")
        return
    seen = number(regime["high_probability"])
    console.print(
        f"regime [bold]{regime['name']}[/bold] by {regime['method']}, probability of high volatility {seen}, "
        f"volatility {regime['volatility']} for {regime['volatility_sessions']} sessions, trend {regime['trend']}"
        + (f": {regime['reason']}" if regime["reason"] else "")
    )
