"""Runs every tests/sql/*.sql, a pgTAP file each, on the embedded database; one case per file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner import db
from tests.conftest import SUMMARY

FILES = sorted((Path(__file__).parent / "sql").glob("*.sql"))
#: Functions the files may call, in a schema of their own; the TimescaleDB lane loads the same.
FIXTURES = sorted((Path(__file__).parent / "sql" / "fixtures").glob("*.sql"))


def prepare(name: str) -> str:
    """Put pgTAP and the fixtures into a database; the server's version."""
    with db.connect(db.DEPLOYER, dbname=name) as connection:
        # A file that says `set role` still calls pgTAP, in a schema that bootstrap closes to everybody.
        db.execute_text(connection, "pgtap", "create extension pgtap; grant usage on schema public to public")
        for path in FIXTURES:
            db.execute_text(connection, path.name, path.read_text(encoding="utf-8"))
        version: str = db.fetch_value(connection, "deploy.server_version")
        return version


@pytest.fixture(scope="module")
def lane(fresh: Callable[[], str], pgtap: Path | None) -> Iterator[dict[str, object]]:
    """A database with pgTAP, and the count of assertions; the summary says both."""
    if pgtap is None:
        SUMMARY.append(
            f"pgTAP: {len(FILES)} files skipped on embedded PostgreSQL: pgTAP is not on this machine (npm ci)"
        )
        pytest.skip("pgTAP is not on this machine: npm ci in tests/timescale brings it")
    name = fresh()
    version = prepare(name)
    counted: dict[str, object] = {"database": name, "assertions": 0}
    yield counted
    SUMMARY.append(f"pgTAP: {counted['assertions']} assertions on embedded PostgreSQL {version}")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_pgtap(path: Path, lane: dict[str, object]) -> None:
    """The file's plan is met and every assertion in it holds."""
    lines = tap(path, str(lane["database"]))
    results = [line for line in lines if re.match(r"(not )?ok \d+", line)]
    lane["assertions"] = int(str(lane["assertions"])) + len(results)
    plan = [int(line[3:]) for line in lines if re.fullmatch(r"1\.\.\d+", line)]
    failed = [line for line in lines if line.startswith(("not ok", "#"))]
    assert plan == [len(results)], f"planned {plan}, ran {len(results)}:\n" + "\n".join(failed)
    assert results, "the file asserts nothing"
    assert not any(line.startswith("not ok") and "# TODO" not in line for line in lines), "\n".join(failed)


def tap(path: Path, name: str) -> list[str]:
    """Every line of TAP a file's statements give, in order."""
    with db.connect(db.DEPLOYER, autocommit=True, dbname=name) as connection:
        values = db.script_values(connection, path.name, path.read_text(encoding="utf-8"))
        return [line for value in values for line in str(value).splitlines()]
