"""What fund_transformer does to the relations it owns, and what the gate then says (I17, I18).

It may write them, so "refused" means: no symbol is opened that the gate's own count closes, no code of dbt's runs with
another role's rights, and no byte of control changes.
"""

# ruff: noqa: E501 - one line of the table each

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from runner import db, settings
from runner.errors import FundError
from tests.conftest import ROOT, SUMMARY
from tests.seams.test_bypass import contents, root

#: A function that tries everything it can reach as whoever runs it, and says in a sequence of its own that it ran as another.
EVIL = """
create function quality.act() returns text language plpgsql volatile as $f$
begin
    if current_user <> 'fund_transformer' then
        begin delete from ops.kill_sources; exception when insufficient_privilege then null; end;
        begin alter function govern.read_quality() security invoker; exception when insufficient_privilege then null; end;
        begin alter function govern.read_features(date, text[]) security invoker; exception when insufficient_privilege then null; end;
        begin alter function govern.relation_fault(text, text) security invoker; exception when insufficient_privilege then null; end;
        raise exception 'code of dbt ran as %', current_user;
    end if;
    return 'ACTIVE';
end $f$;
create function quality.evil(text) returns text language plpgsql immutable as $f$ begin return quality.act(); end $f$;
"""


class Trick(NamedTuple):
    """What is done as fund_transformer; `reasons`: what the gate says of the relations it was done to, `active` the symbols open."""

    what: str
    text: str
    reasons: dict[str, str]
    active: list[str]


G, Q, F = "quality.symbol_governance", "quality.data_quality", "features.features"
COMPANY = "features.company_features"
ASIDE = f"alter table {G} rename to aside; "

TRICKS = (
    Trick("nothing", "select 1", {}, ["AAA", "BBB"]),
    Trick("declare every symbol ACTIVE", f"update {G} set state = 'ACTIVE', reasons = '{{}}', valid_sessions = 9999", {}, ["AAA", "BBB"]),
    Trick("give every symbol a perfect score", f"update {Q} set score = 1, vetoes = '{{}}'; update {G} set state = 'ACTIVE'", {}, ["AAA", "BBB"]),
    Trick("give a symbol without bars features", f"update {G} set state = 'ACTIVE'; insert into {F} select 'DDD', session, known_at, price_kind, close_adj, momentum_21, rsi_14 from {F} where symbol = 'AAA' and session = '2013-02-27'", {}, ["AAA", "BBB"]),
    Trick("open a symbol outside the universe", f"insert into {G} select 'ZZZ', as_of_session, state, valid_sessions, last_session, score, reasons from {G} where symbol = 'AAA'", {}, ["AAA", "BBB"]),
    Trick("the same symbol twice, one of them ACTIVE", f"insert into {G} select symbol, as_of_session, 'ACTIVE', valid_sessions, last_session, score, '{{}}' from {G} where symbol = 'CCC'", {G: "DUPLICATE"}, []),
    Trick("a view whose function writes", ASIDE + f"create view {G} as select symbol, as_of_session, quality.act() as state, valid_sessions, last_session, score, reasons from quality.aside", {G: "NOT_PLAIN"}, []),
    Trick("a materialized view", ASIDE + f"create materialized view {G} as select * from quality.aside", {G: "NOT_PLAIN"}, []),
    Trick("a partitioned table", ASIDE + f"create table {G} (like quality.aside) partition by list (symbol)", {G: "NOT_PLAIN"}, []),
    Trick("a table with a child", f"create table quality.child () inherits ({G})", {G: "NOT_PLAIN"}, []),
    Trick("row security that hides a veto", f"alter table {Q} enable row level security; create policy p on {Q} using (quality.act() = 'ACTIVE')", {Q: "NOT_PLAIN"}, []),
    Trick("a virtual column", f"alter table {Q} add column v text generated always as (symbol) virtual", {Q: "NOT_PLAIN"}, []),
    Trick("a rule", f"create rule r as on update to {Q} do instead nothing", {Q: "NOT_PLAIN"}, []),
    Trick("an index the planner computes", f"create index on {G} (quality.evil('x'))", {G: "NOT_PLAIN"}, []),
    Trick("an index on features the planner computes", f"create index on {F} (quality.evil('x'))", {F: "NOT_PLAIN"}, []),
    Trick("a partial index the planner computes", f"create index on {Q} (symbol) where quality.evil('x') = 'ACTIVE'", {Q: "NOT_PLAIN"}, []),
    Trick("statistics the planner computes", f"create statistics quality.s on (quality.evil('x')), symbol from {Q}", {Q: "NOT_PLAIN"}, []),
    Trick("a check the planner computes", f"alter table {Q} add check (quality.evil('x') = 'ACTIVE')", {Q: "NOT_PLAIN"}, []),
    Trick("a type of its own", f"create type quality.mood as enum ('x'); alter table {G} add column mood quality.mood", {G: "NOT_PLAIN"}, []),
    Trick("a cast of its own to json", f"create type quality.pair as (a text); create function quality.j(quality.pair) returns json language plpgsql as $f$ begin perform quality.act(); return '{{}}'; end $f$; create cast (quality.pair as json) with function quality.j(quality.pair); alter table {G} add column p quality.pair", {G: "NOT_PLAIN"}, []),
    Trick("an operator of its own in the reader's way", "create function quality.eq(text, text) returns boolean language plpgsql as $f$ begin return quality.act() = 'ACTIVE'; end $f$; create operator quality.= (leftarg = text, rightarg = text, function = quality.eq)", {}, ["AAA", "BBB"]),
    Trick("a column named like the reader's row", f"alter table {G} add column t text default 'x', add column line text default 'y'", {}, ["AAA", "BBB"]),
    Trick("tables withheld from the gate", f"revoke select on {G} from fund_gatekeeper", {G: "NOT_READABLE"}, []),
    Trick("every relation dropped with cascade", f"drop table {G}, {Q}, {F}, {COMPANY} cascade", dict.fromkeys((G, Q, F, COMPANY), "MISSING"), []),
    Trick("everything it owns dropped", "drop owned by fund_transformer cascade", dict.fromkeys((G, Q, F, COMPANY), "MISSING"), []),
)  # fmt: skip


@pytest.fixture(scope="module")
def arena(fresh: Callable[[], str]) -> Iterator[str]:
    """The small fund of the pgTAP fixtures, its kill switch engaged so that clearing it would show."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        root(name, (ROOT / "tests" / "sql" / "fixtures" / "01_fund.sql").read_text(encoding="utf-8"))
        root(name, "select fixtures.fund(); select ops.engage_kill_switch('the scene', 'cvar')")
        yield name


@pytest.mark.parametrize("trick", TRICKS, ids=lambda t: t.what)
def test_i18_what_dbt_owns_opens_nothing_and_runs_nothing(arena: str, trick: Trick) -> None:
    """The gate reads or refuses it; either way nothing of control changes, and nothing is left open by it."""
    before = contents(arena)
    with db.connect(db.DEPLOYER, dbname=arena) as connection:  # rolled back: DDL and the gate's rows alike
        db.execute_text(connection, "as dbt", f"set local role fund_transformer; {EVIL} {trick.text}; reset role")
        control = control_objects(connection)
        db.execute_text(connection, "as the cycle", "select fixtures.open()")
        db.execute_text(
            connection,
            "gate",
            "grant usage on schema fixtures to public; set local role fund_decider; "
            "select govern.open_gate(r.cycle_id, r.run) from decide.cycle_runs as r; reset role",
        )
        reads = db.fetch_text(connection, "reads", "select relation, reason from decide.relation_reads")
        active = db.fetch_text(
            connection, "active", "select symbol from decide.cycle_inputs where governance_state = 'ACTIVE' order by 1"
        )
        killed = db.fetch_text(connection, "kill", "select count(*) as n from ops.kill_sources")
        assert control_objects(connection) == control
        connection.rollback()
    assert {r["relation"]: r["reason"] for r in reads} == dict.fromkeys((G, Q, F, COMPANY)) | trick.reasons
    assert [row["symbol"] for row in active] == trick.active
    assert killed == [{"n": 1}]
    assert contents(arena) == before


def control_objects(connection: db.Connection) -> list[dict[str, object]]:
    """Every routine, trigger and privilege of ours, as the catalog has it now."""
    return db.fetch_text(
        connection,
        "control",
        """
        select p.oid::regprocedure::text as name, p.prosecdef::text || p.proowner || coalesce(p.proacl::text, '') || p.prosrc as body
        from pg_proc as p where p.pronamespace::regnamespace::text in ('ops', 'govern', 'decide', 'trade', 'audit', 'notify')
        union all
        select t.tgrelid::regclass::text || '.' || t.tgname, t.tgenabled::text from pg_trigger as t where not t.tgisinternal
        union all
        select c.oid::regclass::text, coalesce(c.relacl::text, '') || c.relowner from pg_class as c
        where c.relnamespace::regnamespace::text in ('ops', 'govern', 'decide', 'trade', 'audit', 'notify')
        order by 1, 2
        """,
    )


def test_i18_an_index_made_between_the_look_and_the_reading_waits(arena: str) -> None:
    """While a gate holds its relations, dbt can add neither index, statistics, constraint nor row; readers go on."""
    gate = db.open_connection(db.DEPLOYER, arena)
    try:
        db.execute_text(
            gate,
            "gate",
            "select fixtures.open(); select govern.open_gate(r.cycle_id, r.run) from decide.cycle_runs as r",
        )
        refused = []
        for text in (
            f"create index on {G} (symbol)",
            f"create statistics quality.late on symbol, state from {G}",
            f"alter table {Q} add check (score > 0)",
            f"insert into {F} (symbol) values ('ZZZ')",
            f"select count(*) from {F}",
        ):
            with db.connect("fund_transformer") as late:
                try:
                    db.execute_text(late, "late", f"set lock_timeout = '200ms'; {text}")
                except FundError as error:
                    refused.append(error.code)
                else:
                    refused.append(None)
                late.rollback()
        assert refused == ["55P03"] * 4 + [None]
    finally:
        gate.close()
    SUMMARY.append(
        f"bypass at the gate: {len(TRICKS) - 1} tricks of fund_transformer, none opened a symbol or ran a line"
    )
