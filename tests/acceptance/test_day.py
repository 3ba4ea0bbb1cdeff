"""The day as a psql transcript: tests/acceptance/day.sql gives tests/acceptance/day.out, to the letter.

After a change that is meant to change it, write it anew and read the difference:
    REWRITE_DAY=1 .venv/bin/python -m pytest tests/acceptance/test_day.py && git diff tests/acceptance/day.out
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runner import embedded
from tests.acceptance.conftest import Machine

pytestmark = pytest.mark.needs_sample

HERE = Path(__file__).parent


def test_the_day_reads_as_committed(demo: Machine) -> None:
    """Output of the analyst's day on the demo's database."""
    url = demo.run("db", "url", "--role", "fund_analyst").stdout.strip()
    done = subprocess.run(
        [embedded.binaries()["psql"], url, "-X", "-a", "-f", str(HERE / "day.sql")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        env=os.environ | {"PGTZ": "UTC", "PGCLIENTENCODING": "UTF8"},
    )
    shown = done.stdout.replace(f"psql:{HERE / 'day.sql'}", "psql:day.sql")
    if os.environ.get("REWRITE_DAY"):
        (HERE / "day.out").write_text(shown)
    assert shown == (HERE / "day.out").read_text()
