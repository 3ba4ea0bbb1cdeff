"""Real filings, snapshots and headlines of ../shared/data through the ingest, with what the files are known to hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import db, facts
from runner.universe import COLUMNS
from tests.bench.real_world import DATA, records

SYMBOLS = ("AAPL", "ABBV", "CHK", "CVX", "GOOGL", "IBM", "JNJ", "MRK", "MSFT", "NVDA")
FILES = ("fundamentals_annual", "earnings", "sec_companyfacts", "valuation_snapshots", "news")


@pytest.fixture
def ingestor(database: str) -> Iterator[db.Connection]:
    for name in FILES:
        if not (DATA / f"{name}.csv.gz").exists():
            pytest.skip(f"{DATA}/{name}.csv.gz is not here")
    with db.connect("fund_ingestor", autocommit=True) as connection:
        yield connection


def query(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def test_real_facts_come_in_once_and_a_split_is_a_restatement(ingestor: db.Connection, tmp_path: Path) -> None:
    path = tmp_path / "universe.csv"
    lines = [f"{name},{name},Unknown,equity,XNYS,USD,close,raw,true,true,false,2003-01-02,," for name in SYMBOLS]
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    report = facts.run(ingestor, records(SYMBOLS), list(SYMBOLS), path)
    received = sum(row.rows_received for row in report.results)
    assert received == sum(
        row.rows_added + row.rows_revised + row.rows_unchanged + row.rows_duplicate + row.rows_quarantined
        for row in report.results
    )
    assert report.failures == dict.fromkeys(("CVX", "NVDA"), "no source asked has facts of it")
    assert report.quarantined == {}
    assert {row.provider: row.rows_added for row in report.results if row.symbol == "AAPL"}.keys() == {
        "sec", "annual", "snapshots", "headlines",
    }  # fmt: skip
    again = facts.run(ingestor, records(SYMBOLS), list(SYMBOLS), path)
    assert sum(row.rows_added + row.rows_revised for row in again.results) == 0
    assert again.quarantined == report.quarantined
    # AAPL's year to 2013-09-28 as the filings of 2013 and, after the split of 2014-06-09, of 2014 state it.
    said = {
        known: query(
            f"select eps_diluted, form from market.fundamentals_as_of('{known}', 'infinity', '{{AAPL}}')"
            " where period_end = '2013-09-28' and period_months = 12 and provider = 'sec'"
        )
        for known in ("2013-10-30 21:59-04", "2013-10-30 22:00-04", "2014-10-27 21:59-04", "2014-10-27 22:00-04")
    }
    assert [[row["eps_diluted"] for row in rows] for rows in said.values()] == [[], [39.75], [39.75], [5.68]]
    restated = query(
        "select count(*) as n from (select period_end, period_months from market.fundamentals"
        " where symbol = 'AAPL' and provider = 'sec' and eps_diluted is not null group by 1, 2"
        " having count(distinct eps_diluted) > 1) as p"
    )
    assert restated == [{"n": 25}]
    late = query("select count(*) as n from market.fundamentals where known_at <> filed_at and provider <> 'snapshots'")
    assert late[0]["n"] == 0
