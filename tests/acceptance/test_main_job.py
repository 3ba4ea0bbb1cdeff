"""The main job as a user sees it: `demo` from nothing, twice; its decisions, orders, fills, positions and refusals."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Machine, one_line

pytestmark = pytest.mark.needs_sample

FIFTEEN = [
    "cycle_id",
    "symbol",
    "timestamp",
    "final_decision",
    "position_size",
    "stop_loss",
    "reason_codes",
    "mu_hat",
    "sigma_hat",
    "conviction",
    "data_quality_score",
    "provider_confidence",
    "agent_results",
    "risk_checks",
    "metadata",
]

LAST = "2013-02-27"


def test_every_active_symbol_has_one_decision_of_fifteen_fields(demo: Machine) -> None:
    """I26: in every DONE cycle, symbols in the universe or held, each exactly once, in exactly the fifteen columns."""
    columns = demo.psql(
        "select string_agg(attname, ' ' order by attnum) from pg_attribute "
        "where attrelid = 'audit.decisions'::regclass and attnum > 0 and not attisdropped"
    )
    assert columns.split() == FIFTEEN
    missing = demo.rows(
        """
        select c.as_of_session, u.symbol, count(d.symbol) as decisions
        from decide.cycles as c
            join ref.universe as u on u.valid_from <= c.as_of_session and c.as_of_session < u.valid_to
            left join audit.decisions as d on d.cycle_id = c.cycle_id and d.symbol = u.symbol
        group by c.as_of_session, u.symbol having count(d.symbol) <> 1
        """
    )
    assert missing == []
    assert demo.rows("select state, count(*) as n from decide.cycle_runs group by state") == [{"state": "DONE", "n": 5}]
    assert demo.rows("select count(*) as n from audit.decisions")[0]["n"] >= 5 * 20


def test_a_buy_became_an_order_a_fill_and_a_position(demo: Machine) -> None:
    """At least one EXECUTE_BUY went the whole way, and positions are the sum of fills (I9)."""
    bought = demo.rows(
        """
        select d.symbol from audit.decisions as d
            join trade.orders as o on o.cycle_id = d.cycle_id and o.symbol = d.symbol and o.side = 'BUY'
            join trade.fills as f on f.client_order_id = o.client_order_id
            join trade.positions as p on p.symbol = d.symbol and p.account = o.account
        where d.final_decision = 'EXECUTE_BUY' and o.state = 'FILLED' and p.quantity > 0
        """
    )
    assert bought
    differing = demo.rows(
        """
        select symbol, p.quantity, s.quantity as summed from trade.positions as p full join (
            select symbol, sum(case side when 'BUY' then quantity else -quantity end) as quantity
            from trade.fills group by symbol) as s using (symbol)
        where p.quantity is distinct from s.quantity
        """
    )
    assert differing == []


def test_short_histories_are_refused_and_say_so(demo: Machine) -> None:
    """Under 1260 valid sessions nothing trades; FB is QUARANTINED and the decision carries the reason."""
    rows = demo.rows(
        f"""
        select i.symbol, i.valid_sessions, i.governance_state, d.final_decision, d.reason_codes
        from decide.cycle_inputs as i
            join decide.cycles as c using (cycle_id)
            join audit.decisions as d using (cycle_id, symbol)
        where c.as_of_session = '{LAST}' and (i.valid_sessions < 1260 or i.symbol = 'FB')
        """
    )
    assert "FB" in [row["symbol"] for row in rows]
    for row in rows:
        assert row["governance_state"] != "ACTIVE"
        assert row["final_decision"] == "REJECT"
        assert any("QUARANTINED" in code or "DEGRADED" in code or "HISTORY" in code for code in row["reason_codes"])


def test_each_cycle_has_eleven_verdicts(demo: Machine) -> None:
    """All of them built, all passed."""
    rows = demo.rows("select layer, verdict, count(*) as n from audit.gate_verdicts group by 1, 2 order by 1")
    assert rows == [{"layer": layer, "verdict": "PASS", "n": 5} for layer in range(1, 12)]


def test_book_respects_the_caps_on_every_day(demo: Machine) -> None:
    """A1, A4: what was decided never passes a cap; five sessions' increases never pass the turnover cap."""
    caps = {"gross": 1.0, "long": 0.6, "short": 0.4, "name": 0.10, "sector": 0.15}
    for row in demo.rows(
        """
        select c.as_of_session, sum(abs(position_size)) as gross, sum(greatest(position_size, 0)) as long,
            sum(greatest(-position_size, 0)) as short, max(abs(position_size)) as name
        from audit.decisions as d join decide.cycles as c using (cycle_id) group by 1
        """
    ):
        for cap in ("gross", "long", "short", "name"):
            assert row[cap] <= caps[cap] + 0.005, row  # held weights drift with prices; targets do not
    for row in demo.rows(
        """
        select c.as_of_session, i.sector, sum(abs(d.position_size)) as weight
        from audit.decisions as d
            join decide.cycles as c using (cycle_id)
            join decide.cycle_inputs as i using (cycle_id, symbol)
        group by 1, 2
        """
    ):
        assert row["weight"] <= caps["sector"] + 0.005, row


def test_nav_is_cash_plus_positions_marked_every_session(demo: Machine) -> None:
    """Seven sessions are marked, five decided and two settled; NAV adds up to the cent and starts at the capital."""
    rows = demo.rows("select session, nav, cash, long_value, short_value from trade.nav order by session")
    assert len(rows) >= 7
    for row in rows:
        assert row["nav"] == pytest.approx(row["cash"] + row["long_value"] + row["short_value"], abs=0.01)
    fills = demo.rows(
        "select sum(fee) as fees, sum(case side when 'BUY' then -1 else 1 end * quantity * price) as paid "
        "from trade.fills"
    )[0]
    assert rows[-1]["cash"] == pytest.approx(1_000_000 + fills["paid"] - fills["fees"], abs=0.01)


def test_fills_are_at_the_trade_sessions_open_or_close_with_the_stated_cost(demo: Machine) -> None:
    """Each fill is the bar's open (a close-only instrument: its close; a stop: its price, or the open beyond it) moved
    against us: half the spread, and the impact of its part of the volume where the source has one.
    """
    for row in demo.rows(
        """
        select f.symbol, f.side, f.price, o.trade_session, f.session,
            case
                when h.price_kind = 'close' then h.close
                when o.leg = 'stop' and f.side = 'BUY' then greatest(h.open, o.stop_price)
                when o.leg = 'stop' then least(h.open, o.stop_price)
                else h.open
            end as bar,
            coalesce(sqrt(f.quantity::float8 / nullif(h.volume, 0)), 0) as root_participation
        from trade.fills as f join trade.orders as o using (client_order_id)
            join market.price_history as h on h.symbol = f.symbol and h.session = f.session
        """
    ):
        assert row["session"] == row["trade_session"]
        sign = 1 if row["side"] == "BUY" else -1
        cost = (2.5 + 50 * row["root_participation"]) * 1e-4
        assert row["price"] == pytest.approx(row["bar"] * (1 + sign * cost), rel=1e-6)


def test_f9_panel_and_features_hold_the_same_bits(demo: Machine) -> None:
    """Risk's closes (SQL, as of an instant) and the features' (dbt, newest knowledge) are one series, actions in it."""
    compared, differing, acting = demo.psql(
        f"""
        with panel as (
            select p.symbol, unnest(p.closes) as close, unnest(market.panel_sessions(c.as_of, 1261)) as session
            from decide.cycles as c
                cross join lateral market.panel(
                    c.as_of, clock_timestamp(), 1261, array(select i.symbol from ref.instruments as i)
                ) as p
            where c.as_of_session = '{LAST}'
        )
        select count(*), count(*) filter (where p.close is distinct from f.close_adj),
            count(distinct p.symbol) filter (where f.close is distinct from f.close_adj)
        from panel as p join features.features as f using (symbol, session)
        """
    ).split("|")
    assert int(compared) > 25 * 1000
    assert int(differing) == 0
    assert int(acting) >= 3  # AAPL, IBM, MSFT have splits or dividends in it


def test_second_run_changes_nothing(demo: Machine) -> None:
    """The demo again: exit 0, the same account of what happened, not one row changed."""
    before = demo.fingerprint()
    again = demo.run("demo")
    assert again.returncode == 0, again.stderr
    assert demo.fingerprint() == before
    cycle = demo.run("cycle", "--as-of", LAST, "--json")
    assert cycle.returncode == 0
    assert json.loads(cycle.stdout)["state"] == "ALREADY_DONE"
    assert demo.fingerprint() == before


def test_same_bytes_on_another_machine(demo: Machine, elsewhere: Machine) -> None:
    """Decisions and client order ids of a fresh database under another TZ, hash seed and thread setting: equal."""
    for query, answer in elsewhere.answers.items():
        assert demo.psql(query) == answer, query


def test_dry_run_and_shadow_leave_no_order(elsewhere: Machine) -> None:
    """--dry-run rolls back what it printed; shadow keeps its intents in the decisions and places none."""
    orders = elsewhere.psql("select count(*) from trade.orders")
    decisions = elsewhere.psql("select count(*) from audit.decisions")
    dry = elsewhere.run("cycle", "--as-of", "2013-03-01", "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert json.loads(dry.stdout)["state"] == "DRY_RUN"
    assert elsewhere.psql("select count(*) from audit.decisions") == decisions
    shadow = elsewhere.run("cycle", "--as-of", "2013-03-01", "--mode", "shadow", "--json")
    assert shadow.returncode == 0, shadow.stderr
    report = json.loads(shadow.stdout)
    assert report["state"] == "DONE"
    assert any("shadow_intent" in d["metadata"] for d in report["decisions"])
    assert elsewhere.psql("select count(*) from trade.orders") == orders
    live = elsewhere.run("cycle", "--mode", "live")
    assert live.returncode != 0
    assert "not built" in live.stderr


def test_a_dry_run_that_is_refused_says_why_and_stores_nothing(machines: Any) -> None:
    """By a layer of the results and by one of the opening: the report with its reason and exit code, no decision."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("dry")
    for arguments in (
        ("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest",), ("cycle", "--as-of", "2013-02-21"),
    ):  # fmt: skip
        assert machine.run(*arguments).returncode == 0
    left = "select (select count(*) from decide.decisions), (select count(*) from trade.orders)"
    before = machine.psql(left)
    # The orders of the first session were never carried: it cannot be marked.
    dry = machine.run("cycle", "--as-of", "2013-02-22", "--dry-run")
    assert dry.returncode not in (0, 1), dry.stdout + dry.stderr
    assert "DRY_RUN: layer" in dry.stdout and "NAV_UNUSABLE" in dry.stdout and "rolled back" in dry.stdout
    assert "NAV_UNUSABLE" in one_line(dry.stderr) and "sync --once --account paper" in one_line(dry.stderr)
    assert machine.run("kill", "--reason", "a test").returncode == 0
    dry = machine.run("cycle", "--as-of", "2013-02-22", "--dry-run", "--json")
    assert dry.returncode == 11, dry.stderr
    report = json.loads(dry.stdout)
    assert (report["state"], report["layer"], report["exit_code"]) == ("DRY_RUN", 1, 11)
    assert report["reason"] != "DRY_RUN"
    assert machine.psql(left) == before
    runs = "select run, state, reason from decide.cycle_runs join decide.cycles using (cycle_id) "
    assert machine.psql(f"{runs} where as_of_session = '2013-02-22' order by run").split() == [
        "1|FAILED|DRY_RUN", "2|FAILED|DRY_RUN"
    ]  # fmt: skip


# --- refusals: each its exit code, one line, nothing written that should not be ---------------------------------------


def test_i14_i15_kill_switch_file_refuses_and_a_resumption_lets_the_same_cycle_run(elsewhere: Machine) -> None:
    """Exit 11, HALTED with a REJECT for every active symbol and no order; resumed, the next run is DONE."""
    orders = elsewhere.psql("select count(*) from trade.orders")
    kill = elsewhere.folder / "runtime" / "KILL_SWITCH"
    kill.parent.mkdir(exist_ok=True)
    kill.touch()
    done = elsewhere.run("cycle", "--as-of", "2013-03-04")
    assert done.returncode == 11, done.stdout + done.stderr
    assert "layer 1" in one_line(done.stderr)
    halted = elsewhere.rows(
        """
        select d.final_decision, d.reason_codes from audit.decisions as d join decide.cycles as c using (cycle_id)
        where c.as_of_session = '2013-03-04'
        """
    )
    assert halted
    assert all(row["final_decision"] == "REJECT" and "HALT_1" in row["reason_codes"] for row in halted)
    assert elsewhere.psql("select count(*) from trade.orders") == orders
    kill.unlink()
    assert elsewhere.run("sync", "--once").returncode == 11, "the file clears its source and resumes nothing"
    done = elsewhere.run("resume", "--reason", "test")
    assert done.returncode == 11 and "still missing: cooldown after file" in one_line(done.stderr)
    elsewhere.psql("select ops.advance_clock(ops.now() + interval '15 minutes')")
    assert elsewhere.run("resume", "--reason", "test").returncode == 0
    done = elsewhere.run("sync", "--once")
    assert done.returncode == 0, "the session's stops end and the book is marked: " + done.stdout + done.stderr
    done = elsewhere.run("cycle", "--as-of", "2013-03-04", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["run"] == 2


def test_i20_changed_configuration_byte_refuses(demo: Machine) -> None:
    """Exit 12 before a cycle can open; relocked in the file only, the database still refuses the other hash."""
    path = demo.folder / "configs" / "golden_config.yaml"
    original, hash_file = path.read_bytes(), path.with_suffix(".sha256")
    before = demo.fingerprint()
    try:
        path.write_bytes(original.replace(b"name_cap: {value: 0.10", b"name_cap: {value: 0.11"))
        assert path.read_bytes() != original
        done = demo.run("cycle", "--as-of", LAST)
        assert done.returncode == 12
        assert "golden_config.sha256 says" in one_line(done.stderr)
        stored = hash_file.read_text()
        hash_file.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  configs/golden_config.yaml\n")
        done = demo.run("cycle", "--as-of", LAST)
        hash_file.write_text(stored)
        assert done.returncode == 12, done.stderr
        assert "pinned, the file is" in one_line(done.stderr), "before dbt or the database's own refusal is asked"
    finally:
        path.write_bytes(original)
    assert demo.fingerprint() == before


def test_environment_cannot_change_a_limit(demo: Machine) -> None:
    """I20: a variable that carries a parameter's name is an error, not an override."""
    done = demo.run("cycle", "--as-of", LAST, MAX_POSITION_PCT="0.5")
    assert done.returncode == 12
    assert "MAX_POSITION_PCT" in one_line(done.stderr)


def test_i17_empty_features_refuse(machines: Any) -> None:
    """A universe with one short history in it: features hold no usable row, exit 13, a decision for every symbol."""
    empty: Machine = machines("empty")
    for arguments in (("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest", "--symbols", "FB")):
        done = empty.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    done = empty.run("cycle", "--as-of", LAST)
    assert done.returncode == 13, done.stdout + done.stderr
    one_line(done.stderr)
    assert empty.psql("select count(*) from trade.orders") == "0"
    counts = empty.rows(
        f"""
        select count(*) as decisions, (
            select count(*) from ref.universe as u where u.valid_from <= '{LAST}' and '{LAST}' < u.valid_to
        ) as symbols
        from audit.decisions
        """
    )[0]
    assert counts["decisions"] == counts["symbols"] > 0


def test_unreachable_database_refuses(tmp_path: Path, demo: Machine) -> None:
    """Exit 16 and one line with the remedy."""
    done = demo.run("cycle", DATABASE_URL="postgresql://nobody@127.0.0.1:1/fund", FUND_DECIDER_PASSWORD="x")
    assert done.returncode == 16, done.stderr
    one_line(done.stderr)


def test_i32_deploy_drift_refuses(elsewhere: Machine) -> None:
    """A routine changed by hand in the database: exit 12 before anything opens; deploy undoes it."""
    elsewhere.to_session("2013-03-04")
    elsewhere.psql("alter function govern.limit_passes(numeric, numeric) volatile")
    runs = elsewhere.psql("select count(*) from decide.cycle_runs")
    done = elsewhere.run("cycle", "--as-of", "2013-03-04")
    assert done.returncode == 12, done.stdout + done.stderr
    assert "by hand" in one_line(done.stderr)
    assert elsewhere.psql("select count(*) from decide.cycle_runs") == runs
    assert elsewhere.run("deploy").returncode == 0
    assert elsewhere.run("cycle", "--as-of", "2013-03-04").returncode == 0
