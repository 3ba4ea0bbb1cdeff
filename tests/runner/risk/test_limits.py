"""Every limit at, below and above its threshold; unknown numbers breach; CVaR by trade against re-simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runner.models import Regime, parameters_from
from runner.risk import limits, regimes
from runner.risk.limits import (
    Book,
    Figure,
    LimitParameters,
    Trades,
    breaker,
    cvar_by_trade,
    evaluate,
    passes,
    rejection,
    scalars,
    soft_rows,
    stress_scale,
)
from runner.risk.measures import EMPTY_BOOK, History, Measure, MeasureParameters, book_measure, history, measure
from tests.runner.world import config

GOLDEN = config()
PARAMETERS = parameters_from(LimitParameters, GOLDEN.auction, GOLDEN.risk, GOLDEN.breakers, GOLDEN.regimes)
MEASURES = parameters_from(MeasureParameters, GOLDEN.risk)


def figures(var: float | None, cvar: float | None) -> Measure:
    return Measure(var, cvar, var, cvar, 1000, "" if var is not None else "TOO_FEW_SESSIONS:9")


def book(target, **changes) -> Book:
    target = np.array(target, dtype=float)
    plain = Book(
        symbols=tuple(f"S{i}" for i in range(len(target))),
        sectors=tuple("AB"[i % 2] for i in range(len(target))),
        target=target,
        bound=("",) * len(target),
        turnover=0.1,
        turnover_wished=0.1,
        measure=figures(0.01, 0.02),
        drawdown=0.0,
        window=False,
        volatility=Figure(0.1),
        correlation=Figure(0.3),
        stress={"crash": Figure(0.05), "rally": Figure(-0.02)},
        may_return=True,
    )
    return replace(plain, **changes)


def trades(target, held=None) -> Trades:
    target = np.array(target, dtype=float)
    return Trades(
        symbols=tuple(f"S{i}" for i in range(len(target))),
        held=np.zeros(len(target)) if held is None else np.array(held, dtype=float),
        target=target,
        order=np.arange(len(target)),
        exempt=np.zeros(len(target), bool),
    )


#: The figures of a book of nothing.
EMPTY = {
    "volatility": Figure(0.0),
    "correlation": Figure(0.0, "EMPTY_BOOK"),
    "stress": {"crash": Figure(0.0)},
}


def rows(given: Book, name: str):
    return [row for row in evaluate(given, PARAMETERS) if row.limit_name == name]


def test_the_list_holds_each_limit_once_and_every_one_gives_a_row():
    names = [limit.name for limit in limits.LIMITS]
    assert len(names) == len(set(names))
    assert {row.limit_name for row in evaluate(book([0.1, -0.1]), PARAMETERS)} == set(names)


def test_an_empty_book_is_evaluated_against_every_limit():
    checks = evaluate(book([0.0, 0.0], turnover=0.0, turnover_wished=0.0, measure=EMPTY_BOOK, **EMPTY), PARAMETERS)
    assert [row.limit_name for row in checks] == [limit.name for limit in limits.LIMITS]
    assert {(row.action, row.observed) for row in checks} == {("ALLOW", 0.0)}


def test_a_clean_book_is_allowed_on_every_row():
    checks = evaluate(book([0.1, -0.1]), PARAMETERS)
    assert {row.action for row in checks} == {"ALLOW"}
    assert scalars(checks).limit == 1.0
    assert rejection(checks) == ""


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf"), float("-inf")])
def test_i17_an_unknown_number_breaches_every_measured_limit(unknown):
    assert not passes(unknown, 1.0)
    assert not passes(0.5, float("nan"))
    for name, given in (
        ("var", book([0.1], measure=figures(unknown, 0.01))),
        ("cvar_hard", book([0.1], measure=figures(0.01, unknown))),
        ("drawdown", book([0.1], drawdown=unknown)),
        ("volatility", book([0.1], volatility=Figure(unknown, "WHY"))),
        ("correlation", book([0.1], correlation=Figure(unknown, "" if unknown is not None else "WHY"))),
        ("stress", book([0.1], stress={"crash": Figure(unknown, "WHY")})),
    ):
        (row,) = rows(given, name)
        assert (row.action, row.observed, row.binding) == ("REJECT", None, True)
        assert rejection(evaluate(given, PARAMETERS)) == row.reason


@pytest.mark.parametrize("target", [[np.nan, 0.1], [np.inf, 0.1]])
def test_i17_an_unknown_weight_rejects_exposures(target):
    assert rejection(evaluate(book(target), PARAMETERS)) == "EXPOSURE_UNKNOWN"


@pytest.mark.parametrize(("name", "limit"), [("var", 0.04), ("cvar_hard", 0.06)])
def test_measures_scale_above_the_limit_only(name, limit):
    for observed, action, factor in (
        (np.nextafter(limit, 0), "ALLOW", 1.0),
        (limit, "ALLOW", 1.0),
        (np.nextafter(limit, 1), "SCALE", limit / np.nextafter(limit, 1)),
        (2 * limit, "SCALE", 0.5),
    ):
        both = {"var": 0.01, "cvar_hard": 0.02} | {name: float(observed)}
        (row,) = rows(book([0.1], measure=figures(both["var"], both["cvar_hard"])), name)
        assert (row.action, row.factor) == (action, pytest.approx(factor))


def test_a15_scalars_stack_by_their_minimum():
    checks = evaluate(book([0.6, 0.6, -0.4], measure=figures(0.08, 0.08)), PARAMETERS)
    factors = {row.limit_name: row.factor for row in checks if row.factor < 1}
    assert factors == {"gross": pytest.approx(1 / 1.6), "var": 0.5, "cvar_hard": pytest.approx(0.75)}
    assert scalars(checks).limit == 0.5


@pytest.mark.parametrize(
    ("drawdown", "open_window", "action"),
    [(0.18, False, "ALLOW"), (np.nextafter(0.18, 1), False, "REJECT"), (0.05, True, "REJECT"), (0.0, False, "ALLOW")],
)
def test_a6_drawdown_rejects_above_the_limit_and_while_the_window_is_open(drawdown, open_window, action):
    (row,) = rows(book([0.1], drawdown=float(drawdown), window=open_window), "drawdown")
    assert row.action == action


def test_what_is_held_over_a_cap_and_not_ours_to_cut_stops_increases():
    (row,) = rows(book([0.7]), "long")
    assert (row.action, row.reason) == ("REJECT", "HELD_OVER_CAP")
    (row,) = rows(book([0.2, 0.0]), "sector")
    assert (row.scope, row.action) == ("sector:A", "REJECT")


def test_a_cap_that_cut_a_bid_is_a_binding_row():
    given = book([0.1, 0.05], bound=("CAP_NAME", "CAP_SECTOR"))
    assert [(r.symbol, r.action) for r in rows(given, "name_concentration")] == [("S0", "SCALE"), ("S1", "ALLOW")]
    assert [(r.scope, r.binding) for r in rows(given, "sector")] == [("sector:A", False), ("sector:B", True)]


# --- boundaries -------------------------------------------------------------------------------------------------------


def around(threshold: float) -> list[tuple[float, bool]]:
    """The threshold's two neighbours and itself, and whether each passes."""
    return [(float(np.nextafter(threshold, -1)), True), (threshold, True), (float(np.nextafter(threshold, 9)), False)]


#: Limit to its threshold and a book that shows it a number. Exposure caps are sums, which err by ROUNDING, so their
#: neighbours are that far apart (`passes` has the slack); measured figures are compared to the last bit.
MEASURED = {
    "var": (0.04, lambda x: book([0.1], measure=figures(x, x))),
    "cvar_hard": (0.06, lambda x: book([0.1], measure=figures(0.01, x))),
    "drawdown": (0.18, lambda x: book([0.1], drawdown=x)),
    "volatility": (0.3, lambda x: book([0.1], volatility=Figure(x))),
    "correlation": (0.7, lambda x: book([0.1], correlation=Figure(x))),
    "stress": (0.25, lambda x: book([0.1], stress={"crash": Figure(x)})),
}


@pytest.mark.parametrize("name", MEASURED)
def test_a_measured_limit_passes_at_its_threshold_and_breaches_one_ulp_above(name):
    threshold, showing = MEASURED[name]
    for observed, within in around(threshold):
        (row,) = rows(showing(observed), name)
        assert row.threshold == threshold
        assert (row.action == "ALLOW") is within
        assert row.binding is not within


EXPOSED = {
    "name_concentration": (0.10, lambda x: book([x])),
    "sector": (0.15, lambda x: book([0.1, 0.0, x - 0.1])),
    "long": (0.6, lambda x: book([x])),
    "short": (0.4, lambda x: book([-x])),
    "gross": (1.0, lambda x: book([x / 2, -x / 2])),
    "turnover": (0.2, lambda x: book([0.1], turnover=x, turnover_wished=x)),
}


@pytest.mark.parametrize("name", EXPOSED)
def test_an_exposure_cap_passes_at_its_threshold_and_breaches_beyond_rounding(name):
    threshold, showing = EXPOSED[name]
    for observed, within in ((threshold - 1e-9, True), (threshold, True), (threshold + 1e-9, False)):
        (row, *_) = rows(showing(observed), name)
        assert row.threshold == threshold
        assert (row.action == "ALLOW") is within


def test_every_limit_has_a_boundary_here():
    assert {*MEASURED, *EXPOSED} == {limit.name for limit in limits.LIMITS}


# --- stress, soft scalars, breaker ------------------------------------------------------------------------------------


def test_a13_stress_scales_on_the_one_return_and_rejects_after_it():
    deep = book([0.1], stress={"crash": Figure(0.5), "rally": Figure(0.4)})
    checks = evaluate(deep, PARAMETERS)
    assert [(r.scope, r.action, r.factor) for r in checks if r.limit_name == "stress"] == [
        ("scenario:crash", "SCALE", 0.5),
        ("scenario:rally", "SCALE", pytest.approx(0.625)),
    ]
    assert stress_scale(checks) == 0.5
    assert scalars(checks).limit == 1.0
    assert rejection(checks) == ""
    again = evaluate(replace(deep, may_return=False), PARAMETERS)
    assert stress_scale(again) == 1.0
    assert rejection(again) == "STRESS"


def test_no_scenario_at_all_is_unknown_and_rejects():
    assert rejection(evaluate(book([0.1], stress={}), PARAMETERS)).startswith("STRESS_UNKNOWN")


def test_a14_too_few_names_is_no_breach_and_says_so():
    (row,) = rows(book([0.1], correlation=Figure(0.0, "TOO_FEW_NAMES")), "correlation")
    assert (row.action, row.factor, row.reason) == ("ALLOW", 1.0, "TOO_FEW_NAMES")


def regime(name: str, probability: float | None = 0.5) -> Regime:
    return Regime(name, "hmm", probability, 0.5, "", False, regimes.initial())


def soft(name="BULL_QUIET", drawdown=0.0, ramp=1.0, tail=0.0) -> list:
    return soft_rows(regime(name), drawdown, ramp, Figure(tail, "WHY" if tail is None else ""), PARAMETERS)


@pytest.mark.parametrize(
    ("name", "factor"), [("BULL_QUIET", 1.0), ("BULL_VOLATILE", 0.7), ("BEAR_QUIET", 0.5), ("UNCERTAIN", 0.5)]
)
def test_c4_a_regime_is_a_soft_factor(name, factor):
    assert scalars(soft(name)).soft == factor
    assert rejection(soft(name)) == ""


def test_c6_a_crisis_is_no_factor_and_stops_every_increase():
    assert scalars(soft("BEAR_CRISIS")).soft == 1.0
    assert rejection(soft("BEAR_CRISIS")) == "REGIME_BEAR_CRISIS"


def test_a15_soft_scalars_multiply_once_outside_the_minimum():
    checks = evaluate(book([0.1], measure=figures(0.05, 0.08)), PARAMETERS)
    checks += soft("BULL_VOLATILE", drawdown=0.1, ramp=0.4, tail=0.2)
    found = scalars(checks)
    assert found.limit == pytest.approx(min(0.04 / 0.05, 0.06 / 0.08))
    assert found.soft == pytest.approx(0.7 * np.exp(-0.5) * 0.4 * 0.5)


def test_e3_a_tail_is_fat_above_its_shape_and_unknown_counts_as_fat():
    for shape, within in around(PARAMETERS.fat_tail_shape):
        assert (scalars(soft(tail=shape)).soft == 1.0) is within
    assert scalars(soft(tail=None)).soft == 0.5


def test_an_unknown_drawdown_rejects_increases_and_sells_nothing():
    checks = soft(drawdown=None)
    assert scalars(checks).soft == 1.0
    assert rejection(checks) == "DRAWDOWN_UNKNOWN"


@pytest.mark.parametrize(
    ("var", "volatility", "drawdown", "tier", "action"),
    [
        (0.04, 0.3, 0.18, 0, "ALLOW"),
        (np.nextafter(0.04, 1), 0.3, 0.9, 1, "SCALE"),
        (0.06, 0.3, 0.9, 1, "SCALE"),
        (np.nextafter(0.06, 1), 0.3, 0.9, 2, "SCALE"),
        (0.01, np.nextafter(0.3, 1), 0.18, 2, "SCALE"),
        (0.01, np.nextafter(0.3, 1), np.nextafter(0.18, 1), 3, "FREEZE"),
        (0.01, None, 0.9, 3, "FREEZE"),
        (0.01, 0.9, None, 3, "FREEZE"),
        (0.01, None, 0.1, None, "REJECT"),
        (None, 0.1, 0.1, None, "REJECT"),
    ],
)
def test_b2_b4_the_breaker_s_tier(var, volatility, drawdown, tier, action):
    given = book(
        [0.1],
        measure=figures(None if var is None else float(var), 0.02),
        volatility=Figure(None if volatility is None else float(volatility), "WHY"),
        drawdown=None if drawdown is None else float(drawdown),
    )
    checks = evaluate(given, PARAMETERS)
    row = breaker(checks, PARAMETERS)
    assert (row.observed, row.action) == (tier, action)


def test_b3_tier_two_never_loosens_what_the_soft_scalars_leave():
    checks = evaluate(book([0.1], volatility=Figure(0.4)), PARAMETERS)
    tripped = breaker(checks, PARAMETERS)
    assert scalars([*checks, *soft(), tripped]).soft == 0.25
    assert scalars([*checks, *soft(drawdown=0.5), tripped]).soft == pytest.approx(np.exp(-2.5))
    assert scalars([*checks, *soft(), tripped]).shrink_only


# --- CVaR by trade ----------------------------------------------------------------------------------------------------


def world(count: int = 6, scale_of: float = 0.02):
    matrix = np.random.default_rng(11).standard_t(4, (600, count)) * scale_of
    everything = np.ones(count, bool)
    known = history(matrix, everything, everything, everything, ("A",) * count, np.ones(count), None, MEASURES)
    return matrix, known


def trade(given: Trades, known, order, exempt=None, limit=0.05):
    given = replace(given, order=np.array(order), exempt=given.exempt if exempt is None else np.array(exempt))
    return cvar_by_trade(given, known, replace(PARAMETERS, cvar_decision=limit), MEASURES)


def test_a12b_each_figure_is_the_re_simulated_book_in_auction_order():
    _, known = world()
    given = trades([0.3, 0.2, 0.0, -0.1, 0.1, 0.05], held=[0.1, 0.3, 0.1, 0.0, 0.1, 0.0])
    checks, refused = trade(given, known, [5, 4, 3, 2, 1, 0], limit=9.0)
    assert refused == {}
    assert [row.symbol for row in checks] == ["S2", "S1", "S5", "S3", "S0"]
    weights = given.held.copy()
    for row in checks:
        i = int(row.symbol[1:])
        weights[i] = given.target[i]
        assert row.observed == pytest.approx(book_measure(weights, known, MEASURES).cvar, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_a12b_trades_measured_in_batches_are_those_measured_one_by_one_to_the_bit(seed):
    """150 trades, names without history among them, under a limit that refuses some: the plain loop says the same."""
    generator = np.random.default_rng(seed)
    count = 150
    matrix, held = generator.standard_t(4, (400, count)) * 0.02, generator.normal(0, 0.03, count)
    held = np.where(generator.random(count) < 0.5, 0.0, held)
    target = np.where(generator.random(count) < 0.2, 0.0, generator.normal(0, 0.03, count))
    names = np.flatnonzero((generator.random(count) < 0.97) | (held != 0))
    known = History(names, matrix[:, names], (), {}, "")
    given = trades(target.tolist(), held=held.tolist())
    order, exempt, limit = generator.permutation(count), generator.random(count) < 0.05, 0.012
    checks, refused = trade(given, known, order, exempt, limit)

    moves, shrinks = target - held, np.abs(target) < np.abs(held)
    running, before = known.returns @ held[names], book_measure(held, known, MEASURES).cvar
    expected, stopped = [], set()
    for i in sorted((i for i in order.tolist() if moves[i] != 0), key=lambda i: not shrinks[i]):
        at = np.flatnonzero(names == i)
        trial = running + moves[i] * known.returns[:, at[0]] if len(at) else running
        after = measure(trial, MEASURES).cvar if len(at) else None
        expected.append((given.symbols[i], after))
        passed = exempt[i] or (shrinks[i] and after is None)
        if passed or (after is not None and (after <= limit or after <= before)):
            running, before = trial, after
        else:
            stopped.add(i)
    assert [(row.symbol, row.observed) for row in checks] == expected
    assert set(refused) == stopped
    assert 5 < len(refused) < len(expected) - 5


def test_a12_a_trade_is_refused_above_the_limit_if_it_raises_cvar_and_others_go_on():
    _, known = world()
    given = trades([0.1, 0.9, 0.1, 0, 0, 0])
    checks, refused = trade(given, known, [0, 1, 2, 3, 4, 5], limit=0.015)
    assert refused == {1: "CVAR_DECISION"}
    by_symbol = {row.symbol: row for row in checks}
    assert (by_symbol["S1"].action, by_symbol["S1"].binding) == ("REJECT", True)
    without = book_measure(np.array([0.1, 0, 0.1, 0, 0, 0]), known, MEASURES)
    assert by_symbol["S2"].observed == pytest.approx(without.cvar)


def test_a12_a_trade_that_lowers_cvar_passes_above_the_limit():
    _, known = world()
    given = trades([0.5, 0.4, 0, 0, 0, 0], held=[0.9, 0.5, 0, 0, 0, 0])
    checks, refused = trade(given, known, range(6), limit=0.001)
    assert refused == {}
    assert {row.reason for row in checks} == {"LOWERS_CVAR"}


def test_an_exempt_trade_passes_and_is_a_row():
    matrix, known = world()
    hedge = np.array([0.5, -0.5, 0, 0, 0, 0])
    given = trades([0.5, 0.0, 0, 0, 0, 0], held=hedge)
    mirrored = replace(known, returns=np.column_stack([matrix[:, 0], matrix[:, 0], *matrix[:, 2:].T]))
    _, refused = trade(given, mirrored, range(6), limit=0.001)
    assert refused == {1: "CVAR_DECISION"}
    checks, refused = trade(given, mirrored, range(6), exempt=[False, True, False, False, False, False], limit=0.001)
    assert refused == {}
    assert checks[0].reason == "EXEMPT"


def test_closing_the_last_position_leaves_an_empty_book():
    _, known = world()
    checks, _ = trade(trades([0.0] * 6, held=[0.5, 0, 0, 0, 0, 0]), known, range(6), limit=0.001)
    assert checks[0].observed == EMPTY_BOOK.cvar
    both, _ = trade(trades([0.0] * 6, held=[0.5, -0.2, 0, 0, 0, 0]), known, range(6), limit=0.001)
    assert both[0].observed != 0
    assert both[1].observed == EMPTY_BOOK.cvar


def test_unknown_cvar_refuses_increases_and_lets_reductions_pass():
    matrix = np.random.default_rng(3).normal(0, 0.01, (100, 2))
    both = np.ones(2, bool)
    known = history(matrix, both, both, both, ("A", "A"), np.ones(2), None, MEASURES)
    checks, refused = trade(trades([0.1, 0.1], held=[0.2, 0.0]), known, [0, 1])
    assert refused == {1: "CVAR_UNKNOWN"}
    assert checks[1].reason.startswith("CVAR_UNKNOWN:TOO_FEW_SESSIONS")
