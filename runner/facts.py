"""Ingest of filings and headlines: fetch, archive, hand the rows to the routine that judges and stores them.

Beside runner/ingest.py and in the same direction: one transaction per payload (the raw bytes) and one per symbol of it
(batch and rows). After headlines a second opinion on their tone is stored, where the package that has one is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from runner import db, universe
from runner.errors import DataUnusable
from runner.ingest import (
    COUNTED,
    Archived,
    Report,
    SymbolResult,
    archive,
    close_fetch,
    open_landing,
    pack,
    prepare,
    record_faults,
    refuse,
)
from runner.providers.facts import FactsPayload, FactsProvider, Kind, SymbolFacts

#: Distribution that gives the second opinion; the extra `sentiment` brings it.
SCORER = "vaderSentiment"
#: The routine that takes a kind in.
ROUTINES: dict[Kind, str] = {"fundamentals": "market.ingest_fundamentals", "news": "market.ingest_news"}
#: Headlines judged in one call.
OPINIONS_CHUNK = 2000


def run(
    connection: db.Connection,
    providers: Sequence[FactsProvider],
    symbols: Sequence[str] | None = None,
    universe_path: Path = universe.DEFAULT_PATH,
    on_symbol: Callable[[SymbolResult], None] = lambda _: None,
    purpose: str = "ingest",
) -> Report:
    """Ingest from `providers`; `connection` is fund_ingestor's, in autocommit. `on_symbol` hears of each finished
    batch.

    Raises: UniverseError, FundError of a routine that refuses; what could not be read is in the report's failures.
    """
    sessions, instruments, spells = prepare(
        connection, {provider.name: provider for provider in providers}.values(), universe_path
    )
    known = {row["symbol"] for row in db.fetch_all(connection, "ref.instruments")}
    results: list[SymbolResult] = []
    failures = {symbol: "not in the universe file" for symbol in symbols or () if symbol not in known}
    payloads = {True: 0, False: 0}
    for provider in providers:
        offered = provider.symbols()
        wanted = [s for s in (symbols if offered is None else offered) or () if symbols is None or s in symbols]
        try:
            for payload in provider.fetch([s for s in wanted if s in known] if offered is not None else wanted):
                with connection.transaction():
                    archived = [archive(connection, provider.name, pack(a)) for a in (*payload.earlier, payload)]
                for answer in archived:
                    payloads[answer.is_new] += 1
                failures |= {f"{provider.name} {place}": reason for place, reason in payload.faults.items()}
                record_faults(connection, provider, archived[-1], payload.faults, purpose)
                for result in _take_in(connection, provider, payload, archived, known, purpose):
                    results.append(result)
                    on_symbol(result)
        except DataUnusable as error:
            failures[provider.name] = str(error)
    failures |= {result.symbol: result.reason for result in results if result.reason}
    if not any(provider.name in failures for provider in providers):  # else it was not asked for all of them
        told = {result.symbol for result in results}
        failures |= {s: "no source asked has facts of it" for s in symbols or () if s in known and s not in told}
    batches = [result.batch_id for result in results if result.batch_id is not None]
    reasons = db.fetch_all(connection, "market.fact_quarantine_reasons", batches=batches)
    return Report(
        sessions_added=sessions,
        instruments_written=instruments,
        spells_written=spells,
        payloads_new=payloads[True],
        payloads_known=payloads[False],
        results=tuple(results),
        failures=failures,
        quarantined={row["reason"]: row["facts"] for row in reasons},
    )


def _take_in(
    connection: db.Connection,
    provider: FactsProvider,
    payload: FactsPayload,
    archived: Sequence[Archived],
    known: set[str],
    purpose: str,
) -> Iterator[SymbolResult]:
    for facts in payload.facts:
        if facts.symbol not in known:
            yield SymbolResult(
                provider.name, facts.symbol, "REFUSED", "not in the universe file", rows_received=len(facts.rows)
            )
            continue
        with connection.transaction():
            landing = open_landing(connection, provider.name, facts.symbol, purpose, archived)
            result = store(connection, provider.name, landing.batch_id, payload.kind, facts)
            close_fetch(connection, landing.fetch_id)
        yield result
    yield from refuse(connection, provider, archived, payload.unreadable, purpose, payload.kind, payload.fault)


def store(connection: db.Connection, provider: str, batch: int, kind: Kind, facts: SymbolFacts) -> SymbolResult:
    """Take the facts of an open batch in. Raises: FundError MQ204."""
    row = db.fetch_one(connection, ROUTINES[kind], batch=batch, rows=db.Jsonb([dict(r) for r in facts.rows]))
    return SymbolResult(
        provider=provider,
        symbol=facts.symbol,
        state=row["state"],
        batch_id=batch,
        **{name: row[name] for name in COUNTED},
    )


def second_opinions(connection: db.Connection) -> int | None:
    """Store VADER's tone of every headline it has not judged; how many, or None where it is not installed."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    version = metadata.version(SCORER)
    analyzer = SentimentIntensityAnalyzer()
    added = 0
    while rows := db.fetch_all(
        connection, "market.headlines_without_opinion", scorer=SCORER, version=version, limit=OPINIONS_CHUNK
    ):
        opinions = [
            {
                "headline_sha256": row["headline_sha256"],
                "scorer": SCORER,
                "scorer_version": version,
                "score": float(analyzer.polarity_scores(row["headline"])["compound"]),
            }
            for row in rows
        ]
        with connection.transaction():
            added += db.fetch_value(connection, "market.record_opinions", opinions=db.Jsonb(opinions))
    return added
