"""`ingest`: bars, filings and headlines into the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from runner import universe
from runner.commands import show_json
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.ingest import Report, SymbolResult
    from runner.providers import Provider
    from runner.providers.facts import FactsProvider
    from runner.providers.file_bars import FileBars

#: Windows named where sessions are still missing.
NAMED_MAX = 10

EXAMPLE = (
    "python -m runner ingest --provider sample --symbols AAPL,MSFT; "
    "python -m runner ingest --file bars.csv.gz --basis raw; "
    "python -m runner ingest --fundamentals filings.csv.gz; python -m runner ingest --news headlines.csv"
)


def command(
    provider: str = typer.Option(
        "sample", help="A provider or a group of them; sec: what EDGAR holds of the companies in configs/cik.csv."
    ),
    symbols: str = typer.Option("", help="Only these, separated by commas; otherwise all the provider has."),
    universe_file: Path = typer.Option(universe.DEFAULT_PATH, "--universe", help="The universe file."),
    file: Path | None = typer.Option(
        None,
        help="CSV of bars instead of a provider: symbol, session, open, high, low, close, volume; adj_close. gzip is "
        "read too.",
    ),
    basis: str = typer.Option("", help="What the prices of --file are: raw, split_adjusted or fully_adjusted."),
    fundamentals: Path | None = typer.Option(
        None,
        help="CSV of filings instead of a provider: symbol, period_end, period_months, form, filed_at; accession, "
        "eps_diluted, revenue, net_income, … (USD). A date alone in filed_at: 22:00 New York.",
    ),
    news: Path | None = typer.Option(
        None,
        help="CSV of headlines: symbol, published_at, source, headline; story, symbols. gzip is read too.",
    ),
    heal: bool = typer.Option(False, "--heal", help="Ask again for every session that is missing, of the next source."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Load calendar, universe and bars; every row ends up added, revised, unchanged, duplicate or quarantined.

    So do filings and headlines. A second run finds everything unchanged. Exit 13 where a provider, symbol or line gave
    nothing usable; all else is in.
    """
    wanted = [word.strip() for word in symbols.split(",") if word.strip()] or None
    if heal:
        _heal(wanted, universe_file, as_json)
        return
    files = _files(fundamentals, news)
    bars = _file_of_bars(file, basis)
    if bars is not None and files:
        raise UsageError("bars and facts are two ingests", "Give --file alone, then --fundamentals or --news.")
    if files or provider == "sec":
        _facts(files, wanted, universe_file, as_json)
    else:
        from runner import providers

        _bars(providers.named(provider) if bars is None else (bars,), wanted, universe_file, as_json)


def _heal(wanted: list[str] | None, universe_file: Path, as_json: bool) -> None:
    from runner import db, gaps, ingest
    from runner.errors import DataUnusable
    from runner.providers import REMOTE
    from runner.show import progress_line, table

    ingest.choose((), wanted)
    with progress_line() as tell, db.connect("fund_ingestor", autocommit=True) as connection:
        ingest.prepare(connection, REMOTE, universe_file)
        healed = gaps.heal(connection, REMOTE, wanted, on_done=lambda done: tell(f"{done.symbol} {done.sessions[0]}"))
    rows = [
        {
            "symbol": one.symbol,
            "first": one.sessions[0],
            "last": one.sessions[-1],
            "missing before": len(one.sessions),
            "missing": one.missing,
            "asked": ", ".join(
                provider if fault is None else f"{provider} ({fault})" for provider, fault in one.attempts
            ),
        }
        for one in healed
    ]
    if as_json:
        show_json(rows)
    else:
        table(rows, "asked for again")
    open_still = [f"{one.symbol} {one.sessions[0]}: {one.reason}" for one in healed if one.missing]
    if open_still:
        raise DataUnusable(
            "; ".join(open_still[:NAMED_MAX]) + ("; …" if len(open_still) > NAMED_MAX else ""),
            "`gaps list` shows them; the next --heal asks the next source; `gaps absent` says there is none.",
        )


def _file_of_bars(file: Path | None, basis: str) -> FileBars | None:
    from runner.providers.file_bars import BASES, FileBars

    if (file is None) != (basis == "") or (file is not None and basis not in BASES):
        raise UsageError(
            "a file of bars does not say what its prices are", f"--file bars.csv --basis {' | '.join(BASES)}"
        )
    return None if file is None else FileBars(file, basis)


def _files(fundamentals: Path | None, news: Path | None) -> list[FactsProvider]:
    from runner.providers.file_facts import FileFacts

    found: list[FactsProvider] = []
    if fundamentals is not None:
        found.append(FileFacts("fundamentals", fundamentals))
    if news is not None:
        found.append(FileFacts("news", news))
    return found


def _bars(chosen: Sequence[Provider], wanted: list[str] | None, universe_file: Path, as_json: bool) -> None:
    from runner import db, ingest

    total = sum(len(names) for names in ingest.choose(chosen, wanted).values())
    started = time.monotonic()
    with _progress(total) as advance, db.connect("fund_ingestor", autocommit=True) as connection:
        report = ingest.run(connection, chosen, wanted, universe_file, on_symbol=advance)
    _tell(report, time.monotonic() - started, as_json, "bars")


def _facts(files: list[FactsProvider], wanted: list[str] | None, universe_file: Path, as_json: bool) -> None:
    from runner import db, facts, ingest
    from runner.providers.sec import Sec

    ingest.choose((), wanted)
    chosen: list[FactsProvider] = files or [Sec()]
    started = time.monotonic()
    with _progress(None) as advance, db.connect("fund_ingestor", autocommit=True) as connection:
        report = facts.run(connection, chosen, wanted, universe_file, on_symbol=advance)
        opinions = facts.second_opinions(connection)
    if not as_json and opinions is None:
        typer.echo("no second opinion on headlines: pip install 'mini-quant-fund[sentiment]' brings one", err=True)
    elif not as_json and opinions:
        typer.echo(f"second opinions: {opinions:,} headlines scored by {facts.SCORER}", err=True)
    _tell(report, time.monotonic() - started, as_json, "facts")


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[SymbolResult], None]]:
    """A line on standard error that moves with each finished batch."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("calendar and universe", total=total)
        yield lambda done: progress.update(task, advance=1, description=f"{done.provider} {done.symbol}")


def _tell(report: Report, seconds: float, as_json: bool, what: str) -> None:
    from runner.errors import DataUnusable

    if as_json:
        show_json(report.as_dict() | {"seconds": round(seconds, 3)})
    else:
        _show(report, seconds, what)
    if report.failures:
        raise DataUnusable(
            "nothing usable: " + "; ".join(f"{what}: {why}" for what, why in sorted(report.failures.items())),
            f"What was set aside and why: select * from market.quarantined_{what}",
        )


def _show(report: Report, seconds: float, what: str) -> None:
    from rich.table import Table

    from runner.show import console

    counts = ("added", "revised", "unchanged", "duplicate", "quarantined")
    shown = Table(title=what, title_justify="left", title_style="bold")
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
