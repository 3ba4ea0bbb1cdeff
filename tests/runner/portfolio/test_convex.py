"""The convex allocator: the auction's constraints, the Kelly objective, and no increase where there is no optimum."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.covariance import ledoit_wolf as sklearn_ledoit_wolf

from runner.models import parameters_from
from runner.portfolio import convex
from runner.portfolio.auction import Caps
from runner.portfolio.convex import ConvexParameters, Market, QuantExtraMissing, award, ledoit_wolf
from runner.risk.measures import History, tail
from runner.stages import stages
from tests.conftest import ROOT
from tests.runner.world import account, altered, config, decision, market

GOLDEN = config()
CAPS = parameters_from(Caps, GOLDEN.auction)
WIDE = Caps(10.0, 10.0, 10.0, 10.0, 10.0)
PARAMETERS = parameters_from(ConvexParameters, GOLDEN.meta_brain, GOLDEN.auction, GOLDEN.risk, GOLDEN.fund)
FREE = replace(PARAMETERS, turnover_cap=10.0, cvar_decision=1.0, min_change=0.0)


def returns(count, seed=1, scale=0.015, sessions=500):
    generator = np.random.default_rng(seed)
    common = generator.standard_t(5, sessions)[:, None] * scale * 0.6
    return common * generator.uniform(0.5, 1.5, count) + generator.standard_t(5, (sessions, count)) * scale * 0.6


def known(daily, reason=""):
    return History(np.arange(daily.shape[1]), daily, (), {}, reason)


def asked(
    requests, mu=None, caps=CAPS, parameters=PARAMETERS, daily=None, sectors=None, fixed=None, held=None, **changes
):
    """The award for these bids; a sector each, nothing held, unless said."""
    requests = np.array(requests, dtype=float)
    count = len(requests)
    daily = returns(count) if daily is None else daily
    mu = np.sign(requests) * 0.03 if mu is None else np.array(mu, dtype=float)
    one = Market(np.zeros(count) if held is None else np.array(held), mu, known(daily), 0.0)
    return award(
        requests, np.argsort(-np.abs(requests), kind="stable"), tuple(sectors or map(str, range(count))),
        np.zeros(count) if fixed is None else np.array(fixed, dtype=float), caps, replace(one, **changes), parameters,
    )  # fmt: skip


# --- the objective ----------------------------------------------------------------------------------------------------


def test_without_constraint_the_answer_is_fractional_kelly_in_closed_form():
    daily, kelly = returns(6), np.array([0.3, 0.05, 0.2, 0.1, 0.4, 0.15])
    mu = ledoit_wolf(daily)[0] * 252 @ kelly / 0.3
    got = asked([5.0] * 6, mu, WIDE, FREE, daily)
    assert got.weights == pytest.approx(kelly, abs=1e-6)
    assert set(got.bound) == {"CONVEX_RISK"}


def test_of_one_name_it_is_the_kelly_weight_of_d1():
    daily = returns(1)
    variance = float(np.var(daily)) * 252
    got = asked([5.0], [0.02], WIDE, FREE, daily)
    assert got.weights[0] == pytest.approx(0.3 * 0.02 / variance, abs=1e-6)
    assert asked([0.01], [0.02], WIDE, FREE, daily).weights[0] == pytest.approx(0.01)


@pytest.mark.parametrize("seed", range(6))
def test_with_every_constraint_it_is_what_an_independent_solver_finds(seed):
    """scipy's SLSQP from the award and from nothing: neither is better by more than its tolerance."""
    generator = np.random.default_rng(seed)
    count = 8
    daily, sectors = returns(count, seed), tuple(generator.choice(list("ABC"), count))
    side = generator.choice([-1.0, 1.0], count, p=[0.3, 0.7])
    mu, requests = side * generator.uniform(0.01, 0.08, count), side * generator.uniform(0.02, 0.3, count)
    fixed = np.zeros(count)
    fixed[0] = 0.04
    free = replace(FREE, turnover_cap=0.3)
    got = asked(requests, mu, CAPS, free, daily, sectors, fixed)
    shrunk = ledoit_wolf(daily[:, 1:])[0] * 252
    centred = daily - daily.mean(axis=0)
    cross = centred[:, 1:].T @ centred[:, 0] / len(daily) * 252 * 0.04

    def cost(sizes):
        book = side[1:] * sizes
        return -(mu[1:] @ book - (book @ shrunk @ book + 2 * cross @ book) / 0.6)

    def rooms(sizes):
        book = np.append(0.04, side[1:] * sizes)
        sector = [0.15 - np.abs(book[[s == name for s in sectors]]).sum() for name in "ABC"]
        return [0.6 - np.maximum(book, 0).sum(), 0.4 - np.maximum(-book, 0).sum(), 1 - np.abs(book).sum(),
                0.3 - sizes.sum(), *sector]  # fmt: skip

    most = np.minimum(np.abs(requests[1:]), 0.10)
    mine = np.abs(got.weights[1:])
    assert min(rooms(mine)) >= -1e-8
    for start in (np.zeros(count - 1), mine):
        other = minimize(cost, start, bounds=[(0, cap) for cap in most], constraints={"type": "ineq", "fun": rooms},
                         options={"ftol": 1e-12, "maxiter": 500})  # fmt: skip
        assert other.success
        assert cost(mine) <= other.fun + 1e-7
        assert mine == pytest.approx(other.x, abs=2e-3)


def test_a_hedged_pair_is_granted_more_than_two_names_that_move_together():
    generator = np.random.default_rng(3)
    base = generator.normal(0, 0.02, 500)
    alike = np.column_stack([base + generator.normal(0, 0.002, 500) for _ in range(2)])
    together = asked([1.0, 1.0], [0.03, 0.03], WIDE, FREE, alike).weights
    hedged = asked([1.0, -1.0], [0.03, -0.03], WIDE, FREE, alike).weights
    assert np.abs(hedged).sum() > 3 * np.abs(together).sum()


# --- the constraints --------------------------------------------------------------------------------------------------


def test_the_decision_limit_on_cvar_holds_exactly_where_it_binds_and_costs_nothing_where_not():
    daily = returns(6, scale=0.05)
    requests, mu = [0.5] * 6, [2.0] * 6
    loose = asked(requests, mu, WIDE, FREE, daily)
    unbound = tail(-(daily @ loose.weights), 0.95)[1]
    tight = asked(requests, mu, WIDE, replace(FREE, cvar_decision=unbound / 2), daily)
    assert tail(-(daily @ tight.weights), 0.95)[1] == pytest.approx(unbound / 2, rel=1e-5)
    assert set(tight.bound) <= {"CVAR_DECISION", ""}
    assert "CVAR_DECISION" in tight.bound
    same = asked(requests, mu, WIDE, replace(FREE, cvar_decision=unbound * 1.01), daily)
    assert np.array_equal(same.weights, loose.weights)


def test_the_binding_constraint_is_recorded():
    assert asked([0.3], [0.5]).bound == ("CAP_NAME",)
    assert asked([0.1, 0.1], [0.5, 0.4], sectors="AA").bound[1] == "CAP_SECTOR"
    long = asked([0.1] * 8, [0.5] * 8, parameters=FREE)
    assert long.weights.sum() == pytest.approx(0.6)
    assert set(long.bound) <= {"CAP_LONG", ""}
    short = asked([-0.1] * 8, [-0.5] * 8, parameters=FREE)
    assert short.weights.sum() == pytest.approx(-0.4)
    assert "CAP_SHORT" in short.bound
    slow = asked([0.1] * 4, [0.5] * 4)
    assert slow.weights.sum() == pytest.approx(0.2)
    assert "CAP_TURNOVER" in slow.bound


def test_turnover_counts_what_is_used_what_is_held_and_a_known_scale():
    assert asked([0.1] * 4, [0.5] * 4, used=0.15).weights.sum() == pytest.approx(0.05)
    held = [0.1, 0.1, 0.0, 0.0]
    assert asked([0.1] * 4, [0.5] * 4, held=held, used=0.15).weights.sum() == pytest.approx(0.25, abs=0.01)
    assert asked([0.1] * 4, [0.5] * 4, scale=0.5, used=0.15).weights.sum() == pytest.approx(0.10)


def test_a17_a_held_name_is_not_moved_by_less_than_the_band():
    held = [0.05, 0.05]
    got = asked([0.055, 0.08], [0.5, 0.5], held=held)
    assert got.weights[0] == 0.05
    assert got.weights[1] == pytest.approx(0.08)


books = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        st.lists(st.floats(-0.4, 0.4).map(lambda x: round(x, 4)), min_size=count, max_size=count),
        st.lists(st.floats(-0.12, 0.12).map(lambda x: round(x, 4)), min_size=count, max_size=count),
        st.lists(st.sampled_from("ABCD"), min_size=count, max_size=count),
        st.lists(st.booleans(), min_size=count, max_size=count),
        st.floats(0, 0.25),
        st.integers(0, 9),
    )
)


@settings(max_examples=60, deadline=None)
@given(books)
def test_no_award_breaks_a_constraint_and_none_is_more_than_was_asked(one):
    requests, held, sectors, stays, used, seed = one
    held, stays = np.array(held), np.array(stays)
    fixed = np.where(stays, held, 0.0)
    got = asked(requests, None, CAPS, PARAMETERS, returns(len(requests), seed), sectors, fixed, held, used=used)
    book, sector = got.weights, np.array(sectors)
    assert np.array_equal(book[fixed != 0], held[fixed != 0])
    free = np.where(fixed != 0, 0.0, book)
    assert (np.abs(free) <= np.abs(requests) + 1e-12).all()
    assert (np.sign(free) * np.sign(requests) >= 0).all()
    assert np.abs(free).max() <= CAPS.name_cap
    for part, cap in (
        (lambda w: np.maximum(w, 0), CAPS.long_cap),
        (lambda w: np.maximum(-w, 0), CAPS.short_cap),
        (np.abs, CAPS.gross_cap),
        *((lambda w, name=name: np.abs(w[sector == name]), CAPS.sector_cap) for name in set(sectors)),
    ):
        assert part(book).sum() <= max(cap, part(fixed).sum()) + 1e-12
    for i in np.flatnonzero((np.abs(free) < np.abs(requests) - 1e-6) & (fixed == 0)):
        assert got.bound[i]


# --- fails closed -----------------------------------------------------------------------------------------------------


def test_an_infeasible_programme_grants_no_increase_and_says_so():
    """A fixed name alone is beyond the CVaR limit: nothing may grow, and what is held may still shrink."""
    daily = returns(4, scale=0.05)
    got = asked(
        [0.0, 0.1, 0.02, -0.03], None, CAPS, replace(PARAMETERS, cvar_decision=0.001), daily,
        fixed=[0.10, 0, 0, 0], held=[0.10, 0.05, 0.05, 0.05],
    )  # fmt: skip
    assert got.weights.tolist() == [0.10, 0.05, 0.02, 0.0]
    assert got.bound == ("", "ALLOCATOR_INFEASIBLE", "", "ALLOCATOR_INFEASIBLE")


def test_an_inaccurate_answer_or_a_solver_s_error_is_no_answer(monkeypatch):
    import cvxpy

    def inaccurate(self, **options):
        self._status = cvxpy.OPTIMAL_INACCURATE
        for variable in self.variables():
            variable.value = np.full(variable.shape, 0.05)

    monkeypatch.setattr(cvxpy.Problem, "solve", inaccurate)
    assert asked([0.1, 0.1], held=[0.04, 0.0]).bound == ("ALLOCATOR_OPTIMAL_INACCURATE",) * 2

    def broken(self, **options):
        raise cvxpy.error.SolverError("no")

    monkeypatch.setattr(cvxpy.Problem, "solve", broken)
    got = asked([0.1, 0.1], held=[0.04, 0.0])
    assert got.weights.tolist() == [0.04, 0.0]
    assert got.bound == ("ALLOCATOR_ERROR",) * 2


def test_too_little_history_a_name_without_one_or_without_a_view_grants_no_increase():
    daily = returns(2)
    for changes in ({"known": known(daily, "TOO_FEW_SESSIONS:3")}, {"known": known(daily[:, :1])}):
        got = asked([0.0, 0.1], fixed=[0.05, 0.0], held=[0.05, 0.02], **changes)
        assert got.weights.tolist() == [0.05, 0.02]
        assert got.bound[1] == "ALLOCATOR_NO_HISTORY"
    alone = asked([0.05, 0.1], [0.5, np.nan], held=[0.0, 0.02])
    assert alone.weights == pytest.approx([0.05, 0.02])
    assert alone.bound == ("", "ALLOCATOR_NO_HISTORY")


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_i17_a_bid_or_a_fixed_weight_that_is_no_number_is_granted_nothing(poison):
    assert asked([poison, 0.05], [0.5, 0.5]).bound == ("CAP_UNKNOWN", "")
    assert asked([0.0, 0.05], fixed=[poison, 0.0]).weights[1] == 0.0


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(QuantExtraMissing, match=r"mini-quant-fund\[quant\]"):
        asked([0.1])


def test_nothing_asked_needs_no_programme(monkeypatch):
    monkeypatch.setattr(convex._Programme, "solve", None)
    assert asked([0.0, 0.0]).weights.tolist() == [0.0, 0.0]


# --- covariance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sessions", "count"), [(500, 8), (60, 40), (40, 60), (3, 1), (2, 5)])
def test_ledoit_wolf_is_scikit_learn_s(sessions, count):
    daily = returns(count, seed=count, sessions=sessions)
    theirs, intensity = sklearn_ledoit_wolf(daily)
    ours, own = ledoit_wolf(daily)
    assert own == pytest.approx(intensity, rel=1e-9, abs=1e-12)
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-18)


def test_ledoit_wolf_of_constant_returns_and_of_none():
    assert ledoit_wolf(np.full((5, 2), 0.01))[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(ValueError, match="0 x 2"):
        ledoit_wolf(np.empty((0, 2)))


# --- in the stages ----------------------------------------------------------------------------------------------------

CONVEX = altered(GOLDEN, auction={"allocator": "convex"})


def test_the_configuration_chooses_and_the_auction_is_the_default():
    assert GOLDEN.auction.allocator == "auction"
    panel, inputs = market(24)
    plain, other = stages(panel, inputs, account(), GOLDEN), stages(panel, inputs, account(), CONVEX)
    assert other.halt_layer is None
    assert other.intents
    assert other.intents != plain.intents
    assert other.risk_state.gross <= 0.2 + 1e-9
    for one in other.decisions:
        assert abs(one.position_size) <= GOLDEN.auction.name_cap
    assert any("CAP_TURNOVER" in decision(other, intent.symbol).reason_codes for intent in other.intents)


PROGRAM = """
import hashlib
from dataclasses import asdict
from runner.stages import stages
from tests.runner.portfolio.test_convex import CONVEX
from tests.runner.world import account, market
panel, inputs = market(24)
print(hashlib.sha256(repr(asdict(stages(panel, inputs, account(), CONVEX))).encode()).hexdigest())
"""


def test_the_same_input_gives_the_same_bytes_in_another_process():
    runs = [subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    assert runs[0].stdout == runs[1].stdout != ""
