"""`deploy`: sql/ into the database."""

from __future__ import annotations

from dataclasses import asdict

import typer

from runner.commands import show_json

EXAMPLE = "python -m runner deploy --simulated"


def command(
    simulated: bool = typer.Option(
        False, "--simulated", help="First deploy only: a database whose clock can be moved (demo, tests, backtests)."
    ),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Apply sql/ in one transaction: migrations once, everything else anew; a second run does nothing."""
    from runner.deploy import deploy

    report = deploy(simulated=simulated)
    if as_json:
        show_json(asdict(report) | {"nothing": report.nothing})
        return
    where = f"{report.database} ({report.kind})"
    if report.nothing:
        typer.echo(f"{where} is in the state of sql/: nothing to do")
        return
    if report.applied:
        typer.echo(f"{where}: {len(report.applied)} files applied, {len(report.migrations)} of them new migrations")
    for signature in report.dropped:
        typer.echo(f"dropped {signature}: no file in sql/routines stands for it")
    if report.passwords_set:
        typer.echo(f"passwords set for {', '.join(report.passwords_set)}")
    if report.dbt_tables_dropped:
        names = ", ".join(report.dbt_tables_dropped)
        typer.echo(f"dropped by a migration: {names}; the next cycle or dbt build makes anew what it needs of them")
    if report.dbt_views_dropped:
        typer.echo(
            f"{report.dbt_views_dropped} dbt views were dropped: run dbt build (its environment: python -m runner env)"
        )
