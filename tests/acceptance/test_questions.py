"""Twenty worked questions: each NN_name.sql, asked as fund_analyst, gives its NN_name.out.

The fund they are asked of lived through the autumn of 2008: real bars from 15 September to 7 October, with the kill
file laid once and one vendor's restatement. It is laid bare of what would have had it sit the autumn out (BARE). Ids,
digests, audit numbers and the code's version are another's on another commit or configuration; everything else is
compared to the letter. After a change that is meant to change an answer:
    REWRITE_QUESTIONS=1 .venv/bin/python -m pytest tests/acceptance/test_questions.py
    git diff tests/acceptance/questions
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner import embedded
from tests.acceptance.conftest import ROOT, Machine

pytestmark = pytest.mark.needs_sample

HERE = Path(__file__).parent / "questions"
QUESTIONS = sorted(path for path in HERE.glob("[0-9][0-9]_*.sql"))
#: What a transcript holds that belongs to the commit, the configuration or the machine: shown, not compared.
ELSEWHERE = re.compile(r"\b[0-9a-f]{12,64}\b|code \S+|^  \d+ (?=(cycle|order)\.)", re.MULTILINE)


#: Regimes, breakers, soft factors and the ramp multiply by nothing: a fund that trades nothing has little to be asked.
BARE = {
    "overlays.enabled": "[stop_loss]",
    "risk.drawdown_lambda": "0.000000001",
    "risk.correlation_limit": "1.0",
    "risk.fat_tail_scalar": "1.0",
    "breakers.tier_two_volatility_multiple": "100.0",
    "breakers.recovery_ramp": "[1.0]",
    **{f"regimes.multiplier_{name}": "1.0" for name in ("bull_volatile", "bear_quiet", "bear_crisis", "uncertain")},
}


def lay_bare(machine: Machine) -> None:
    """The machine's own configuration with the values of BARE, its account trading by prices alone."""
    file = machine.folder / "configs" / "golden_config.yaml"
    text, count = re.subn(r"(name: paper, .*strategy: )institutional", r"\1trend_following", file.read_text())
    assert count == 1
    for path, value in BARE.items():
        section, key = path.split(".")
        text, count = re.subn(
            rf"(?ms)(^{section}:$.*?^  {key}: \{{value: )(\[.*?\]|[^,]+)(?=, unit)", rf"\g<1>{value}", text, count=1
        )
        assert count == 1, path
    file.write_text(text)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_name("golden_config.sha256").write_text(f"{digest}  configs/{file.name}\n")


def psql(machine: Machine, role: str, file: Path) -> str:
    """A file as psql shows it, statements included, in UTC."""
    done = subprocess.run(
        [embedded.binaries()["psql"], machine.run("db", "url", "--role", role).stdout.strip(), "-Xa", "-f", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        env=os.environ | {"PGTZ": "UTC", "PGCLIENTENCODING": "UTF8"},
    )
    return done.stdout.replace(f"psql:{file}", f"psql:{file.name}")


def run(machine: Machine, *arguments: str, code: int = 0) -> str:
    """A command that must end with `code`."""
    done = machine.run(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def dbt(machine: Machine, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """dbt as a user runs it from dbt/."""
    folders = ("--target-path", str(target), "--log-path", str(target))
    return subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments, *folders],
        cwd=ROOT / "dbt",
        env=os.environ | json.loads(run(machine, "env", "--json")),
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def autumn(machines: Any) -> Machine:
    """The fund of 2008, its marts built."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("autumn")
    lay_bare(machine)
    run(machine, "db", "up")
    run(machine, "deploy", "--simulated")
    run(machine, "config", "lock", "--reason", "story")
    run(machine, "ingest")
    run(machine, "cycle", "--from", "2008-09-15", "--to", "2008-10-03")
    assert "ERROR" not in psql(machine, "fund_ingestor", HERE / "restatement.sql")
    machine.to_session("2008-10-06")
    kill = machine.folder / "runtime" / "KILL_SWITCH"
    kill.parent.mkdir(exist_ok=True)
    kill.touch()
    run(machine, "cycle", "--as-of", "2008-10-06", code=11)
    kill.unlink()
    run(machine, "sync", "--once", code=11)  # it reports the file gone; that resumes nothing
    machine.psql("select ops.advance_clock(ops.now() + interval '15 minutes')")
    run(machine, "resume", "--reason", "the drill is over")
    run(machine, "sync", "--once")
    run(machine, "cycle", "--as-of", "2008-10-06")
    machine.to_session("2008-10-07")
    run(machine, "cycle", "--as-of", "2008-10-07")
    done = dbt(machine, machine.folder / "dbt", "build", "--select", "staging", "marts")
    assert done.returncode == 0, done.stdout
    assert "WARN=0" in done.stdout, done.stdout
    return machine


def test_there_are_twenty_questions_with_an_answer_each() -> None:
    assert [path.name[:2] for path in QUESTIONS] == [f"{n:02d}" for n in range(1, 21)]
    for path in QUESTIONS:
        assert re.match(r"-- .*\?", path.read_text()), f"{path.name} opens with its question"


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda p: p.stem)
def test_the_answer_is_as_committed(autumn: Machine, path: Path) -> None:
    """The transcript, ids and digests aside, and nothing in it is an error or empty."""
    shown = psql(autumn, "fund_analyst", path)
    assert "ERROR" not in shown
    committed = path.with_suffix(".out")
    if os.environ.get("REWRITE_QUESTIONS"):
        committed.write_text(shown)
    assert ELSEWHERE.sub("~", shown) == ELSEWHERE.sub("~", committed.read_text())


def test_i24_every_symbol_of_every_cycle_is_explained(autumn: Machine) -> None:
    """No document is without an answer, and what it says of decision, orders and fills is what the tables say."""
    rows = autumn.rows(
        """
        select d.symbol, c.as_of_session, x.found ->> 'answer' as answer,
            x.found -> 'decision' ->> 'final_decision' = d.final_decision
                and x.found -> 'data' -> 'bar' ->> 'session' = i.last_session::text
                and (x.found -> 'data' -> 'bar' -> 'payload' ->> 'sha256') ~ '^[0-9a-f]{64}$'
                and jsonb_array_length(x.found -> 'cycle' -> 'verdicts') = 11
                and jsonb_array_length(x.found -> 'audit') >= 2 as agrees,
            (select count(*) from trade.orders as o where o.cycle_id = d.cycle_id and o.symbol = d.symbol) as orders,
            jsonb_array_length(x.found -> 'orders') as told,
            (select count(*) from trade.fills as f join trade.orders as o using (client_order_id)
                where o.cycle_id = d.cycle_id and o.symbol = d.symbol) as fills,
            (select count(*) from jsonb_array_elements(x.found -> 'orders') as o, jsonb_array_elements(o -> 'fills'))
                as fills_told
        from audit.decisions as d join audit.cycles as c using (cycle_id)
            join audit.cycle_inputs as i using (cycle_id, symbol)
            cross join lateral (select audit.explain_json(d.cycle_id, d.symbol) as found) as x
        """
    )
    assert len(rows) > 17 * 20
    for row in rows:
        assert row["agrees"] and row["answer"], row
        assert (row["orders"], row["fills"]) == (row["told"], row["fills_told"]), row
    assert sum(row["fills"] for row in rows) > 100


def test_the_command_explains_as_the_routine_does(autumn: Machine) -> None:
    """`audit explain` by session, text and JSON; what is not known is a usage error in one line."""
    assert run(autumn, "audit", "explain", "2008-09-24", "ko").rstrip() == autumn.psql(
        "select audit.explain('2008-09-24', 'KO')"
    )
    found = json.loads(run(autumn, "audit", "explain", "2008-09-24", "KO", "--json"))
    assert found["decision"]["final_decision"] == "EXECUTE_SELL"
    assert [row["session"] for row in found["data"]["revised_since"]] == ["2008-09-24"]
    for words in (("2001-01-01", "KO"), ("last", "NOPE")):
        done = autumn.run("audit", "explain", *words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr and done.stderr.count("error:") == 1


def test_pnl_is_explained_to_the_last_digit(autumn: Machine) -> None:
    """NAV, marks, fills and cash agree exactly on every session: nothing is left over."""
    rows = autumn.rows("select session, unexplained_usd, marks_usd, fills_usd from mart.pnl_daily order by session")
    assert len(rows) >= 16
    assert any(row["marks_usd"] for row in rows) and any(row["fills_usd"] for row in rows)
    assert [row["session"] for row in rows if row["unexplained_usd"] != 0] == []
