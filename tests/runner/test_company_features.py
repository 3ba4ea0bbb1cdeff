"""Features of companies against a second reading of their definitions, on a made-up world and on real filings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from runner import db, settings, transform
from tests.runner import company_data, company_made_up, company_world
from tests.runner import features_world as market


def _build(session: date, *, full_refresh: bool = False) -> pd.DataFrame:
    """features.company_features as of a session, by symbol: dbt built what it needs and nothing more."""
    from dbt.cli.main import dbtRunner

    from runner import environment

    config = settings.load()
    values = environment.for_dbt(config)
    kinds = [word for kind in transform.KINDS for word in ("--resource-type", kind)]
    with transform._environment(values):
        manifest = transform._manifest(values, config.runner_home)
        outcome = dbtRunner(manifest=manifest).invoke(
            [
                "build", *kinds, "--select", "+company_features", "--vars", f"{{as_of_session: {session}}}",
                *transform._arguments(config.runner_home), *(["--full-refresh"] if full_refresh else []),
            ]
        )  # fmt: skip
    assert outcome.result is not None, outcome.exception
    failed = {r.node.name: r.message for r in outcome.result if r.status != "success"}
    assert not failed, failed
    return pd.DataFrame(market.rows("select * from features.company_features order by symbol")).set_index("symbol")


def _closes_at() -> dict[date, datetime]:
    found = market.rows("select session, closes_at from ref.sessions where calendar = 'XNYS'")
    return {row["session"]: row["closes_at"] for row in found}


def _compare(ours: pd.DataFrame, theirs: pd.DataFrame) -> int:
    """Every number of the second reading, defined for the same companies and equal; how many were compared."""
    assert list(ours.index) == list(theirs.index)
    for name in theirs.columns:
        mine = ours[name].to_numpy(dtype=float, na_value=np.nan)
        second = theirs[name].to_numpy(dtype=float)
        wrong = np.isnan(mine) != np.isnan(second)
        assert not wrong.any(), (name, ours.index[wrong].tolist(), mine[wrong], second[wrong])
        np.testing.assert_allclose(mine, second, rtol=1e-9, atol=1e-12, err_msg=name)
    return int(theirs.notna().sum().sum())


@pytest.fixture(scope="module")
def real(fresh: Callable[[], str]) -> Iterator[company_world.World]:
    """Two sectors of real companies, and Apple on unadjusted prices with its filings, stored."""
    company_data.need()
    sectors = company_data._read("sectors_gics_2017").set_index("symbol")["gics_sector"]
    wanted = {"Information Technology", "Consumer Staples"}
    symbols = [s for s in company_data.all_symbols() if sectors.get(s) in wanted]
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        world = company_data.world(symbols, date(2016, 9, 30))
        company_world.store(world)
        yield world
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


@pytest.mark.parametrize(
    ("session", "numbers"),
    [(date(2010, 6, 30), 120), (date(2013, 2, 27), 300), (date(2016, 8, 31), 200)],
)
def test_real_companies_are_as_the_definitions_say(real: company_world.World, session: date, numbers: int) -> None:
    theirs = company_world.expected(real, session, _closes_at())
    assert _compare(_build(session), theirs) >= numbers


MADE_UP = (date(2012, 3, 30), date(2014, 9, 30))


@pytest.fixture(scope="module")
def made_up(fresh: Callable[[], str]) -> Iterator[company_world.World]:
    """Companies with every difficulty the definitions name, stored."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        world = company_made_up.world()
        company_world.store(world)
        yield world
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


@pytest.mark.parametrize("session", MADE_UP)
def test_made_up_companies_are_as_the_definitions_say(made_up: company_world.World, session: date) -> None:
    theirs = company_world.expected(made_up, session, _closes_at())
    ours = _build(session)
    _compare(ours, theirs)
    for name in theirs.columns:
        assert theirs[name].notna().any(), f"{name}: nothing was compared"
        assert theirs[name].isna().any(), f"{name}: never missing"
    of_four = made_up.instruments.loc[made_up.instruments["sector"] == "Four", "symbol"]
    percentiles = [name for name in ours.columns if name.endswith("_sector_pct")]
    assert len(of_four) == 4 and ours.loc[of_four, percentiles].isna().all(axis=None)
    assert ours.loc[of_four, "earnings_yield"].notna().all()


def _bits() -> dict[str, str]:
    """Symbol -> its row as text, shortest decimals that read back to the same bits."""
    found = market.rows("select symbol, t::text as content from features.company_features as t")
    return {row["symbol"]: row["content"] for row in found}


def test_what_is_known_a_day_after_the_as_of_has_no_part(database: str) -> None:
    """Every company's newest filing moved a day past the as-of instant: as if neither it nor the future existed."""
    company_world.store(company_made_up.world())
    session = MADE_UP[0]
    _build(session)
    whole = _bits()
    as_of = "(select as_of from quality.as_of)"
    market.statement("alter table market.fundamentals disable trigger user")
    market.statement("alter table market.corporate_actions disable trigger user")
    market.statement(
        "update market.fundamentals as f set known_at = a.as_of + interval '1 day' from quality.as_of as a"
        " where f.form <> 'snapshot' and f.known_at <= a.as_of and f.filed_at = ("
        "  select max(n.filed_at) from market.fundamentals as n"
        "  where n.symbol = f.symbol and n.form <> 'snapshot' and n.known_at <= a.as_of)"
    )
    _build(session)
    moved = _bits()
    market.statement(
        f"delete from market.fundamentals where known_at > {as_of};"
        f"delete from market.corporate_actions where known_at > {as_of};"
        f"delete from market.price_history where known_at > {as_of};"
    )
    _build(session, full_refresh=True)
    assert moved == _bits()
    changed = {symbol for symbol in whole if whole[symbol] != moved[symbol]}
    assert len(changed) >= 10, "the filings that were moved mattered"
