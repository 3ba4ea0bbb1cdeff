"""`ingest`: bars, filings and headlines into the database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from runner import universe
from runner.commands import show_json
from runner.errors import DataUnusable, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.ingest import Report, SymbolResult
    from runner.providers import Provider
    from runner.providers.facts import FactsProvider
    from runner.providers.file_bars import FileBars
    from runner.router import Outcome

#: Windows named where sessions are still missing.
NAMED_MAX = 10

EXAMPLE = (
    "python -m runner ingest --provider sample --symbols AAPL,MSFT; "
    "python -m runner ingest --provider auto --from 2019-01-02; python -m runner ingest --live; "
    "python -m runner ingest --from-archive; "
    "python -m runner ingest --file bars.csv.gz --basis raw; "
    "python -m runner ingest --fundamentals filings.csv.gz; python -m runner ingest --news headlines.csv"
)


def command(
    provider: str = typer.Option(
        "sample",
        help="A provider or a group of them; auto: those asked over the network, each symbol from the first that has "
        "it; sec: what EDGAR holds of the companies in configs/cik.csv.",
    ),
    first: str = typer.Option("", "--from", help="First date asked of a provider over the network, YYYY-MM-DD."),
    last: str = typer.Option("", "--to", help="Last date; today, or as the backfill that is continued."),
    restart: bool = typer.Option(False, "--restart", help="Ask again for what an unfinished --from has already."),
    live: bool = typer.Option(False, "--live", help="The last five sessions, from the network: for a scheduler."),
    from_archive: bool = typer.Option(
        False,
        "--from-archive",
        help="Ask nobody: compare what is stored with the answers it is of, build anew what is lost. An asking that "
        "failed stored none of it and stays failed.",
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
    nothing usable; all else is in. One that was ended (ctrl-c: at once) goes on where it was by the same command.
    """
    if sum([bool(first or last or restart), live, heal, from_archive, bool(file or fundamentals or news)]) > 1:
        raise UsageError("--from, --live, --heal, --from-archive and files exclude one another", "Give one of them.")
    wanted = [word.strip() for word in symbols.split(",") if word.strip()] or None
    if from_archive and wanted:
        raise UsageError("--from-archive compares all that is stored", "Leave --symbols out.")
    with _stoppable(restart):
        if heal:
            _heal(wanted, universe_file, as_json)
            return
        files = _files(fundamentals, news)
        bars = _file_of_bars(file, basis)
        if bars is not None and files:
            raise UsageError("bars and facts are two ingests", "Give --file alone, then --fundamentals or --news.")
        if from_archive:
            _from_archive(as_json)
        elif live or provider in _remote_names():
            _remote(provider, wanted, (_day(first), _day(last)), live, restart, universe_file, as_json)
        elif first or last or restart:
            raise UsageError(
                f"{provider} hands over all it has: --from, --to and --restart are for a provider asked over the "
                "network",
                f"Choose one of: {', '.join(_remote_names())}.",
            )
        elif files or provider == "sec":
            _facts(files, wanted, universe_file, as_json)
        else:
            from runner import providers

            _bars(providers.named(provider) if bars is None else (bars,), wanted, universe_file, as_json)


@contextmanager
def _stoppable(restart: bool) -> Iterator[None]:
    """On ctrl-c a line that says what is left to do: an asking is stored whole or not at all."""
    try:
        yield
    except KeyboardInterrupt:
        again = "the same command without --restart" if restart else "the same command"
        typer.echo(f"what was taken in stays; {again} goes on with the rest", err=True)
        raise


def _heal(wanted: list[str] | None, universe_file: Path, as_json: bool) -> None:
    from runner import db, gaps, ingest
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


def _remote_names() -> tuple[str, ...]:
    from runner.providers import REMOTE

    return ("auto", *(source.name for source in REMOTE))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is not a date", "Write it as 2019-01-02.") from None


def _remote(
    word: str,
    wanted: list[str] | None,
    days: tuple[date | None, date | None],
    live: bool,
    restart: bool,
    universe_file: Path,
    as_json: bool,
) -> None:
    """Bars over the network: a backfill, or the live loop's five sessions."""
    from runner import backfill, db, ingest, router
    from runner.providers import REMOTE

    word = "auto" if live and word == "sample" else word
    if word not in _remote_names():
        raise UsageError(f"{word} is not asked over the network", f"Choose one of: {', '.join(_remote_names())}.")
    sources = [source for source in REMOTE if word in ("auto", source.name)]
    ingest.choose((), wanted)
    first, last = days
    if first is None and not live:
        raise UsageError("a provider over the network is told what to ask for", "Give --from DATE, or --live.")
    started = time.monotonic()
    with _rate() as (start, advance), db.connect("fund_ingestor", autocommit=True) as connection:
        ingest.prepare(connection, REMOTE, universe_file)
        symbols, unknown = router.askable(connection, sources, wanted, first, last)
        if not symbols and not unknown:
            raise DataUnusable(
                "no instrument of the universe can be asked of these sources", "Name one in configs/universe.csv."
            )
        if not symbols:
            outcomes: tuple[Outcome, ...] = ()
        elif first is None:
            requests = router.live_requests(connection, symbols)
            start(len(requests))
            outcomes = tuple(router.run(connection, requests, "live", sources, on_done=advance))
            router.alert(connection, outcomes)
        else:
            outcomes = backfill.run(
                connection, sources, word, symbols, first, last, restart, start, advance, _waiting
            ).outcomes
    failures = {outcome.request.symbol: outcome.reason for outcome in outcomes if outcome.result is None}
    failures |= dict.fromkeys(unknown, "not in the universe file")
    _tell_outcomes(outcomes, failures, time.monotonic() - started, as_json)


def _waiting(left: int, seconds: float) -> None:
    """A line on standard error: nothing is lost by ending it here, either."""
    typer.echo(
        f"not to be reached; {left} symbols are asked for again in {seconds:.0f} s (ctrl-c: go on later)", err=True
    )


def _tell_outcomes(outcomes: Sequence[Outcome], failures: dict[str, str], seconds: float, as_json: bool) -> None:
    results = sorted((o.result for o in outcomes if o.result is not None), key=lambda result: result.symbol)
    failovers = Counter((failure.provider, failure.fault) for outcome in outcomes for failure in outcome.failures)
    if as_json:
        show_json(
            {
                "results": [result.as_dict() for result in results],
                "failovers": [{"provider": p, "fault": f, "symbols": n} for (p, f), n in sorted(failovers.items())],
                "failures": failures,
                "seconds": round(seconds, 3),
                "exit_code": int(ExitCode.DATA if failures else ExitCode.DONE),
            }
        )
    else:
        _show_outcomes(results, failovers, seconds)
    if failures:
        raise DataUnusable(
            f"no bars of {len(failures)} symbols: {_listed(failures)}",
            "Every asking and its reason: select * from audit.failovers; the same command asks for the rest again.",
        )


def _listed(reasons: dict[str, str]) -> str:
    """Each reason once, the first twenty, with the first twenty of what it is true of."""
    of: dict[str, list[str]] = {}
    for what, why in sorted(reasons.items()):
        of.setdefault(why, []).append(what)
    return _first([f"{_first(found, ', ')}: {why}" for why, found in of.items()], "; ")


def _first(words: list[str], between: str) -> str:
    return between.join([*words[:20], *([f"and {len(words) - 20} more"] if len(words) > 20 else [])])


def _show_outcomes(results: list[SymbolResult], failovers: Counter[tuple[str, str]], seconds: float) -> None:
    from rich.table import Table

    from runner.show import console

    counts = ("received", "added", "revised", "unchanged", "duplicate", "quarantined")
    shown = Table(title="bars", title_justify="left", title_style="bold")
    shown.add_column("provider")
    for heading in ("symbols", *counts, "actions"):
        shown.add_column(heading, justify="right")
    for name in sorted({result.provider for result in results}):
        of = [result for result in results if result.provider == name]
        numbers = [sum(getattr(result, f"rows_{count}") for result in of) for count in counts]
        shown.add_row(name, *(f"{n:,}" for n in (len(of), *numbers, sum(result.actions_written for result in of))))
    console.print(shown)
    for reason, symbols in sorted(Counter(result.reason for result in results if result.reason is not None).items()):
        console.print(f"{reason}: {symbols:,} symbols", markup=False)
    for (provider, fault), symbols in sorted(failovers.items()):
        console.print(f"{provider} {fault}: {symbols:,} symbols", markup=False)
    received = sum(result.rows_received for result in results)
    console.print(f"{len(results):,} symbols, {received:,} rows in {seconds:.1f} s, {received / seconds:,.0f} a second")


def _from_archive(as_json: bool) -> None:
    from runner import archive, db
    from runner.providers import PROVIDERS, REMOTE

    with _rate() as (_, advance), db.connect("fund_ingestor", autocommit=True) as connection:
        report = archive.rebuild(connection, REMOTE, PROVIDERS, on_fetch=advance)
    if as_json:
        show_json(report.as_dict())
    else:
        typer.echo(
            f"{report.unchanged:,} askings unchanged, {report.rebuilt:,} taken in again ({report.rows['added']:,} rows "
            f"added, {report.rows['revised']:,} revised), {report.pruned:,} without bytes"
        )
    if report.differences:
        raise DataUnusable(
            f"what is stored is not what was received: {_listed(report.differences)}",
            "market.fetch_responses has the answers of an asking, market.provider_bars what is stored.",
        )


@contextmanager
def _rate() -> Iterator[tuple[Callable[[int], None], Callable[[object], None]]]:
    """A line on standard error with rate and time left: (so many more are to come, one is done)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def start(left: int) -> None:
            progress.update(task, total=progress.tasks[task].completed + left)

        def advance(_: object) -> None:
            rate = (progress.tasks[task].completed + 1) / (time.monotonic() - started)
            progress.update(task, advance=1, description=f"{rate:.1f} a second")

        yield start, advance


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
        purpose = "file" if files else "ingest"
        report = facts.run(connection, chosen, wanted, universe_file, on_symbol=advance, purpose=purpose)
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
    if as_json:
        show_json(report.as_dict() | {"seconds": round(seconds, 3)})
    else:
        _show(report, seconds, what)
    if report.failures:
        raise DataUnusable(
            "nothing usable: " + "; ".join(f"{of}: {why.rstrip('.')}" for of, why in sorted(report.failures.items())),
            f"What was set aside and why: select * from market.quarantined_{what}",
        )


def _show(report: Report, seconds: float, what: str) -> None:
    from rich.markup import escape
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
        shown.add_row(row.provider, row.symbol, *numbers, *span, escape(state))
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
        console.print(f"quarantined {reason}: {rows:,}", markup=False)
