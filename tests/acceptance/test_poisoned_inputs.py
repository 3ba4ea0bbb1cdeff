"""What dbt built is empty, doubled, dated, not finite, or no table at all: no order, exit 13, a reason for every symbol (I17, I18).

Each relation the gate reads is put in the place of what the cycle's own dbt run built, as fund_transformer, who may; then the
command `cycle` runs to its end in this process. A sound rebuild afterwards is DONE.
"""

# ruff: noqa: E501 - one line of the table each

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from runner import cli, db, deploy, transform
from tests.acceptance.conftest import Machine
from tests.conftest import SUMMARY

pytestmark = pytest.mark.needs_sample

AS_OF = "2013-02-27"
GOVERNANCE, QUALITY, FEATURES = "quality.symbol_governance", "quality.data_quality", "features.features"
COMPANY = "features.company_features"
RELATIONS = (GOVERNANCE, QUALITY, FEATURES, COMPANY)
#: Read by session and symbol; of the others every row is read.
BY_SESSION = (FEATURES, COMPANY)


class Poison(NamedTuple):
    """What stands in a relation's place: `select` from its sound rows, or `then` done to them; and what the gate says."""

    what: str
    relation: str
    select: str
    then: str
    reason: str


def changed(columns: str) -> str:
    """The sound rows with some columns replaced, "column = expression" each; a rebuilt table has the expression's type."""
    pairs = [pair.split(" = ", 1) for pair in columns.split("; ")]
    return "changed:" + "|".join(f"{name}={value}" for name, value in pairs)


SOUND, ALL, NONE = "select * from <sound>", "", ""

#: reason: of the relation as a whole (decide.relation_reads), or `symbol:` and what closed every symbol by itself.
POISONS = (
    *(
        poison
        for relation, column in (
            (GOVERNANCE, "valid_sessions"), (QUALITY, "score"), (FEATURES, "rsi_14"), (COMPANY, "earnings_yield"),
        )
        for poison in (
            Poison("0 rows", relation, f"{SOUND} where false", NONE, "EMPTY"),
            Poison(
                "one row of NULLs",
                relation,
                "select s.* from (select 1) as one left join <sound> as s on false",
                NONE,
                "EMPTY" if relation in BY_SESSION else "SYMBOL_NULL",
            ),
            *(
                Poison(
                    value,
                    relation,
                    changed(f"{column} = '{value}'::double precision"),
                    NONE,
                    {FEATURES: "symbol:FEATURES_NOT_FINITE", COMPANY: "symbol:COMPANY_NOT_FINITE"}.get(relation, "NOT_FINITE"),
                )
                for value in ("NaN", "Infinity", "-Infinity")
            ),
            Poison("yesterday's session", relation, changed("<session> = <session> - 1"), NONE,
                   "EMPTY" if relation in BY_SESSION else "WRONG_SESSION"),
            Poison("tomorrow's session", relation, changed("<session> = <session> + 1"), NONE,
                   "EMPTY" if relation in BY_SESSION else "WRONG_SESSION"),
            Poison("two rows per key", relation, f"{SOUND} union all {SOUND}", NONE, "DUPLICATE"),
            Poison("no symbol column", relation, SOUND, "alter table <it> drop column symbol cascade",
                   "WRONG_COLUMNS" if relation in BY_SESSION else "SYMBOL_NULL"),
            Poison("no session column", relation, SOUND, "alter table <it> drop column <session> cascade",
                   "WRONG_COLUMNS" if relation in BY_SESSION else "WRONG_SESSION"),
            Poison("a session that is a text", relation, changed("<session> = 'soon'::text"), NONE,
                   "WRONG_COLUMNS" if relation in BY_SESSION else "WRONG_SESSION"),
            Poison("a symbol that is a number", relation, changed("symbol = (row_number() over ())::integer"), NONE,
                   {GOVERNANCE: "symbol:NOT_CLASSIFIED", QUALITY: "symbol:NO_QUALITY"}.get(relation, "WRONG_COLUMNS")),
            Poison("a view", relation, SOUND, "alter table <it> rename to <aside_name>; create view <it> as select * from <aside>", "NOT_PLAIN"),
            Poison("a partitioned table", relation, "",
                   "create table <it> (like <sound>) partition by list (symbol); "
                   "create table <it>_all partition of <it> default; insert into <it> select * from <sound>", "NOT_PLAIN"),
            Poison("an index over a function", relation, SOUND,
                   "create function quality.f(text) returns text language sql immutable as 'select $1'; create index on <it> (quality.f('x'))",
                   "NOT_PLAIN"),
            Poison("row security", relation, SOUND, "alter table <it> enable row level security", "NOT_PLAIN"),
            Poison("nothing at all", relation, "", NONE, "MISSING"),
            Poison("withheld from the gate", relation, SOUND, "revoke select on <it> from fund_gatekeeper", "NOT_READABLE"),
        )
    ),
    Poison("a state nobody knows", GOVERNANCE, changed("state = 'OPEN'::text"), NONE, "STATE_UNKNOWN"),
    Poison("no state", GOVERNANCE, changed("state = null::text"), NONE, "STATE_UNKNOWN"),
    Poison("a state that is a number", GOVERNANCE, changed("state = 1"), NONE, "STATE_UNKNOWN"),
    Poison("no column of states", GOVERNANCE, SOUND, "alter table <it> drop column state cascade", "STATE_UNKNOWN"),
    Poison("reasons that are one text", GOVERNANCE, changed("reasons = 'x'::text"), NONE, "WRONG_COLUMNS"),
    Poison("reasons of two dimensions", GOVERNANCE, changed("reasons = array[array['x'], array['y']]"), NONE, "WRONG_COLUMNS"),
    Poison("a score of 2", QUALITY, changed("score = 2::double precision"), NONE, "OUT_OF_RANGE"),
    Poison("a negative score", QUALITY, changed("score = -1::double precision"), NONE, "OUT_OF_RANGE"),
    Poison("a score that is a text", QUALITY, changed("score = 'high'::text"), NONE, "NOT_FINITE"),
    Poison("no column of scores", QUALITY, SOUND, "alter table <it> drop column score cascade", "NOT_FINITE"),
    Poison("vetoes that are one text", QUALITY, changed("vetoes = 'x'::text"), NONE, "WRONG_COLUMNS"),
    Poison("no column of vetoes", QUALITY, SOUND, "alter table <it> drop column vetoes cascade", "WRONG_COLUMNS"),
    Poison("vetoes that are NULL", QUALITY, changed("vetoes = null::text[]"), NONE, "WRONG_COLUMNS"),
    Poison("a confidence that is not finite", QUALITY, changed("provider_confidence = 'NaN'::double precision"), NONE, "NOT_FINITE"),
    Poison("features known tomorrow", FEATURES, changed("known_at = known_at + interval '1 day'"), NONE, "symbol:FEATURES_FROM_FUTURE"),
    Poison("another day's features, dated anew", FEATURES, changed("known_at = known_at - interval '1 day'"), NONE, "symbol:FEATURES_STALE"),
    Poison("features known nobody knows when", FEATURES, changed("known_at = null::timestamptz"), NONE, "symbol:FEATURES_FROM_FUTURE"),
    Poison("an instant that is a text", FEATURES, changed("known_at = 'soon'::text"), NONE, "WRONG_COLUMNS"),
    Poison("filed tomorrow", COMPANY, changed("known_at = now() + interval '1 day'"), NONE, "symbol:COMPANY_FROM_FUTURE"),
    Poison("filed at an instant that is a text", COMPANY, changed("known_at = 'soon'::text"), NONE, "WRONG_COLUMNS"),
    Poison("features without a number", FEATURES, "select symbol, session, known_at from <sound>", NONE, "symbol:NO_FEATURES"),
)  # fmt: skip


class Stage:
    """The machine as this process sees it, and what to put in dbt's place."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.poison: Poison | None = None
        self.refused = 0

    def build(self, *_: Any) -> None:
        """In the place of transform.run_cycle_models: the sound relations, one of them poisoned."""
        with db.connect("fund_transformer") as connection:
            db.execute_text(connection, "forget", "drop function if exists quality.f(text) cascade")
            for relation in RELATIONS:
                poisoned = self.poison is not None and self.poison.relation == relation
                for statement in self.statements(connection, relation, self.poison if poisoned else None):
                    db.execute_text(connection, relation, statement)

    def statements(self, connection: db.Connection, relation: str, poison: Poison | None) -> Iterator[str]:
        """What builds a relation anew."""
        schema, name = relation.split(".")
        sound, session = f"{schema}.sound_{name}", "session" if relation == FEATURES else "as_of_session"
        for kind in ("view", "table"):
            yield f"do $x$ begin drop {kind} if exists {relation} cascade; exception when wrong_object_type then end $x$"
        yield f"drop table if exists {relation}_aside cascade"
        select = SOUND if poison is None else poison.select
        if select.startswith("changed:"):
            values = dict(pair.split("=", 1) for pair in select.removeprefix("changed:").split("|"))
            values = {k.replace("<session>", session): v for k, v in values.items()}
            columns = db.fetch_text(
                connection,
                "columns",
                f"select attname as name from pg_attribute where attrelid = '{sound}'::regclass and attnum > 0 order by attnum",
            )
            names = [str(column["name"]) for column in columns]
            select = f"select {', '.join(f'{values.get(n, n)} as {n}' for n in names)} from <sound>"
        if select:
            yield f"create table {relation} as {self.named(select, relation, sound, session)}"
        if poison is not None:
            for statement in filter(None, poison.then.split("; ")):
                yield self.named(statement, relation, sound, session)

    @staticmethod
    def named(text: str, relation: str, sound: str, session: str) -> str:
        """A statement with its names filled in."""
        aside = f"{relation.split('.', maxsplit=1)[0]}.{relation.split('.')[1]}_aside"
        for token, value in (
            ("<it>", relation),
            ("<sound>", sound),
            ("<session>", session),
            ("<aside>", aside),
            ("<aside_name>", aside.split(".")[1]),
        ):
            text = text.replace(token, value)
        return text

    def cycle(self, poison: Poison | None) -> tuple[int, str]:
        """Exit code of `python -m runner cycle`, and what it printed."""
        self.poison = poison
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            code = cli.run(["cycle", "--as-of", AS_OF])
        return code, out.getvalue()

    def objects(self) -> list[str]:
        """What differs from sql/ in the control objects."""
        with db.connect("fund_decider") as connection:
            return deploy.drift(connection)


@pytest.fixture(scope="module")
def stage(machines: Any) -> Iterator[Stage]:
    """A machine with the sample in it and dbt run once; the sound relations stand aside, features' of the session alone."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("poisoned")
    for arguments in (
        ("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest",),
        ("cycle", "--as-of", AS_OF, "--mode", "shadow"),
    ):  # fmt: skip
        done = machine.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNNER_HOME", str(machine.home))
        patch.setenv("KILL_SWITCH_FILE", str(machine.folder / "KILL_SWITCH"))
        patch.chdir(machine.folder)
        with db.connect("fund_transformer") as connection:
            for relation in RELATIONS:
                schema, name = relation.split(".")
                recent = f" where session = '{AS_OF}'" if relation == FEATURES else ""
                db.execute_text(
                    connection, "aside", f"create table {schema}.sound_{name} as select * from {relation}{recent}"
                )
        found = Stage(machine)
        patch.setattr(transform, "run_cycle_models", found.build)
        yield found


def run_of(stage: Stage) -> dict[str, Any]:
    """The newest paper run: its state, decisions, orders, and what the gate said of the relations and symbols."""
    text = """
        select r.state, r.exit_code, r.reason,
            (select count(*) from decide.cycle_inputs as i where (i.cycle_id, i.run) = (r.cycle_id, r.run)) as symbols,
            (select count(*) from decide.decisions as d where (d.cycle_id, d.run) = (r.cycle_id, r.run)
                and d.final_decision = 'REJECT' and d.reason_codes ->> 0 like 'HALT%') as halted,
            (select count(*) from decide.decisions as d where (d.cycle_id, d.run) = (r.cycle_id, r.run)) as decisions,
            (select count(*) from trade.orders as o where (o.cycle_id, o.run) = (r.cycle_id, r.run)) as orders,
            (select jsonb_object_agg(x.relation, x.reason) from decide.relation_reads as x
                where (x.cycle_id, x.run) = (r.cycle_id, r.run)) as relations,
            (select array_agg(distinct c.reason) from decide.cycle_inputs as i, unnest(i.governance_reasons) as c (reason)
                where (i.cycle_id, i.run) = (r.cycle_id, r.run)) as reasons,
            (select count(*) from decide.cycle_inputs as i where (i.cycle_id, i.run) = (r.cycle_id, r.run)
                and i.governance_state = 'ACTIVE') as active
        from decide.cycle_runs as r join decide.cycles as c using (cycle_id)
        where c.mode = 'paper' order by r.opened_at desc, r.run desc limit 1
        """
    with db.connect(db.DEPLOYER) as connection:
        (row,) = db.fetch_text(connection, "run", text)
    return row


@pytest.mark.parametrize("poison", POISONS, ids=lambda p: f"{p.relation}: {p.what}")
def test_i17_a_poisoned_relation_refuses(stage: Stage, poison: Poison) -> None:
    """Exit 13, HALTED, a decision with the reason for every active symbol, no order, every control object untouched."""
    code, output = stage.cycle(poison)
    assert code == 13, output
    run = run_of(stage)
    assert (run["state"], run["exit_code"], run["orders"], run["active"]) == ("HALTED", 13, 0, 0), run
    assert run["halted"] == run["decisions"] == run["symbols"] > 20
    others = {relation: None for relation in RELATIONS if relation != poison.relation}
    if poison.reason.startswith("symbol:"):
        assert run["relations"] == {**others, poison.relation: None}
        assert poison.reason.removeprefix("symbol:") in run["reasons"]
    else:
        assert run["relations"] == {**others, poison.relation: poison.reason}
    assert stage.objects() == []
    stage.refused += 1


def test_a_sound_rebuild_goes_through(stage: Stage) -> None:
    """After all of them the same cycle is DONE, with orders."""
    code, output = stage.cycle(None)
    assert code == 0, output
    run = run_of(stage)
    assert (run["state"], run["relations"]) == ("DONE", dict.fromkeys(RELATIONS))
    assert run["orders"] > 0
    assert stage.machine.psql("select count(*) from trade.orders") == str(run["orders"])
    assert stage.objects() == []
    SUMMARY.append(f"poisoned inputs: {stage.refused} relations refused with exit 13, then the sound ones DONE")
