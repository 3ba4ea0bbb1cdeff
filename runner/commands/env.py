"""`env`: what `dbt` needs to run by itself from dbt/."""

from __future__ import annotations

import shlex
import sys

import typer

from runner import environment, log, settings
from runner.commands import show_json

EXAMPLE = 'eval "$(python -m runner env)" && cd dbt && dbt build'


def command(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """Print shell exports for dbt: where the database is, as fund_transformer.

    The password is among them, for a pipe or `eval`; on a terminal, where it would stay to be read, it is blanked.
    """
    variables = environment.for_dbt(settings.load())
    if sys.stdout.isatty():
        variables[environment.PASSWORD] = log.BLANK
    if as_json:
        show_json(variables)
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
