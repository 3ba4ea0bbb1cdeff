"""Every limit at, below and above its threshold; unknown numbers breach; CVaR by trade against re-simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runner.models import parameters_from
from runner.risk import limits
from runner.risk.limits import Book, LimitParameters, cvar_by_trade, evaluate, passes, rejection, scale
from runner.risk.measures import EMPTY_BOOK, Measure, MeasureParameters, book_measure, history
from tests.runner.world import config

GOLDEN = config()
PARAMETERS = parameters_from(LimitParameters, GOLDEN.auction, GOLDEN.risk)
MEASURES = parameters_from(MeasureParameters, GOLDEN.risk)


def figures(var: float | None, cvar: float | None) -> Measure:
    return Measure(var, cvar, var, cvar, 1000, "" if var is not None else "TOO_FEW_SESSIONS:9")


def book(target, held=None, **changes) -> Book:
    target = np.array(target, dtype=float)
    plain = Book(
        symbols=tuple(f"S{i}" for i in range(len(target))),
        sectors=tuple("AB"[i % 2] for i in range(len(target))),
        held=np.zeros(len(target)) if held is None else np.array(held, dtype=float),
        target=target,
        bound=("",) * len(target),
        turnover=0.1,
        turnover_wished=0.1,
        measure=figures(0.01, 0.02),
        drawdown=0.0,
        reject_open=False,
    )
    return replace(plain, **changes)


def rows(given: Book, name: str):
    return [row for row in evaluate(given, PARAMETERS) if row.limit_name == name]


def test_the_list_holds_each_limit_once_and_every_one_gives_a_row():
    names = [limit.name for limit in limits.LIMITS]
    assert len(names) == len(set(names))
    assert {row.limit_name for row in evaluate(book([0.1, -0.1]), PARAMETERS)} == set(names)


def test_an_empty_book_is_evaluated_against_every_limit():
    checks = evaluate(book([0.0, 0.0], turnover=0.0, turnover_wished=0.0, measure=EMPTY_BOOK), PARAMETERS)
    assert [row.limit_name for row in checks] == [limit.name for limit in limits.LIMITS]
    assert {(row.action, row.observed) for row in checks} == {("ALLOW", 0.0)}


def test_a_clean_book_is_allowed_on_every_row():
    checks = evaluate(book([0.1, -0.1]), PARAMETERS)
    assert {row.action for row in checks} == {"ALLOW"}
    assert scale(checks) == 1.0
    assert rejection(checks) == ""


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf"), float("-inf")])
def test_i17_an_unknown_number_breaches_every_measured_limit(unknown):
    assert not passes(unknown, 1.0)
    assert not passes(0.5, float("nan"))
    for name, given in (
        ("var", book([0.1], measure=figures(unknown, 0.01))),
        ("cvar_hard", book([0.1], measure=figures(0.01, unknown))),
        ("drawdown", book([0.1], drawdown=unknown)),
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
    assert scale(checks) == 0.5


@pytest.mark.parametrize(
    ("drawdown", "open_window", "action"),
    [(0.18, False, "ALLOW"), (np.nextafter(0.18, 1), False, "REJECT"), (0.05, True, "REJECT"), (0.0, False, "ALLOW")],
)
def test_a6_drawdown_rejects_above_the_limit_and_while_the_window_is_open(drawdown, open_window, action):
    (row,) = rows(book([0.1], drawdown=float(drawdown), reject_open=open_window), "drawdown")
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


# --- CVaR by trade ----------------------------------------------------------------------------------------------------


def world(count: int = 6, scale_of: float = 0.02):
    matrix = np.random.default_rng(11).standard_t(4, (600, count)) * scale_of
    everything = np.ones(count, bool)
    known = history(matrix, everything, everything, everything, ("A",) * count, np.ones(count), None, MEASURES)
    return matrix, known


def trade(given: Book, known, order, exempt=None, limit=0.05):
    exempt = np.zeros(len(given.target), bool) if exempt is None else np.array(exempt)
    return cvar_by_trade(given, np.array(order), exempt, known, replace(PARAMETERS, cvar_decision=limit), MEASURES)


def test_a12b_each_figure_is_the_re_simulated_book_in_auction_order():
    _, known = world()
    given = book([0.3, 0.2, 0.0, -0.1, 0.1, 0.05], held=[0.1, 0.3, 0.1, 0.0, 0.1, 0.0])
    checks, refused = trade(given, known, [5, 4, 3, 2, 1, 0], limit=9.0)
    assert refused == {}
    assert [row.symbol for row in checks] == ["S2", "S1", "S5", "S3", "S0"]
    weights = given.held.copy()
    for row in checks:
        i = int(row.symbol[1:])
        weights[i] = given.target[i]
        assert row.observed == pytest.approx(book_measure(weights, known, MEASURES).cvar, abs=1e-12)


def test_a12_a_trade_is_refused_above_the_limit_if_it_raises_cvar_and_others_go_on():
    _, known = world()
    given = book([0.1, 0.9, 0.1, 0, 0, 0])
    checks, refused = trade(given, known, [0, 1, 2, 3, 4, 5], limit=0.015)
    assert refused == {1: "CVAR_DECISION"}
    by_symbol = {row.symbol: row for row in checks}
    assert (by_symbol["S1"].action, by_symbol["S1"].binding) == ("REJECT", True)
    without = book_measure(np.array([0.1, 0, 0.1, 0, 0, 0]), known, MEASURES)
    assert by_symbol["S2"].observed == pytest.approx(without.cvar)


def test_a12_a_trade_that_lowers_cvar_passes_above_the_limit():
    _, known = world()
    given = book([0.5, 0.4, 0, 0, 0, 0], held=[0.9, 0.5, 0, 0, 0, 0])
    checks, refused = trade(given, known, range(6), limit=0.001)
    assert refused == {}
    assert {row.reason for row in checks} == {"LOWERS_CVAR"}


def test_an_exempt_trade_passes_and_is_a_row():
    matrix, known = world()
    hedge = np.array([0.5, -0.5, 0, 0, 0, 0])
    given = book([0.5, 0.0, 0, 0, 0, 0], held=hedge)
    mirrored = replace(known, returns=np.column_stack([matrix[:, 0], matrix[:, 0], *matrix[:, 2:].T]))
    _, refused = trade(given, mirrored, range(6), limit=0.001)
    assert refused == {1: "CVAR_DECISION"}
    checks, refused = trade(given, mirrored, range(6), exempt=[False, True, False, False, False, False], limit=0.001)
    assert refused == {}
    assert checks[0].reason == "EXEMPT"


def test_closing_the_last_position_leaves_an_empty_book():
    _, known = world()
    checks, _ = trade(book([0.0] * 6, held=[0.5, 0, 0, 0, 0, 0]), known, range(6), limit=0.001)
    assert checks[0].observed == EMPTY_BOOK.cvar


def test_unknown_cvar_refuses_increases_and_lets_reductions_pass():
    matrix = np.random.default_rng(3).normal(0, 0.01, (100, 2))
    both = np.ones(2, bool)
    known = history(matrix, both, both, both, ("A", "A"), np.ones(2), None, MEASURES)
    checks, refused = trade(book([0.1, 0.1], held=[0.2, 0.0]), known, [0, 1])
    assert refused == {1: "CVAR_UNKNOWN"}
    assert checks[1].reason.startswith("CVAR_UNKNOWN:TOO_FEW_SESSIONS")
