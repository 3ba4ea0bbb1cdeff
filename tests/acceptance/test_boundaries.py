"""The edges of what may be traded, through ingest, dbt and the gate: of these only the clean one of score 0.6 is in.

dbt itself brings the score to 0.6 and to 0.5999: a duplicate weighs 0.8 instead of 0.2, and a half of the rows, or 4001
of 8000, repeat a session. All else is what `python -m runner ingest --file` and `cycle` do.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from exchange_calendars import get_calendar

from runner import cli, db, environment, transform
from runner.settings import Settings
from runner.universe import COLUMNS
from tests.acceptance.conftest import Machine

AS_OF = date(2013, 2, 27)
SESSIONS = [day.date() for day in get_calendar("XNYS", start="1990-01-02").sessions_in_range("1990-01-02", AS_OF)]
AFTER = [day.date() for day in get_calendar("XNYS").sessions_in_range("2013-02-28", "2013-03-20")]
MONTH_AGO = [day for day in SESSIONS if day <= AS_OF - timedelta(days=30)]

#: Symbol -> the sessions of its rows in order.
ROWS: dict[str, list[date]] = {
    "CLEAN": [day for day in SESSIONS[-1260:] for _ in range(2)],
    "LOW": [day for day in SESSIONS[-3999:] for _ in range(2)] + [AS_OF, AS_OF],
    "SHORT": SESSIONS[-1259:],
    "TWICE": SESSIONS[-630:] * 2,
    "AHEAD": SESSIONS[-1250:] + AFTER[:10],
    "NEVER": SESSIONS[-1250:] + [date(2999, 12, day) for day in range(1, 11)],
    "STALE": MONTH_AGO[-1260:],
    "NAN": SESSIONS[-1261:],
    "SPLIT": SESSIONS[-1260:],
    "BENCH": SESSIONS[-1260:],
}
#: Symbol -> (state, reasons, valid sessions) of decide.cycle_inputs.
VERDICTS: dict[str, tuple[str, list[str], int]] = {
    "CLEAN": ("ACTIVE", [], 1260),
    "LOW": ("DEGRADED", ["QUALITY_LOW"], 3999),
    "SHORT": ("DEGRADED", ["HISTORY_SHORT"], 1259),
    "TWICE": ("QUARANTINED", ["HISTORY_SHORT"], 630),
    "AHEAD": ("DEGRADED", ["HISTORY_SHORT"], 1250),
    "NEVER": ("DEGRADED", ["HISTORY_SHORT"], 1250),
    "STALE": ("QUARANTINED", ["VETO_STALENESS", "STALE", "VETOED", "NO_FEATURES"], 1260),
    "NAN": ("QUARANTINED", ["VETO_NONPOSITIVE", "VETOED"], 1260),
    "SPLIT": ("QUARANTINED", ["VETO_SPLIT_JUMP", "VETOED"], 1260),
}
SET_ASIDE = {"NEVER": {"FUTURE_SESSION": 10}, "NAN": {"NON_FINITE": 1}}


def bars() -> bytes:
    """The file: random walks, the same for a session however often it is there."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("symbol", "session", "open", "high", "low", "close", "volume"))
    for seed, (symbol, sessions) in enumerate(ROWS.items()):
        days = sorted(set(sessions))
        walk = np.round(60 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, len(days)))), 2)
        closes = dict(zip(days, walk.tolist(), strict=True))
        for day in sessions:
            close = closes[day] / 10 if symbol == "SPLIT" and day >= days[-250] else closes[day]
            said = "nan" if symbol == "NAN" and day == days[-100] else f"{close:.4f}"
            low, high = f"{close * 0.99:.4f}", f"{close * 1.01:.4f}"
            writer.writerow((symbol, day, f"{close:.4f}", high, low, said, 1_000_000))
    return gzip.compress(text.getvalue().encode(), mtime=0)


def weighing(build: Callable[..., Any]) -> Callable[..., Any]:
    """transform.run_cycle_models, and quality built once more with another weight of duplicates."""

    def run(settings: Settings, as_of_session: date | None = None, **options: Any) -> Any:
        from dbt.cli.main import dbtRunner

        built = build(settings, as_of_session, **options)
        values = environment.for_dbt(settings)
        variables = json.dumps({"as_of_session": str(as_of_session), "quality_weight_duplicate": 0.8})
        with transform._environment(values):
            manifest = transform._parse(settings.runner_home)
            arguments = ["--select", "data_quality", "symbol_governance", "--vars", variables]
            arguments += transform._arguments(settings.runner_home)
            outcome = dbtRunner(manifest=manifest).invoke(["run", *arguments])
        assert outcome.success, outcome.exception or [r.message for r in outcome.result if r.status != "success"]
        return built

    return run


@pytest.fixture(scope="module")
def inputs(machines: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """Symbol -> its row of decide.cycle_inputs, with the reasons its rows were set aside for."""
    machine: Machine = machines("boundaries")
    for arguments in (("db", "up"), ("deploy", "--simulated"), ("config", "lock")):
        done = machine.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    universe = machine.folder / "universe.csv"
    lines = [f"{s},{s},Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2008-01-02,," for s in VERDICTS]
    lines.append("BENCH,BENCH,,etf,XNYS,USD,ohlcv,raw,false,false,true,,,")
    universe.write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    (machine.folder / "bars.csv.gz").write_bytes(bars())
    done = machine.run("ingest", "--file", "bars.csv.gz", "--basis", "raw", "--universe", "universe.csv", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as out:
        patch.setenv("RUNNER_HOME", str(machine.home))
        patch.setenv("KILL_SWITCH_FILE", str(machine.folder / "KILL_SWITCH"))
        patch.chdir(machine.folder)
        patch.setattr(transform, "run_cycle_models", weighing(transform.run_cycle_models))
        code = cli.run(["cycle", "--as-of", str(AS_OF), "--mode", "shadow"])
        with db.connect(db.DEPLOYER) as connection:
            rows = db.fetch_text(
                connection,
                "inputs",
                "select i.*, (select jsonb_object_agg(q.reason, q.n) from ("
                "select b.reason, count(*) as n from market.quarantined_bars as b where b.symbol = i.symbol group by 1"
                ") as q) as set_aside from decide.cycle_inputs as i",
            )
    assert rows, f"exit {code}: {out.getvalue()}"
    yield {row["symbol"]: row for row in rows}


@pytest.mark.parametrize("symbol", VERDICTS)
def test_f5_f6_only_the_clean_one_is_tradable(inputs: dict[str, dict[str, Any]], symbol: str) -> None:
    row, (state, reasons, sessions) = inputs[symbol], VERDICTS[symbol]
    assert (row["governance_state"], row["governance_reasons"], row["valid_sessions"]) == (state, reasons, sessions)
    assert row["set_aside"] == SET_ASIDE.get(symbol)


def test_the_scores_are_exactly_these(inputs: dict[str, dict[str, Any]]) -> None:
    assert inputs["CLEAN"]["data_quality_score"] == 0.6
    assert inputs["LOW"]["data_quality_score"] == pytest.approx(0.5999, abs=1e-15)
    assert inputs.keys() == VERDICTS.keys()
