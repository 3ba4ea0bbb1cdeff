"""`env`: what `dbt` needs to run by itself from dbt/."""

from __future__ import annotations

import shlex

import typer

from runner import environment, settings
from runner.commands import show_json

EXAMPLE = 'eval "$(python -m runner env)" && cd dbt && dbt build'


def command(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """Print shell exports for dbt: where the database is, as fund_transformer, password included."""
    variables = environment.for_dbt(settings.load())
    if as_json:
        show_json(variables)
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
