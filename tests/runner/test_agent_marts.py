"""Marts of the agents' record against scipy and pandas, on a made-up world whose answers are known.

One agent's scores are the coming return and noise, the others' are noise alone: the first is found, of many others few
are believed. What is compared is the SQL of dbt/models/marts, on views that stand in the place of mart.agent_views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from runner import db, environment, settings, transform
from tests.runner import features_world as market

NAMES, SESSIONS, GUESSERS = 25, 260, 39
HORIZONS = (1, 5, 21)


def views(seed: int) -> pd.DataFrame:
    """What two agents said of every name in every session, and what came of it; the last returns are not complete."""
    generator = np.random.default_rng(seed)
    daily = generator.normal(0, 0.02, (SESSIONS + 22, NAMES))
    logs = np.vstack([np.zeros(NAMES), np.cumsum(daily, axis=0)])
    rows = []
    for session in range(SESSIONS):
        forward = {h: np.exp(logs[session + h] - logs[session]) - 1 for h in HORIZONS}
        knows = forward[1] / 0.02 * 0.3 + generator.normal(0, 1, NAMES)
        guesses = generator.normal(0, 1, NAMES)
        several = {f"guess{k:02}": generator.normal(0, 1, NAMES) for k in range(GUESSERS)} if session < 60 else {}
        for agent, scores in {"knows": knows, "guesses": guesses, **several}.items():
            for i, score in enumerate(np.clip(scores, -3, 3)):
                late = session >= SESSIONS - 5
                rows.append(
                    {
                        "strategy": "x", "as_of_session": pd.Timestamp("2012-01-02") + pd.Timedelta(days=session),
                        "session_no": session + 1, "symbol": f"S{i:02}", "agent": agent, "family": "f",
                        "regime": "BULL_QUIET" if session % 50 < 40 else "BEAR_QUIET", "score": float(score),
                        "mu": float(score) * 0.02, "confidence": float(min(abs(score) / 3, 1)), "abstained": False,
                        "weight": 0.5, "return_1": float(forward[1][i]), "return_5": float(forward[5][i]),
                        "return_21": None if late else float(forward[21][i]), "cycle_id": str(session), "run": 1,
                        "mode": "paper",
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def built(fresh: Callable[[], str]) -> Iterator[pd.DataFrame]:
    """The marts built on a world; the world."""
    from dbt.cli.main import dbtRunner

    name = fresh()
    world = views(11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        with db.connect("fund_transformer") as connection:
            db.execute_text(
                connection,
                "views",
                "create table mart.agent_views (strategy text, as_of_session date, session_no integer, symbol text,"
                " agent text, family text, regime text, score float8, mu float8, confidence float8, abstained boolean,"
                " weight float8, return_1 float8, return_5 float8, return_21 float8, cycle_id text, run integer,"
                " mode text)",
            )
            with connection.cursor().copy("copy mart.agent_views from stdin") as stream:
                for row in world.astype(object).where(world.notna(), None).itertuples(index=False, name=None):
                    stream.write_row(row)
        config = settings.load()
        values = environment.for_dbt(config)
        with transform._environment(values):
            outcome = dbtRunner(manifest=transform._manifest(values, config.runner_home)).invoke(
                ["run", "--select", "agent_ics", "agent_information", "agent_calibration",
                 *transform._arguments(config.runner_home)]
            )  # fmt: skip
        assert outcome.success, [(r.node.name, r.message) for r in outcome.result or ()]
        yield world
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


def coefficients(world: pd.DataFrame, agent: str, horizon: int) -> pd.Series:
    """scipy's coefficient by session."""
    said = world[(world["agent"] == agent) & world[f"return_{horizon}"].notna()]
    return said.groupby("session_no")[["score", f"return_{horizon}"]].apply(
        lambda one: spearmanr(one["score"], one[f"return_{horizon}"].astype(float))[0]
    )


def error_of_mean(ics: pd.Series, lags: int) -> float:
    """Standard error of a mean: the larger of Newey and West's and Hansen and Hodrick's, by the textbook."""
    deviations = ics.to_numpy() - ics.mean()
    count = len(deviations)
    falling = whole = deviations @ deviations / count
    for lag in range(1, lags + 1):
        product = 2 * (deviations[lag:] @ deviations[:-lag]) / count
        falling, whole = falling + (1 - lag / (lags + 1)) * product, whole + product
    return float(np.sqrt(max(falling, whole) / (count - 1)))


@pytest.mark.parametrize("agent", ["knows", "guesses"])
@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_coefficient_and_its_error_are_scipy_s(built: pd.DataFrame, agent: str, horizon: int) -> None:
    ics = coefficients(built, agent, horizon)
    (row,) = market.rows(
        f"select * from mart.agent_information where agent = '{agent}' and horizon = {horizon} and regime = 'ALL'"
    )
    assert (row["sessions"], row["observations"]) == (len(ics), len(ics) * NAMES)
    assert row["ic_mean"] == pytest.approx(ics.mean(), abs=1e-12)
    assert row["ic_sd"] == pytest.approx(ics.std(ddof=1), abs=1e-12)
    assert row["standard_error"] == pytest.approx(error_of_mean(ics, horizon - 1), abs=1e-12)


def test_the_one_that_knows_is_found(built: pd.DataFrame) -> None:
    found = {
        row["agent"]: row
        for row in market.rows("select * from mart.agent_information where horizon = 1 and regime = 'ALL'")
    }
    # Correlation of 0.3 x and x + noise: 0.3 / sqrt(1.09) = 0.287; Spearman's is a little below.
    assert found["knows"]["ic_mean"] == pytest.approx(0.27, abs=0.03)
    assert not found["knows"]["is_noise"]
    assert found["knows"]["t_value"] > 10
    assert abs(found["guesses"]["t_value"]) < 3


def test_regimes_are_parts_of_all(built: pd.DataFrame) -> None:
    rows = market.rows("select regime, sessions from mart.agent_information where agent = 'knows' and horizon = 1")
    by_regime = {row["regime"]: row["sessions"] for row in rows}
    assert by_regime["BULL_QUIET"] + by_regime["BEAR_QUIET"] == by_regime["ALL"] == SESSIONS


@pytest.mark.parametrize("horizon", HORIZONS)
def test_calibration_is_pandas_s(built: pd.DataFrame, horizon: int) -> None:
    said = built[(built["agent"] == "knows") & built[f"return_{horizon}"].notna()].copy()
    forward = said[f"return_{horizon}"].astype(float)
    # Each name once: both agents speak of every name, so one agent's rows are the session's names.
    excess = forward - forward.groupby(said["session_no"]).transform("median")
    said, excess = said[excess != 0], excess[excess != 0]
    said["hit"] = (np.sign(said["score"]) == np.sign(excess)).astype(float)
    said["bucket"] = np.minimum(np.floor(said["confidence"] * 5), 4).astype(int)
    rows = {
        row["confidence_bucket"]: row
        for row in market.rows(
            f"select * from mart.agent_calibration where agent = 'knows' and horizon = {horizon} and regime = 'ALL'"
        )
    }
    labels = {"ALL": said} | {f"{b * 0.2:.1f}-{(b + 1) * 0.2:.1f}": part for b, part in said.groupby("bucket")}
    assert set(rows) == set(labels)
    for label, part in labels.items():
        row, hits, count = rows[label], part["hit"], len(part)
        blocks = (hits - hits.mean()).groupby(part["session_no"] // horizon).sum()
        error = np.sqrt((blocks**2).sum() * len(blocks) / (len(blocks) - 1)) / count
        assert (row["observations"], row["clusters"]) == (count, len(blocks))
        assert row["hit_rate"] == pytest.approx(hits.mean(), abs=1e-12)
        assert row["standard_error"] == pytest.approx(error, abs=1e-12)
        assert row["brier"] == pytest.approx((((1 + part["confidence"]) / 2 - hits) ** 2).mean(), abs=1e-12)
        p, z = hits.mean(), 1.959964
        centre, half = p + z * z / 2 / count, z * np.sqrt(p * (1 - p) / count + z * z / 4 / count**2)
        low, high = (centre - half) / (1 + z * z / count), (centre + half) / (1 + z * z / count)
        assert (row["wilson_low"], row["wilson_high"]) == pytest.approx((low, high), abs=1e-5)


def test_of_pure_noise_little_is_believed(built: pd.DataFrame) -> None:
    """Two standard errors: of forty agents that guess about two stand out by luck."""
    rows = market.rows(
        "select agent, is_noise from mart.agent_information"
        " where agent like 'guess%' and horizon = 1 and regime = 'ALL'"
    )
    assert len(rows) == GUESSERS + 1
    assert sum(not row["is_noise"] for row in rows) <= 6
