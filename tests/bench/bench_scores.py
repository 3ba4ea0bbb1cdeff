"""Standard deviations of the agents' scores on real data: beside `pooled_sd` of the golden configuration.

    python -m pytest tests/bench/bench_scores.py --benchmarks -s

reversion: every symbol-session of ../shared/data's bars from 2006 on. valuation and fundamental: companies with filings
or snapshots, as of a late session of each quarter of 2012-2014, features as dbt builds them. Printed per agent: the
standard deviation of the mean of the parts, which `pooled_sd` should be, and the share below confidence 0.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pytest

from runner import db, settings, transform
from runner.agents import AGENTS
from runner.committee import seat
from runner.config import load
from runner.models import FEATURES, AgentArrays, FeatureMatrix, Floats
from tests.bench import real_world
from tests.runner import company_data, company_world
from tests.runner import features_world as market

GOLDEN = load(environ={})
QUARTERS = tuple(date(year, month, day) for year in (2012, 2013, 2014)
                 for month, day in ((3, 27), (6, 27), (9, 26), (12, 26)))  # fmt: skip
#: A pooled standard deviation further than this from the measured one is due for a change.
TOLERANCE = 0.15


def spoken(name: str, values: Floats) -> AgentArrays:
    """What the agent says of rows of every feature."""
    agent = next(one for one in AGENTS if one.name == name)
    one = seat(name, "family", 1.0, 0.10, getattr(GOLDEN, name), GOLDEN.fund)
    symbols = tuple(str(i) for i in range(len(values)))
    return agent.view(FeatureMatrix(symbols, FEATURES, values), one.ic, one.parameters)


def report(name: str, said: AgentArrays) -> float:
    """Print the agent's line; the measured over the configured standard deviation."""
    heard = np.isfinite(said.score)
    parts = np.vstack([part[heard] for label, part in said.parts.items() if not label.startswith("TREND")])
    measured = float(np.nanmean(parts, axis=0).std())
    configured = getattr(GOLDEN, name).pooled_sd
    low = float((said.confidence[heard] < GOLDEN.meta_brain.min_confidence).mean())
    print(f"{name:<12}{heard.sum():>9,} views{measured:>8.3f} measured{configured:>7.2f} configured{low:>7.1%} below")
    return measured / configured


def test_bench_reversion() -> None:
    """Two and a half million numbers of one agent."""
    real_world.need("2005")
    world = real_world.market("2005")
    known = np.isfinite(world.features["momentum_252"]) & np.isfinite(world.features["sd_252"])
    values = np.full((int(known.sum()), len(FEATURES)), np.nan)
    for name, column in world.features.items():
        if name in FEATURES:
            values[:, FEATURES.index(name)] = column[known]
    print()
    assert report("reversion", spoken("reversion", values)) == pytest.approx(1, abs=TOLERANCE)


@pytest.fixture
def scratch(fresh: Callable[[], str]) -> Iterator[None]:
    """An empty database as the one in use."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        yield
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


def test_bench_company_scores(scratch: None) -> None:
    """Companies of ../shared/data as of twelve quarters."""
    company_data.need()
    company_world.store(company_data.world(company_data.all_symbols(), QUARTERS[-1]))
    values = []
    for day in QUARTERS:
        transform.run_cycle_models(settings.load(), day)
        rows = market.rows(
            "select f.*, c.* from features.company_features as c"
            " join features.features as f on f.symbol = c.symbol and f.session = c.as_of_session"
        )
        values += [[np.nan if row.get(name) is None else float(row[name]) for name in FEATURES] for row in rows]
    stacked = np.array(values)
    print()
    for name in ("valuation", "fundamental"):
        assert report(name, spoken(name, stacked)) == pytest.approx(1, abs=TOLERANCE), name
