"""The pgTAP suite on TimescaleDB, PostgreSQL 17, in WebAssembly: tests/timescale/run.mjs, from Node."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.conftest import ROOT, SUMMARY, TIMESCALE_LANE

FILES = len(list((ROOT / "tests" / "sql").glob("*.sql")))


def test_pgtap_on_timescaledb() -> None:
    """Every file of tests/sql holds there as well; the summary says how many assertions ran."""
    if shutil.which("node") is None or not (TIMESCALE_LANE / "node_modules").is_dir():
        why = "Node is absent" if shutil.which("node") is None else "its packages are not installed (npm ci)"
        SUMMARY.append(f"pgTAP: {FILES} files skipped on TimescaleDB (WebAssembly): {why}")
        pytest.skip(f"TimescaleDB lane: {why}")
    done = subprocess.run(["node", "run.mjs"], cwd=TIMESCALE_LANE, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"^pgTAP: (\d+) assertions on TimescaleDB .*$", done.stdout, re.MULTILINE)
    assert counted is not None and int(counted[1]) >= FILES, done.stdout
    SUMMARY.append(counted[0])
