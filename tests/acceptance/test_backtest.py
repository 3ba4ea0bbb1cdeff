"""`backtest` beside the demo's own sessions: the same decisions to the letter, and the fund's database untouched."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from runner import embedded
from tests.acceptance.conftest import Machine, one_line

RANGE = ("backtest", "--from", "2013-02-21", "--to", "2013-02-22")

#: What the demo and a backtest of its sessions must answer alike, of the sessions both have.
ANSWERS = (
    "select d.* from audit.decisions as d join audit.cycles as c using (cycle_id) where c.as_of_session <= '2013-02-22'"
    " order by cycle_id, symbol",
    "select client_order_id, side, quantity::text, limit_price::text, stop_price::text from trade.orders as o"
    " join decide.cycles as c using (cycle_id) where c.as_of_session <= '2013-02-22' and o.leg <> 'stop'"
    " order by client_order_id",
    "select f.client_order_id, f.price::text, f.fee::text from trade.fills as f where f.session <= '2013-02-22'"
    " order by f.execution_id",
    "select session, nav::text, cash::text from trade.nav where session <= '2013-02-22' order by session",
    "select c.as_of_session, i.input, i.sha256 from decide.run_inputs as i join decide.cycles as c using (cycle_id) "
    "where c.as_of_session <= '2013-02-22' order by 1, 2",
)


def place(demo: Machine, name: str) -> Machine:
    """The backtest's own database, as `its database: RUNNER_HOME=…` has a person reach it."""
    return replace(demo, environment=demo.environment | {"RUNNER_HOME": str(demo.home / "backtests" / name)})


def test_a_backtest_decides_what_the_fund_decided_and_goes_on(demo: Machine, tmp_path: Path) -> None:
    before = demo.fingerprint()
    page = tmp_path / "page.html"
    done = demo.run(*RANGE, "--json", "--html", str(page))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    there = place(demo, found["name"])
    assert there.run("db", "up").returncode == 0
    for query in ANSWERS:
        assert (mine := there.rows(query)), query
        assert mine == demo.rows(query), query
    assert [(row["state"], row["sessions"]) for row in found["cycles"]] == [("DONE", 2)]
    assert there.psql("select broken_seq is null and intact from audit.verify_chain()") == "t"
    text = page.read_text()
    assert re.findall(r'<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["\']', text.replace("<script>", "")) == []
    assert found["benchmark"] in text and text.count('class="plotly-graph-div"') == 4

    # A session more: what is decided stays, also where a kill file of the fund lies there; figures are the book's.
    kill = tmp_path / "KILL_SWITCH"
    kill.touch()
    further = demo.run(*RANGE[:-1], "2013-02-25", KILL_SWITCH_FILE=str(kill))
    assert further.returncode == 0, further.stderr
    assert "goes on at 2013-02-22" in further.stdout and "total return" in further.stdout
    assert there.run("db", "up").returncode == 0
    for query in ANSWERS:
        assert there.rows(query) == demo.rows(query), query
    assert there.psql("select string_agg(state, ',') from audit.cycles") == "DONE,DONE,DONE"
    told = json.loads(demo.run(*RANGE[:-1], "2013-02-25", "--json").stdout)
    assert there.run("db", "up").returncode == 0
    last = there.rows("select nav_index, session from audit.nav_history order by session desc limit 1")[0]
    assert told["fund"]["total_return"] == pytest.approx(last["nav_index"] - 1, rel=1e-9)
    assert told["series"][-1]["session"] == last["session"]
    years = [row["fund"] for row in told["years"]]
    assert years == [pytest.approx(told["fund"]["total_return"])]
    closes = there.rows(
        "select close_f9 as close from market.adjusted_prices(ops.now(), now(), array["
        f"'{told['benchmark']}']) where session in ('2013-02-21', '2013-02-25') order by session"
    )
    assert told["benchmark_figures"]["total_return"] == pytest.approx(closes[1]["close"] / closes[0]["close"] - 1)

    # Half of it under another configuration would be none of either; nor does its clock go back.
    golden = (demo.folder / "configs" / "golden_config.yaml").read_text()
    other, count = re.subn(r"(name: paper, .*strategy: )institutional", r"\1trend_following", golden)
    assert count == 1
    file = tmp_path / "other.yaml"
    file.write_text(other)
    refused = demo.run(*RANGE, "--config", str(file), "--name", found["name"])
    assert refused.returncode == 2 and "has the configuration" in one_line(refused.stderr)
    earlier = demo.run("backtest", "--from", "2013-02-20", "--to", "2013-02-22", "--name", found["name"])
    assert earlier.returncode == 2 and "has the beginning 2013-02-21" in one_line(earlier.stderr)
    contrary = demo.run(*RANGE, "--strategy", "contrarian", "--name", found["name"], "--discard")
    assert contrary.returncode == 2 and "has the strategy its account's" in one_line(contrary.stderr)
    half = json.loads(demo.run(*RANGE, "--json").stdout)
    assert [half["fund"][key] for key in ("sessions", "total_return")] == [1, found["fund"]["total_return"]]
    assert [half["trading"]["orders"], half["cycles"]] == [found["trading"]["orders"], found["cycles"]]
    before_all = demo.run("backtest", "--from", "1950-01-03", "--to", "1950-01-04")
    assert before_all.returncode == 2 and "is not among the bars" in one_line(before_all.stderr)
    weekend = demo.run("backtest", "--from", "2013-02-23", "--to", "2013-02-24")
    assert weekend.returncode == 2 and "no session between" in one_line(weekend.stderr)
    assert {path.name for path in (demo.home / "backtests").glob("[!.]*")} == {found["name"]}
    (demo.home / "backtests" / "link").symlink_to(tmp_path)
    linked = demo.run(*RANGE, "--name", "link", "--fresh")
    assert linked.returncode == 2 and "was made by no backtest" in one_line(linked.stderr)
    (demo.home / "backtests" / "link").unlink()

    under = demo.run(*RANGE[:-1], RANGE[2], "--config", str(file), "--json", "--discard")
    assert under.returncode == 0, under.stderr
    by_other = json.loads(under.stdout)
    assert by_other["config_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest() != found["config_sha256"]
    assert [(row["state"], row["sessions"]) for row in by_other["cycles"]] == [("DONE", 1)]

    # Begun anew there is nothing of what was: the same place, wherever the server keeps its data.
    anew = demo.run(*RANGE[:-1], RANGE[2], "--fresh", "--json")
    assert anew.returncode == 0, anew.stderr
    assert there.run("db", "up").returncode == 0
    assert there.psql("select string_agg(as_of_session::text, ',') from audit.cycles") == RANGE[2]
    data = embedded.Cluster(Path(there.environment["RUNNER_HOME"])).folder
    assert data.exists()
    gone = demo.run(*RANGE[:-1], RANGE[2], "--discard")
    assert gone.returncode == 0, gone.stderr
    assert not data.exists()
    assert list((demo.home / "backtests").glob("[!.]*")) == []
    assert demo.fingerprint() == before
