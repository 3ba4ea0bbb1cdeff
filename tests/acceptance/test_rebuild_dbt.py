"""`dbt build` by itself, with the environment the runner prints: every model, data test and unit test on real bars.

It leaves quality as of another session than the demo did, so it runs after the tests that compare every table.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.conftest import Machine, dbt
from tests.conftest import SUMMARY

pytestmark = pytest.mark.needs_sample


def test_dbt_build_passes_and_ran_everything(demo: Machine, tmp_path: Path) -> None:
    """Nothing failed, was skipped or warned, and what the project declares is what ran."""
    done = dbt(demo, tmp_path, "build")
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "run_results.json").read_text())["results"]
    results = [result for result in results if not result["unique_id"].startswith("exposure.")]  # nothing to run
    kinds = Counter(result["unique_id"].split(".")[0] for result in results)
    assert {result["status"] for result in results} == {"success", "pass"}
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    declared = Counter(
        node["resource_type"]
        for node in [*manifest["nodes"].values(), *manifest["unit_tests"].values()]
        if node.get("config", {}).get("materialized") != "ephemeral"
    )
    assert kinds == declared
    SUMMARY.append(
        f"dbt build: {kinds['model']} models, {kinds['test']} data tests, {kinds['unit_test']} unit tests on real bars"
    )


def test_full_refresh_is_harmless_to_the_bit(demo: Machine, tmp_path: Path) -> None:
    """Incremental = full refresh: features.features gives the same digest after --full-refresh (F9)."""
    rows = (
        "select count(*) || ' ' || md5(string_agg(md5(f::text), '' order by symbol, session))"
        " from features.features as f"
    )
    before = demo.psql(rows)
    assert int(before.split()[0]) > 100_000
    done = dbt(demo, tmp_path, "run", "--full-refresh", "--select", "features")
    assert done.returncode == 0, done.stdout
    assert demo.psql(rows) == before
