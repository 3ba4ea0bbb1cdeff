"""dbt's tables and views as this project makes them (dbt/macros/table.sql, view.sql): what a cycle leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from runner import calendar, db, settings, transform
from runner.errors import DataUnusable
from tests.runner import features_world as market

AS_OF = date(2010, 1, 29)
VIEW, TABLE = "staging.stg_ref__sessions", "quality.as_of"


@pytest.fixture
def built(database: str) -> None:
    """A small market whose cycle models ran once."""
    with db.connect("fund_ingestor") as connection:
        calendar.load(connection, calendar.build(calendar.PRINCIPAL, date(2010, 3, 1)))
    market.reference()
    world = market.World(market.weekdays(30))
    market.fill(world, market.closes(30), 0, 30)
    cycle()


def cycle() -> dict[str, int | None]:
    """The models of one cycle: name to rows."""
    return {run.name: run.rows for run in transform.run_cycle_models(settings.load(), AS_OF).models}


def identities(kind: str) -> dict[str, int]:
    """Relation of dbt's schemas to its number, which another of the same name has not."""
    found = market.rows(
        "select c.oid::regclass::text as name, c.oid::bigint as oid from pg_class as c "
        "where c.relnamespace in ('staging'::regnamespace, 'quality'::regnamespace, 'features'::regnamespace) "
        f"and c.relkind = '{kind}'"
    )
    return {row["name"]: row["oid"] for row in found}


def comment(relation: str) -> str:
    (row,) = market.rows(f"select obj_description('{relation}'::regclass, 'pg_class') as said")
    return str(row["said"])


def test_a_cycle_makes_its_tables_anew_and_leaves_its_views(built: None) -> None:
    """Nothing is left over, and nobody who reads a view is waited for."""
    views, tables = identities("v"), identities("r")
    assert VIEW in views and TABLE in tables
    with reading(VIEW):
        ran = cycle()
    assert ran["as_of"] == 1 and ran["stg_ref__sessions"] is None
    assert identities("v") == views
    again = identities("r")
    assert again.keys() == tables.keys()
    kept = {name for name, oid in tables.items() if again[name] == oid}
    assert kept == {"features.features", "features.headline_scores", "features.finance_lexicon"}


@contextmanager
def reading(relation: str) -> Iterator[None]:
    """An analyst who has read a relation and stays in the transaction."""
    with db.connect(db.DEPLOYER) as analyst:
        db.fetch_text(analyst, "read", f"select count(*) from {relation}")
        yield


#: What a hand, a deploy or another version may have done to a view.
CHANGES = {
    "its definition": f"create or replace view {VIEW} as select calendar, session, opens_at, "
    "closes_at + interval '1 hour' as closes_at, session_number from ref.sessions",
    "an option": f"alter view {VIEW} set (security_invoker = true)",
    "a privilege": f"grant select on {VIEW} to fund_decider",
    "its comment": f"comment on view {VIEW} is 'mine'",
    "gone": f"drop view {VIEW} cascade",
    "what new relations are given": "alter default privileges for role fund_transformer in schema staging "
    "grant select on tables to fund_decider",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_view_that_is_not_the_model_s_is_made_again(built: None, what: str) -> None:
    """By the next cycle, whatever changed it; only that one, unless it concerns all."""
    views = identities("v")
    (before,) = market.rows(f"select pg_get_viewdef('{VIEW}'::regclass) as text")
    said = comment(VIEW)
    market.statement(CHANGES[what])
    cycle()
    again = identities("v")
    assert again.keys() == views.keys()
    changed = {name for name, oid in views.items() if again[name] != oid}
    if what == "what new relations are given":
        assert {name for name in views if name.startswith("staging.")} <= changed
        (row,) = market.rows(f"select has_table_privilege('fund_decider', '{VIEW}', 'select') as given")
        assert row["given"]
    else:
        assert VIEW in changed and (what == "gone" or changed == {VIEW})
        assert comment(VIEW) == said
    assert market.rows(f"select pg_get_viewdef('{VIEW}'::regclass) as text") == [before]


def test_a_table_stands_until_the_next_one_is_complete(built: None) -> None:
    """A model that fails half way takes nothing away and leaves nothing behind."""
    tables = identities("r")
    market.statement("revoke select on market.price_history from fund_transformer")
    with pytest.raises(DataUnusable):
        cycle()
    after = identities("r")
    assert after.keys() == tables.keys()
    assert not [name for name in after if "__dbt" in name]


def test_what_a_killed_run_left_is_in_nobody_s_way(built: None) -> None:
    market.statement("set role fund_transformer; create table quality.as_of__dbt_tmp (x integer)")
    assert cycle()["as_of"] == 1
    assert "quality.as_of__dbt_tmp" not in identities("r")


def test_every_column_is_documented_and_a_view_says_what_it_was_made_from(built: None) -> None:
    cycle()
    undocumented = market.rows(
        "select a.attrelid::regclass::text || '.' || a.attname as name from pg_attribute as a "
        "join pg_class as c on c.oid = a.attrelid "
        "where c.relnamespace in ('staging'::regnamespace, 'quality'::regnamespace, 'features'::regnamespace) "
        "and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped "
        "and col_description(a.attrelid, a.attnum) is null"
    )
    assert undocumented == []
    assert comment(TABLE).startswith("One row")
    assert "Made from" in comment(VIEW)
