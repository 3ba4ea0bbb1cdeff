"""Features of companies against a second reading of their definitions, on a made-up world and on real filings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime


import numpy as np
import pandas as pd
import pytest

from runner import db, settings, transform
from tests.runner import company_data, company_world
from tests.runner import features_world as market


def _build(session: date) -> pd.DataFrame:
    """features.company_features as of a session, by symbol: dbt built what it needs and nothing more."""
    from dbt.cli.main import dbtRunner

    from runner import environment

    config = settings.load()
    values = environment.for_dbt(config)
    with transform._environment(values):
        manifest = transform._manifest(values, config.runner_home)
        outcome = dbtRunner(manifest=manifest).invoke(
            [
                "run", "--select", "+company_features", "--vars", f"{{as_of_session: {session}}}",
                *transform._arguments(config.runner_home),
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
    [(date(2010, 6, 30), 300), (date(2012, 11, 15), 300), (date(2013, 2, 27), 300), (date(2016, 8, 31), 200)],
)
def test_real_companies_are_as_the_definitions_say(
    real: company_world.World, session: date, numbers: int
) -> None:
    theirs = company_world.expected(real, session, _closes_at())
    assert _compare(_build(session), theirs) >= numbers
