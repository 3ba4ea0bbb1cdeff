"""The dashboard's pages, drawn as Streamlit draws them for a browser, on a small fund and on none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from runner import db, embedded, settings
from runner.dashboard import app, desk, fund
from runner.errors import FundError
from tests.conftest import ROOT

QUERIES = ROOT / "runner" / "queries"

#: As a person or a vendor may write it: an image that would be loaded, a tag, a link, what Markdown makes its own.
WORDS = "wrong ![x](http://evil.example/p.png) <script>alert(1)</script> [here](http://evil.example) $x$ :red[y]"


def execute(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def small(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fund of tests/sql/fixtures with an account, nothing run."""
    monkeypatch.setenv("DASHBOARD_REFRESH", "0")
    execute((ROOT / "tests/sql/fixtures/01_fund.sql").read_text(encoding="utf-8"))
    execute("select fixtures.fund()")
    return database


def draw(page: str, **parameters: str) -> AppTest:
    """The page as somebody sees it who opens its address."""
    test = AppTest.from_file(app.__file__, default_timeout=60)
    for name, value in ({"page": page} | parameters).items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def headings(test: AppTest) -> list[str]:
    return [element.value for element in [*test.header, *test.subheader]]


def shown(test: AppTest, heading: str) -> list[dict[str, Any]]:
    """The rows below a heading."""
    elements = list(test.main)
    flat: list[Any] = []
    while elements:
        element = elements.pop(0)
        if hasattr(element, "children"):
            elements = [*element.children.values(), *elements]
        else:
            flat.append(element)
    at = next(i for i, element in enumerate(flat) if element.type == "subheader" and element.value == heading)
    below = flat[at + 1]
    return below.value.to_dict("records") if below.type == "dataframe" else []


def formatted(test: AppTest) -> str:
    """Every word Streamlit was given as Markdown."""
    kinds = (test.markdown, test.caption, test.error, test.warning, test.info, test.header, test.subheader)
    told = [element.value for kind in kinds for element in kind]
    told += [word for metric in test.metric for word in (metric.label, metric.value, metric.help)]
    return "\n".join(str(word) for word in told)


# -- what it may read ----


def test_it_reads_audit_and_mart_alone() -> None:
    """Stage 14 (ARCHITECTURE 2), the risk report's queries included; and `explain`, which is audit's."""
    for noun in ("dashboard", "risk_report"):
        text = (QUERIES / f"{noun}.sql").read_text(encoding="utf-8")
        found = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)\.", text))
        assert found and found <= {"audit", "mart"}, noun
    pages = [path for path in Path(app.__file__).parent.glob("*.py") if path.name != "serve.py"]
    called = {name for path in pages for name in re.findall(r'"([a-z_]+)\.[a-z_]+"', path.read_text(encoding="utf-8"))}
    assert called == {"dashboard", "risk_report", "audit"}


def test_its_exposure_names_the_marts_it_reads() -> None:
    read = set(re.findall(r"\bmart\.([a-z_]+)", (QUERIES / "dashboard.sql").read_text(encoding="utf-8")))
    exposures = yaml.safe_load((ROOT / "dbt/models/marts/_exposures.yml").read_text(encoding="utf-8"))["exposures"]
    (exposure,) = (e for e in exposures if e["name"] == "dashboard")
    assert {re.sub(r"ref\('(.*)'\)", r"\1", name) for name in exposure["depends_on"]} == read


def test_it_cannot_write(small: str) -> None:
    """Not even what an analyst may: on its connection a kill is refused, too."""
    with desk.snapshot() as (connection, _), pytest.raises(FundError) as refused:
        db.execute(connection, "audit.engage_kill_switch", reason="x")
    assert refused.value.code == "25006"


# -- a fund with nothing in it ----


def test_a_database_without_anything_says_what_comes_first(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_REFRESH", "0")
    for page in app.PAGES:
        test = draw(page)
        assert [e.value for e in test.error] == [
            "No configuration is pinned: every cycle refuses. `python -m runner config lock`"
        ], page
        assert any("python -m runner cycle" in e.value for e in test.info) == (page != "Governance")
        assert ("Kill switch" in headings(test)) == (page == "Governance")


def test_an_account_without_a_cycle(small: str) -> None:
    for page in app.PAGES:
        test = draw(page)
        assert not test.error, page
        told = [e.value for e in test.info]
        assert headings(test) or any("python -m runner cycle" in e or "dbt" in e for e in told), page


# -- a fund ----


@pytest.fixture
def decided(small: str) -> str:
    """The same with one cycle that is done."""
    assert execute("select fixtures.cycle() as ended") == [{"ended": "DONE"}]
    return small


def test_every_page_is_drawn(decided: str) -> None:
    for page in app.PAGES:
        test = draw(page)
        assert not test.error, page
        assert headings(test) or page == "Agents"


def test_the_decisions_are_the_stored_ones(decided: str) -> None:
    test = draw("Decisions")
    stored = execute(
        'select symbol, final_decision, position_size from audit.decisions order by final_decision, symbol collate "C"'
    )
    assert [(row["symbol"], row["final decision"], row["target weight"]) for row in shown(test, "Decisions")] == [
        (row["symbol"], row["final_decision"], row["position_size"]) for row in stored
    ]
    assert len(shown(test, "Governance layers")) == 11
    rejected = [row["symbol"] for row in stored if row["final_decision"] == "REJECT"]
    test.button_group(key="kinds").set_value(["REJECT"]).run()
    assert [row["symbol"] for row in shown(test, "Decisions")] == rejected
    test.selectbox(key="symbol").set_value(rejected[0]).run()
    (told,) = execute(f"select audit.explain(cycle_id, '{rejected[0]}') as text from audit.cycles")
    assert [element.value for element in test.code] == [told["text"]]


def test_the_newest_cycle_is_shown_until_another_is_chosen(decided: str) -> None:
    """A screen on a wall goes on to the next cycle; a link to one stays with it."""
    test = draw("Decisions")
    first = execute("select cycle_id from audit.cycles")[0]["cycle_id"]
    assert first in test.text[0].value
    execute("select fixtures.cycle('15:00')")
    second = execute(f"select cycle_id from audit.cycles where cycle_id <> '{first}'")[0]["cycle_id"]
    test.run()
    assert second in test.text[0].value
    link = next(option for option in test.selectbox(key="cycle").options if first[:12] in option)
    assert first in draw("Decisions", cycle=link).text[0].value


def test_a_shadow_is_not_the_newest_cycle(decided: str) -> None:
    """It decides what nobody trades: shown where it is asked for, and said to be one."""
    execute("update ops.instances set kind = kind; alter table decide.cycles disable trigger all")
    first = execute("select cycle_id from audit.cycles")[0]["cycle_id"]
    execute("select fixtures.cycle('15:00')")
    execute(f"update decide.cycles set mode = 'shadow' where cycle_id <> '{first}'")
    test = draw("Decisions")
    assert first in test.text[0].value and test.text[0].value.startswith("paper, ")
    link = next(option for option in test.selectbox(key="cycle").options if " shadow " in option)
    assert draw("Decisions", cycle=link).text[0].value.startswith("shadow, ")


def test_an_address_that_names_what_is_not_there_says_so(decided: str) -> None:
    test = draw("Decisions", account="nobody", cycle="gone <b>")
    assert [e.value.split(";")[0] for e in test.error] == [
        "The address names an account there is not",
        "The address names a cycle that is not among the newest of this account",
    ]
    assert [e.value for e in test.text[:2]] == ["asked for: nobody", "asked for: gone <b>"]


def test_old_marks_are_counted_and_named(small: str) -> None:
    execute(
        "alter table trade.nav disable trigger all;"
        """update trade.nav set stale_marks = '[{"symbol": "A*B*", "session": "2013-02-26"}]'"""
    )
    test = draw("Fund")
    assert "1 positions were marked at an older close: the session has no bar of them." in [
        e.value for e in test.warning
    ]
    assert "A*B* at that of 2013-02-26" in [e.value for e in test.text]


def test_an_account_worth_nothing_is_shown(small: str) -> None:
    execute("alter table trade.nav disable trigger all; update trade.nav set nav = 0, cash = 0")
    test = draw("Fund")
    assert not test.error and [m.value for m in test.metric[3:5]] == ["none", "none"]


def test_the_book_is_the_stored_one(decided: str) -> None:
    """A position without a stop known to be at the broker is said to be so (B8)."""
    execute(
        "insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at)"
        " values ('paper', 'AAA', 100, 'test', ops.now())"
    )
    test = draw("Fund")
    (row,) = shown(test, "Positions")
    assert (row["symbol"], row["quantity"], row["market value"], row["stop"]) == ("AAA", 100, 10000, "NONE")
    assert "1 of 1 positions have no protective stop known to be at the broker." in [e.value for e in test.warning]
    (mark,) = execute("select nav from audit.nav_history order by session desc limit 1")
    assert test.metric[0].value == f"{mark['nav']:,.0f}"
    assert [row["held"] for row in shown(test, "Held now, against the limits") if row["of"] == "AAA"] == [0.01]


@pytest.mark.parametrize(
    ("state", "said"),
    [("ACKNOWLEDGED", "at the broker"), ("PARTIAL", "at the broker"), ("PENDING", "PENDING: not known there"),
     ("SUBMITTED", "SUBMITTED: not known there"), (None, "NONE")],
)  # fmt: skip
def test_a_stop_protects_where_the_broker_has_it(state: str | None, said: str) -> None:
    row = {
        "symbol": "A",
        "quantity": -10,
        "price": 100.0,
        "stop_price": 108.0,
        "stop_quantity": 10,
        "stop_state": state,
    }
    assert fund.position(row) == {
        "symbol": "A", "quantity": -10, "price": 100.0, "stop": said, "stop_price": 108.0, "to_stop": 0.08,
        "loss_at_stop": 80.0,
    }  # fmt: skip
    assert fund.position(row | {"stop_quantity": 4})["stop"] == (
        "at the broker for 4 of 10" if said == "at the broker" else said
    )
    assert fund.position(row | {"stop_price": None})["loss_at_stop"] is None
    assert fund.position(row | {"price": None})["to_stop"] is None


def test_what_is_held_stands_against_its_limits_the_nearest_first() -> None:
    """Both sides of a sector together (A2); a limit a run did not have has no row, an unknown price makes none."""
    limits = {"gross": 1.0, "short": 0.4, "sector": 0.15, "name_concentration": 0.1}
    book = [
        {"symbol": "A", "sector": "Energy", "weight": 0.08}, {"symbol": "B", "sector": "Energy", "weight": -0.08},
        {"symbol": "C", "sector": None, "weight": 0.05},
    ]  # fmt: skip
    found = [
        (row["limit_name"], row["of"], round(row["held"], 6), round(row["used"], 6)) for row in fund.held(book, limits)
    ]
    assert found == [
        ("sector", "Energy", 0.16, 1.066667), ("name_concentration", "A", 0.08, 0.8),
        ("name_concentration", "B", 0.08, 0.8), ("name_concentration", "C", 0.05, 0.5),
        ("sector", "Unknown", 0.05, 0.333333), ("gross", "portfolio", 0.21, 0.21), ("short", "portfolio", 0.08, 0.2),
    ]  # fmt: skip
    assert fund.held([*book, {"symbol": "D", "sector": "Energy", "weight": None}], limits) == []
    assert fund.held([], limits) == []


# -- what nobody may overlook ----


def test_a_kill_is_on_every_page(small: str) -> None:
    """I15: what engaged it and why; what was written is no Markdown."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute(connection, "audit.engage_kill_switch", reason=WORDS)
    for page in app.PAGES:
        test = draw(page)
        assert any(e.value.startswith("Trading is stopped since ") for e in test.error), page
        said = [e.value for e in test.text]
        assert "engaged: audit" in said and any(line.endswith(f"audit by postgres: {WORDS}") for line in said)
        assert "evil" not in formatted(test)


def test_a_reason_of_two_lines_is_one(small: str) -> None:
    """Else its second would look like a line of ours."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute(connection, "audit.engage_kill_switch", reason="x\nengaged: none: every source is clear")
    said = [e.value for e in draw("Fund").text]
    assert said[0] == "engaged: audit" and said[1].endswith("x engaged: none: every source is clear")


def test_a_kill_lasts_on_the_page_until_somebody_resumes(small: str) -> None:
    """I15: every source clear is not resumed."""
    execute("select ops.engage_kill_switch('x')")
    execute("select ops.clear_kill_source('row', '', 'x')")
    test = draw("Fund")
    assert "engaged: none: every source is clear, nobody has resumed" in [e.value for e in test.text]
    assert test.metric[-1].value == "STOPPED"
    execute("select fixtures.resume()")
    test.run()
    assert not test.error and not test.text


def test_words_of_others_are_never_markdown(small: str) -> None:
    """A table's cell holds them as they are."""
    execute(f"select notify.enqueue('HIGH', 'RISK', 'X', '{WORDS}')")
    execute(f"select decide.record_failed_start('paper', '2013-02-27', 12, '{WORDS}', ops.now())")
    started = "Failed starts of cycles"
    for page, heading, column in (("Alerts", "Alerts", "message"), ("Fund", started, "reason")):
        test = draw(page)
        assert WORDS in [row[column] for row in shown(test, heading)]
        assert "evil" not in formatted(test)


def test_a_kill_file_nobody_has_recorded_is_said(small: str) -> None:
    """`touch` needs no process; whoever looks at the page on that machine is told before one comes by."""
    file = settings.load().kill_switch_file
    file.touch()
    try:
        test = draw("Orders")
        assert [e.value for e in test.error] == ["A kill file lies on this machine; no process has recorded it yet."]
        execute("select ops.report_kill_file('h', true)")
        test.run()
        assert [e.value.split(" since ")[0] for e in test.error] == ["Trading is stopped"]
        assert "engaged: kill file on h" in [e.value for e in test.text]
    finally:
        file.unlink()


def test_alerts_that_reached_nobody_are_on_every_page(small: str) -> None:
    execute("select notify.enqueue('HIGH', 'RISK', 'X', 'm')")
    execute("update notify.alerts set recorded_at = clock_timestamp() - interval '1 hour'")
    test = draw("Orders")
    assert [e.value.split(" since ")[0] for e in test.error] == ["1 alerts of HIGH or CRITICAL reached nobody"]


def test_what_dbt_has_not_built_is_said_and_what_is_old_too(decided: str) -> None:
    test = draw("Agents")
    assert [e.value.split(";")[0] for e in test.info] == ["dbt has not built its marts yet"]
    execute(
        "create table mart.decision_trail as"
        " select 'paper'::text as account, 'gone' as cycle_id, date '2013-02-26' as as_of_session;"
        "create table mart.agent_scorecard as select 's' as strategy, 'a' as agent, 'f' as family, 'ALL' as regime,"
        " 1 as horizon, 0.5 as heard_fraction, 0.5 as ic_mean;"
        "grant select on all tables in schema mart to fund_analyst"
    )
    test = draw("Agents")
    (old,) = (e.value for e in test.warning)
    assert old.startswith("dbt built its marts as of the cycle of 2013-02-26; 1 of the newest are not in it: ")
    assert [row["ic mean"] for row in shown(test, "By strategy, family, regime and horizon")] == [0.5]
    execute(
        "update mart.decision_trail set as_of_session = '2013-02-27', cycle_id = (select cycle_id from audit.cycles)"
    )
    test = draw("Agents")
    assert not test.warning and any(e.value.startswith("Marts as of the cycle of 2013-02-27;") for e in test.caption)


# -- what cannot be read ----


def test_a_server_somebody_stopped_is_left_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page that looks every half minute would undo `db down`."""
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path / "home"))
    started: list[str] = []
    monkeypatch.setattr(embedded.Cluster, "up", lambda self: started.append("up"))
    test = draw("Fund")
    assert [e.value.split(".")[0] for e in test.error] == ["This page could not be read"]
    assert [e.value for e in test.text] == ["the embedded server is stopped. python -m runner db up starts it."]
    assert started == [] and not test.dataframe


def test_a_database_that_goes_and_comes_back(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of before is left standing; the next look has it again."""
    test = draw("Fund")
    assert test.metric
    with monkeypatch.context() as patch:
        patch.setattr(settings, "DATABASE", "nowhere")
        test.run()
        assert not test.metric and any("nowhere" in e.value for e in test.text)
    test.run()
    assert test.metric and not test.error


def test_what_is_unexpected_shows_nothing_of_itself(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback may hold what it was given; it is the log's, blanked."""

    def show(_: desk.Desk) -> None:
        raise ValueError("password=geheim1234")

    monkeypatch.setattr(fund, "show", show)  # of which the file, run anew, makes its list
    test = draw("Fund")
    assert [e.value.split(":")[0] for e in test.error] == ["Something unexpected happened"]
    assert "geheim" not in formatted(test) + " ".join(e.value for e in test.text)
