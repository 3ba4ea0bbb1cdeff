"""The VaR back-test against scipy, Basel's table, hand-made counts, and two worlds whose tails are known."""

from __future__ import annotations

from itertools import pairwise
from math import log

import numpy as np
import pytest
from scipy import stats

from runner.risk.backtest import RED_FROM, SESSIONS, YELLOW_FROM, Light, backtest, light
from runner.risk.measures import tail

VAR = 0.02


def days(hits: list[int], var: float = VAR) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts and losses of sessions that hit or not; a loss of exactly the VaR is no exception."""
    losses = np.where(np.array(hits) == 1, np.nextafter(var, 1), var)
    return np.full(len(hits), var), losses


def hits(count: int, of: int) -> list[int]:
    """So many exceptions, apart from one another as far as they can be."""
    marks = np.zeros(of, dtype=int)
    if count:
        marks[np.linspace(0, of - 1, count).astype(int)] = 1
    return [int(mark) for mark in marks]


# --- the traffic light ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exceptions", range(14))
def test_the_zones_at_99_of_250_are_basels(exceptions: int) -> None:
    """Basel Committee 1996, table 2: green to 4, yellow from 5, red from 10, with its cumulative probabilities."""
    found = backtest(*days(hits(exceptions, 250)), 0.99)
    wanted: Light = "GREEN" if exceptions <= 4 else "YELLOW" if exceptions <= 9 else "RED"
    assert (found.exceptions, found.sessions, found.light) == (exceptions, 250, wanted)
    published = (8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99)
    if exceptions < len(published):
        assert found.cumulative is not None
        assert round(100 * found.cumulative, 2) == published[exceptions]


def test_the_zones_at_95_are_the_same_rule() -> None:
    """Green to 17 of 250, red from 27: the smallest counts as likely as the published zones' ends."""
    zones = [backtest(*days(hits(n, 250)), 0.95).light for n in range(40)]
    assert [zones.index("YELLOW"), zones.index("RED")] == [18, 27]
    assert zones == sorted(zones, key=["GREEN", "YELLOW", "RED"].index)
    for n, zone in enumerate(zones):
        as_many = sum(stats.binom.pmf(k, 250, 0.05) for k in range(n + 1))
        assert zone == ("RED" if as_many >= 0.9999 else "YELLOW" if as_many >= 0.95 else "GREEN"), n


def test_the_light_s_bounds_belong_to_the_more_severe_zone() -> None:
    assert light(YELLOW_FROM) == "YELLOW" and light(np.nextafter(YELLOW_FROM, 0)) == "GREEN"
    assert light(RED_FROM) == "RED" and light(np.nextafter(RED_FROM, 0)) == "YELLOW"


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exceptions", "count", "level"), [(0, 250, 0.95), (5, 250, 0.99), (20, 250, 0.95), (3, 40, 0.9)]
)
def test_kupiec_is_the_likelihood_ratio_of_two_binomials(exceptions: int, count: int, level: float) -> None:
    """scipy's binomial at the supposed and at the found rate; the coefficient cancels."""
    found = backtest(*days(hits(exceptions, count)), level)
    supposed = stats.binom.logpmf(exceptions, count, 1 - level)
    own = stats.binom.logpmf(exceptions, count, exceptions / count)
    assert found.coverage.statistic == pytest.approx(2 * (own - supposed), rel=1e-9)
    assert found.coverage.p == pytest.approx(stats.chi2.sf(found.coverage.statistic, 1), rel=1e-12)
    assert found.expected == pytest.approx(count * (1 - level))


@pytest.mark.parametrize(("level", "first", "last"), [(0.95, 7, 20), (0.975, 3, 11), (0.99, 1, 6)])
def test_kupiec_does_not_reject_where_his_table_does_not(level: float, first: int, last: int) -> None:
    """Kupiec 1995, table 3, 255 sessions, at 95 % confidence: 6 < N < 21 at 5 %, 2 < N < 12 at 2.5 %, N < 7 at 1 %.

    At 1 % the table leaves the lower end open; the ratio itself rejects none at all (5.13 against 3.84).
    """
    found = [backtest(*days(hits(n, 255)), level, 255).coverage.p for n in range(40)]
    assert [n for n, p in enumerate(found) if p is not None and p > 0.05] == list(range(first, last + 1))


def test_christoffersen_by_its_transition_counts() -> None:
    """By hand from the four counts, on a run of clusters."""
    marks = ([0] * 20 + [1, 1, 1] + [0] * 17) * 3
    found = backtest(*days(marks), 0.95)
    n = {(a, b): sum(1 for x in pairwise(marks) if x == (a, b)) for a in (0, 1) for b in (0, 1)}
    rate = (n[0, 1] + n[1, 1]) / sum(n.values())
    after_none, after_one = n[0, 1] / (n[0, 0] + n[0, 1]), n[1, 1] / (n[1, 0] + n[1, 1])
    one = (n[0, 0] + n[1, 0]) * log(1 - rate) + (n[0, 1] + n[1, 1]) * log(rate)
    two = (
        n[0, 0] * log(1 - after_none)
        + n[0, 1] * log(after_none)
        + n[1, 0] * log(1 - after_one)
        + n[1, 1] * log(after_one)
    )
    assert found.independence.statistic == pytest.approx(2 * (two - one), rel=1e-9)
    assert found.independence.p == pytest.approx(stats.chi2.sf(2 * (two - one), 1), rel=1e-9)
    assert found.independence.p is not None and found.independence.p < 1e-4, "they cluster"
    assert found.coverage.statistic is not None and found.both.statistic is not None
    assert found.both.statistic == pytest.approx(found.coverage.statistic + 2 * (two - one), rel=1e-9)
    assert found.both.p == pytest.approx(stats.chi2.sf(found.both.statistic, 2), rel=1e-9)


def test_pairs_across_a_session_that_was_not_compared_are_no_pairs() -> None:
    forecasts, losses = days([0, 1, 1, 0] * 10)
    forecasts[2::4] = np.nan  # each exception's follower is unknown: none follows another
    found = backtest(forecasts, losses, 0.95)
    assert (found.sessions, found.unknown, found.exceptions) == (30, 10, 10)
    assert (found.independence.p, found.independence.reason) == (None, "NO_SESSION_AFTER_AN_EXCEPTION")
    assert found.both.p is None and found.coverage.p is not None


@pytest.mark.parametrize(
    ("marks", "reason"), [([0] * 30, "NO_SESSION_AFTER_AN_EXCEPTION"), ([1] * 30, "NO_SESSION_AFTER_NONE")]
)
def test_one_kind_of_session_says_nothing_of_independence(marks: list[int], reason: str) -> None:
    found = backtest(*days(marks), 0.95)
    assert (found.independence.p, found.both.p, found.independence.reason) == (None, None, reason)
    assert found.coverage.p is not None and np.isfinite(found.coverage.p)


# --- what is compared -------------------------------------------------------------------------------------------------


def test_only_a_session_that_could_fail_is_compared() -> None:
    """Unknown forecast, unknown return, empty book: neither successes nor exceptions, each counted."""
    forecasts, losses = days([1] * 3 + [0] * 27)
    forecasts[:3], losses[3], forecasts[4], losses[4] = (np.nan, np.inf, 0.0), np.nan, 0.0, 0.5
    found = backtest(forecasts, losses, 0.95)
    assert (found.sessions, found.unknown, found.idle, found.exceptions) == (25, 3, 2, 0)


def test_the_newest_sessions_count_and_older_ones_do_not() -> None:
    forecasts, losses = days([1] * 50 + [0] * SESSIONS)
    forecasts[10], forecasts[100] = np.nan, np.nan
    found = backtest(forecasts, losses, 0.95)
    assert (found.sessions, found.exceptions, found.unknown) == (SESSIONS, 1, 1)


@pytest.mark.parametrize(("count", "known"), [(0, False), (19, False), (20, True)])
def test_no_light_where_one_exception_is_not_even_expected(count: int, known: bool) -> None:
    """One session without an exception is 95 % likely, which is where yellow begins: no light from it."""
    found = backtest(*days([0] * count), 0.95)
    assert (found.light is not None) == known and (found.coverage.p is not None) == known
    assert found.reason == ("" if known else f"TOO_FEW_SESSIONS:{count}")


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan")])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        backtest(*days([0] * 30), level)
    with pytest.raises(ValueError, match="losses"):
        backtest(np.ones(3), np.ones(4), 0.95)


# --- worlds whose tails are known -------------------------------------------------------------------------------------


def test_the_var_of_a_normal_world_is_green_and_of_a_world_turned_fat_is_not() -> None:
    """1,000 histories, then 250 sessions each: of the same normal law as many are yellow as the rule itself says.

    Of Student's law with three degrees of freedom and twice the scale, unforeseen, none stays green.
    """
    rng = np.random.default_rng(20261126)
    seen: dict[str, list[str | None]] = {"normal": [], "fat": []}
    rejected = 0
    for _ in range(1000):
        var, _ = tail(-rng.standard_normal(20_000), 0.95)
        calm = backtest(np.full(SESSIONS, var), -rng.standard_normal(SESSIONS), 0.95)
        wild = backtest(np.full(SESSIONS, var), -2 * rng.standard_t(3, SESSIONS), 0.95)
        seen["normal"].append(calm.light)
        seen["fat"].append(wild.light)
        rejected += calm.coverage.p is not None and calm.coverage.p < 0.05
    above = stats.binom.sf(17, 250, 0.05)
    assert seen["normal"].count("GREEN") == pytest.approx(1000 * (1 - above), abs=30)
    assert seen["normal"].count("RED") <= 3
    assert rejected == pytest.approx(50, abs=30), "Kupiec's test has the size it claims"
    assert seen["fat"].count("RED") > 900 and seen["fat"].count("GREEN") == 0
