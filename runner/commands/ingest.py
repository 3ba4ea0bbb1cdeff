"""`ingest`: bars from providers into the database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from runner import universe
from runner.commands import show_json

if TYPE_CHECKING:
    from runner.ingest import Report

EXAMPLE = "python -m runner ingest --provider sample --symbols AAPL,MSFT"


def command(
    provider: str = typer.Option("sample", help="A provider or a group of them."),
    symbols: str = typer.Option("", help="Only these, separated by commas; otherwise all the provider has."),
    universe_file: Path = typer.Option(universe.DEFAULT_PATH, "--universe", help="The universe file."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Load calendar, universe and bars; every row ends up added, revised, unchanged, duplicate or quarantined.

    A second run finds everything unchanged. Exit 13 where a provider or symbol asked for gave nothing usable.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from runner import db, ingest, providers
    from runner.errors import DataUnusable

    chosen = providers.named(provider)
    wanted = [word.strip() for word in symbols.split(",") if word.strip()] or None
    total = sum(len(names) for names in ingest.choose(chosen, wanted).values())
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
        db.connect("fund_ingestor", autocommit=True) as connection,
    ):
        task = progress.add_task("calendar and universe", total=total)
        report = ingest.run(
            connection,
            chosen,
            wanted,
            universe_file,
            on_symbol=lambda done: progress.update(task, advance=1, description=f"{done.provider} {done.symbol}"),
        )
    seconds = time.monotonic() - started
    if as_json:
        show_json(report.as_dict() | {"seconds": round(seconds, 3)})
    else:
        _show(report, seconds)
    if report.failures:
        raise DataUnusable(
            "nothing usable: " + "; ".join(f"{what}: {why}" for what, why in sorted(report.failures.items())),
            "What was set aside and why: select * from market.quarantined_bars",
        )


def _show(report: Report, seconds: float) -> None:
    from rich.table import Table

    from runner.show import console

    counts = ("added", "revised", "unchanged", "duplicate", "quarantined")
    shown = Table(title="bars", title_justify="left", title_style="bold")
    for heading in ("provider", "symbol"):
        shown.add_column(heading)
    for heading in (*counts, "actions"):
        shown.add_column(heading, justify="right")
    for heading in ("first", "last", "state"):
        shown.add_column(heading)
    for row in report.results:
        numbers = [f"{getattr(row, f'rows_{name}'):,}" for name in counts] + [str(row.actions_written)]
        state = row.state if row.reason is None else f"{row.state}: {row.reason}"
        span = (str(row.first_session or ""), str(row.last_session or ""))
        shown.add_row(row.provider, row.symbol, *numbers, *span, state)
    totals = [f"{sum(getattr(row, f'rows_{name}') for row in report.results):,}" for name in counts]
    shown.add_section()
    actions = sum(row.actions_written for row in report.results)
    shown.add_row("total", "", *totals, str(actions), "", "", "", style="bold")
    console.print(shown)
    received = sum(row.rows_received for row in report.results)
    console.print(f"{received:,} rows in {seconds:.1f} s, {received / seconds:,.0f} a second")
    console.print(
        f"payloads: {report.payloads_new} new, {report.payloads_known} known by their hash; "
        f"reference: {report.sessions_added} sessions, {report.instruments_written} instruments, "
        f"{report.spells_written} spells written"
    )
    for reason, rows in report.quarantined.items():
        console.print(f"quarantined {reason}: {rows:,}")
