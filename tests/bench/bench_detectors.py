"""Precision and recall of the detectors, per kind of fault, on real dirty bars; and how often clean rows alarm.

    python -m pytest tests/bench/bench_detectors.py --benchmarks -s

Every sample of ../shared/data/bars_dirty.csv.gz goes through the real door (ingest.run, the database's judge), then dbt
makes mart.findings of what was set aside and of what was let in; they are compared with bars_dirty_issues.csv.gz, row
by row. The same of the clean rows of bars.csv.gz. The labels were made from the rows by rule, so a finding they do
not know of is counted against the precision even where it is right; what those are is printed with the table.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.runner.frames_world import DATA, Frames, by_symbol, marts, read, take

pytestmark = pytest.mark.skipif(not (DATA / "bars_dirty.csv.gz").exists(), reason="needs ../shared/data")

#: Label -> our finding.
FINDINGS = {
    "missing_session": "missing_session",
    "null_price": "null_price",
    "zero_or_negative_price": "zero_or_negative_price",
    "ohlc_inconsistent": "ohlc_inconsistent",
    "duplicate_date": "duplicate_date",
    "non_session": "non_session",
    "abs_return_gt_50pct": "return_above_half",
    "stale_ohlc": "stale_ohlc",
    "zero_volume": "zero_volume",
}
#: Found in full, or this fails.
COMPLETE = tuple(FINDINGS)[:6]
CLEAN_ALARMS_MAX = 0.01


def found(findings: pd.DataFrame, name: str) -> set[tuple[str, str]]:
    """(symbol, ISO date) of one kind of finding."""
    rows = findings[findings["finding"] == name]
    return {(symbol, day.isoformat()) for symbol, day in zip(rows["symbol"], rows["session"], strict=True)}


def test_dirty_bars(database: str, tmp_path: Path) -> None:
    table = read("bars_dirty.csv.gz")
    issues = pd.read_csv(DATA / "bars_dirty_issues.csv.gz", keep_default_na=False, na_values=[""])
    for frame in (table, issues):
        frame["symbol"] = frame["symbol"].str.replace("_", ".")
    take(tmp_path, "2023-06-01 12:00Z", Frames(by_symbol(table)))
    findings = marts("findings")["findings"]
    print(f"\n{len(table):,} rows of {table['symbol'].nunique()} samples, {len(findings):,} findings")
    print(f"{'fault':<24} {'labelled':>8} {'found':>8} {'right':>8} {'precision':>9} {'recall':>7}")
    recalls: dict[str, float] = {}
    for label, name in FINDINGS.items():
        rows = issues[issues["issue"] == label]
        wanted, ours = set(zip(rows["symbol"], rows["date"], strict=True)), found(findings, name)
        right = len(wanted & ours)
        recalls[label] = right / len(wanted)
        print(
            f"{label:<24} {len(wanted):>8,} {len(ours):>8,} {right:>8,}"
            f" {right / len(ours) if ours else float('nan'):>9.4f} {recalls[label]:>7.4f}"
        )
    others = findings[~findings["finding"].isin(FINDINGS.values())]["finding"].value_counts()
    print("without a label: " + ", ".join(f"{name} {count}" for name, count in others.items()))
    assert {label: recalls[label] for label in COMPLETE} == dict.fromkeys(COMPLETE, 1.0)


def test_clean_bars(database: str, tmp_path: Path) -> None:
    table = read("bars.csv.gz")
    take(tmp_path, "2017-11-13 12:00Z", Frames(by_symbol(table)))
    findings = marts("findings")["findings"]
    counts = findings["finding"].value_counts()
    share = len(findings[["symbol", "session"]].drop_duplicates()) / len(table)
    print(f"\n{len(table):,} rows; " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    print(f"rows with an alarm, the faults its README knows of included: {share:.5f} (at most {CLEAN_ALARMS_MAX})")
    assert 0 < share <= CLEAN_ALARMS_MAX
