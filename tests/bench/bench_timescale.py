"""What TimescaleDB's compression makes of real bars: size, and three analysts' queries, each as a ratio in one run.

    python -m pytest tests/bench/bench_timescale.py --benchmarks -s

The bars are those of ../shared/data where it is, else the extra `sample`'s with a high and a low. In WebAssembly, one
thread: a ratio of times says which way it goes, no time of it is a server's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from runner.providers.sample_bokeh import SampleBokeh
from tests.conftest import ROOT, TIMESCALE_LANE

SHARED = ROOT.parent / "shared" / "data" / "bars.csv.gz"
COLUMNS = ["symbol", "session", "open", "high", "low", "close", "volume"]


def bars() -> tuple[str, pd.DataFrame]:
    """(where they are from, columns as COLUMNS)."""
    if SHARED.exists():
        found = pd.read_csv(SHARED, keep_default_na=False, na_values=[""]).rename(columns={"date": "session"})
        return SHARED.name, found[COLUMNS]
    provider = SampleBokeh()
    (payload,) = provider.fetch(provider.symbols())
    frames = [one.rows.dropna().assign(symbol=one.symbol) for one in payload.bars]
    return provider.name, pd.concat(frames)[COLUMNS]


@pytest.mark.needs_sample
def test_compression(tmp_path: Path) -> None:
    if shutil.which("node") is None or not (TIMESCALE_LANE / "node_modules").is_dir():
        pytest.skip("TimescaleDB lane: Node or its packages are not here")
    source, frame = bars()
    path = tmp_path / "bars.csv"
    frame.to_csv(path, index=False)
    done = subprocess.run(
        ["node", "compression.mjs", str(path)], cwd=TIMESCALE_LANE, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    plain, compressed = found["plain"], found["compressed"]
    print(f"{found['rows']:,} bars of {source} on {found['on']}")
    print(f"{'size':>28}: {plain['bytes'] / compressed['bytes']:.2f} times smaller ({compressed['bytes']:,} bytes)")
    for name, before in plain["milliseconds"].items():
        print(f"{name:>28}: {compressed['milliseconds'][name] / before:.2f} of the time before")
    assert compressed["bytes"] < plain["bytes"]
