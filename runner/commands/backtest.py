"""`backtest`: the fund's cycles over the past, in a database of their own, and what came of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from runner import settings
from runner.commands import show_json

EXAMPLE = (
    "python -m runner backtest --from 2012-01-03 --to 2012-12-31 --html 2012.html · "
    "python -m runner backtest --from 2012-01-03 --to 2012-12-31 --config wider.yaml --json"
)


def command(
    first: datetime = typer.Option(..., "--from", formats=["%Y-%m-%d"], help="First session decided."),
    last: datetime = typer.Option(..., "--to", formats=["%Y-%m-%d"], help="Last session decided."),
    account: str = typer.Option("paper", help="An account of the paper exchange: its capital and strategy."),
    strategy: str | None = typer.Option(None, help="A strategy of the golden configuration; default: the account's."),
    name: str | None = typer.Option(
        None,
        help="Folder below RUNNER_HOME/backtests; default: by beginning, account, strategy and configuration, so that"
        " the same command goes on where it was stopped.",
    ),
    configuration: Path | None = typer.Option(
        None, "--config", help="Decide by this file, a copy of the golden configuration with other numbers."
    ),
    fresh: bool = typer.Option(False, "--fresh", help="Remove what there is of it, and begin anew."),
    discard: bool = typer.Option(False, "--discard", help="Remove its database at the end."),
    html: Path | None = typer.Option(None, help="Write one page with plots there; it needs no network."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Decide every session of a range as the fund would have, on what was known then, and say what came of it.

    The market data are copied out of the fund's database, which is not written, into one of its own below
    RUNNER_HOME/backtests; every other command works on that: RUNNER_HOME=… python -m runner status. A session takes
    seconds. A range ends where a cycle fails; a kill is sat out up to where a person would have to resume.
    """
    from runner import backtest, page, performance_page
    from runner import config as golden
    from runner.errors import FundError, UsageError
    from runner.sessions import refusal_of
    from runner.show import console, progress_line

    if html is not None:
        page.check(html)
    config = golden.load_verified() if configuration is None else golden.load(configuration)
    environment = settings.load()
    names = [one.name for one in config.strategies.defined]
    if strategy is not None and strategy not in names:
        raise UsageError(f"no strategy is called {strategy}", f"Use one of: {', '.join(names)}.")
    if name is not None and (not name.replace("-", "").replace("_", "").isalnum() or not name.isascii()):
        raise UsageError(f"--name {name} is no name of a folder", "Use letters, digits, - and _.")
    wanted = backtest.plan(config, first.date(), last.date(), account, strategy, name)
    with backtest.alone(environment, wanted), progress_line() as step:
        try:
            reports, found = backtest.run(
                environment,
                config,
                wanted,
                fresh=fresh,
                say=(lambda _: None) if as_json else console.print,
                step=step,
            )
        except UsageError:
            discard = False  # what is there may be of something else
            raise
        finally:
            if discard:
                backtest.discard(environment, wanted)
    if as_json:
        show_json(found)
    else:
        _show(found)
        if not discard:
            console.print(f"its database: RUNNER_HOME={wanted.home(environment)} python -m runner status", markup=False)
    if html is not None:
        performance_page.write(html, found)
        typer.echo(f"page written to {html}", err=as_json)
    if (error := refusal_of(reports)) is not None:
        where = f"RUNNER_HOME={wanted.home(environment)}"
        raise FundError(
            error.message, f"What a person would do is done there ({where}); the same command goes on.", error.exit_code
        )


def _show(found: dict[str, Any]) -> None:
    from runner import performance_page
    from runner.show import console, table

    for title, rows in performance_page.tables(found):
        table(rows, title)
    for line in found["reservations"]:
        console.print(f"- {line}", markup=False)
