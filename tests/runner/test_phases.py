"""Single phases on a small market: wishes, the ceiling of the second pass, quantities (A3, F10, F14, W2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from runner import phases, strategies
from runner.models import Panel
from tests.runner.world import account, altered, config, market, with_row

GOLDEN = config()
PANEL, INPUTS = market(12)
STANDING = phases.stand(PANEL, INPUTS, account(), GOLDEN)
HEARING = phases.hear(STANDING, strategies.build(GOLDEN, "trend_following"), GOLDEN)
WISHES = phases.wish(STANDING, HEARING, GOLDEN)
FREE = replace(WISHES.validation, held_still=np.zeros(12, bool))
CONDITIONS = phases.conditions(STANDING, account(), "close", GOLDEN)


def allocated(refused=None, first=None, wishes=WISHES, golden=GOLDEN, standing=STANDING):
    return phases.allocate(standing, CONDITIONS, wishes, refused or {}, first, 1.0, account(), golden)


def test_what_stands_is_position_and_open_orders_at_the_last_price():
    state = account(positions={"S0003": Decimal("100")}, open_orders={"S0003": Decimal("-40.5")})
    standing = phases.stand(PANEL, INPUTS, state, GOLDEN)
    assert standing.held[3] == pytest.approx(59.5 * INPUTS.symbols[3].last_close / 1e6)
    assert np.count_nonzero(standing.held) == 1


def test_a_symbol_without_a_column_in_the_panel_has_no_returns():
    fewer = Panel(PANEL.symbols[1:], PANEL.sessions, PANEL.closes[:, 1:])
    standing = phases.stand(fewer, INPUTS, account(), GOLDEN)
    assert np.isnan(standing.returns[:, 0]).all()
    assert np.isfinite(standing.returns[:, 1:]).all()
    assert standing.benchmark_name == "EQUAL_WEIGHT"
    mean = standing.returns[:, 1:].mean(axis=1)
    assert standing.benchmark == pytest.approx(mean, abs=1e-12)


def test_c7_the_flagged_benchmark_is_the_index_where_the_panel_has_it():
    flagged = replace(INPUTS, benchmark="S0003")
    standing = phases.stand(PANEL, flagged, account(), GOLDEN)
    assert (standing.benchmark_name, standing.index.tolist()) == ("S0003", PANEL.closes[:, 3].tolist())
    closes = PANEL.closes.copy()
    closes[:, 3] = np.nan
    bare = phases.stand(Panel(PANEL.symbols, PANEL.sessions, closes), flagged, account(), GOLDEN)
    assert bare.benchmark_name == "EQUAL_WEIGHT"


def test_staleness_counts_the_panel_s_sessions_and_a_panel_that_ends_early():
    late = with_row(INPUTS, "S0000", last_session=PANEL.sessions[-3].astype(object))
    allowed = altered(GOLDEN, data={"max_stale_sessions": 2})
    assert phases.stand(PANEL, late, account(), allowed).eligible[0]
    short = Panel(PANEL.symbols, PANEL.sessions[:-1], PANEL.closes[:-1])
    behind = with_row(INPUTS, "S0000", last_session=PANEL.sessions[-2].astype(object))
    assert not phases.stand(short, behind, account(), GOLDEN).eligible[0]


def test_wishes_are_the_ensemble_s_and_none_where_it_has_no_voice():
    assert np.array_equal(WISHES.kelly[HEARING.ensemble.valid], HEARING.ensemble.kelly[HEARING.ensemble.valid])
    assert not WISHES.kelly[~HEARING.ensemble.valid].any()
    assert WISHES.fixed.tolist() == (~HEARING.ensemble.valid).tolist()


def test_f10_a_second_pass_gives_nobody_more_than_the_first():
    wide = altered(GOLDEN, auction={"turnover_cap": 1.0, "sector_cap": 0.10})
    first = allocated(golden=wide)
    biggest = int(np.argmax(np.abs(first.awards)))
    second = allocated({biggest: "CVAR_DECISION"}, first, golden=wide)
    assert second.awards[biggest] == 0.0
    assert second.stopped == {biggest: "CVAR_DECISION"}
    assert (np.abs(second.awards) <= np.abs(first.awards) + 1e-15).all()


def test_f10_what_bound_in_the_first_pass_binds_in_the_second():
    wide = altered(GOLDEN, auction={"turnover_cap": 1.0, "sector_cap": 0.10})
    first = allocated(golden=wide)
    bound = [i for i, code in enumerate(first.bound) if code]
    refused = next(i for i in bound if first.awards[i])
    second = allocated({refused: "CVAR_DECISION"}, first, golden=wide)
    assert len(bound) > 1
    assert [second.bound[i] for i in bound if i != refused] == [first.bound[i] for i in bound if i != refused]
    assert second.bound[refused] == ""


def test_a_refused_reduction_keeps_what_is_held():
    short = Decimal(round(-60_000 / STANDING.prices[2]))
    held = phases.stand(PANEL, INPUTS, account(positions={PANEL.symbols[2]: short}), GOLDEN)
    wishes = replace(WISHES, kelly=np.full(12, -0.02), validation=FREE)
    first = allocated(standing=held, wishes=wishes)
    assert first.target[2] == pytest.approx(-0.02)
    second = allocated({2: "CVAR_DECISION"}, first, standing=held, wishes=wishes)
    assert second.target[2] == held.held[2]


def ordered(weights: dict[int, float], golden=GOLDEN, **state):
    book = account(**state)
    standing = phases.stand(PANEL, INPUTS, book, golden)
    final = standing.held.copy()
    for i, weight in weights.items():
        final[i] = weight
    wishes = replace(WISHES, validation=FREE)
    return phases.order(standing, wishes, final, book, golden)


def test_a_long_may_be_a_fraction_and_a_short_is_whole():
    trades = ordered({0: 0.05, 1: -0.05})
    close = [row.last_close for row in INPUTS.symbols]
    assert float(trades[0].intent.quantity) == pytest.approx(50_000 / close[0], abs=1e-4)
    assert trades[1].intent.quantity == int(50_000 / close[1])
    assert [trades[i].codes for i in (0, 1)] == [("OPEN_LONG",), ("OPEN_SHORT",)]


def test_a_short_worth_less_than_a_share_is_no_order():
    assert ordered({0: -INPUTS.symbols[0].last_close / 1e6 / 2}) == {}


def test_a17_below_the_notional_nothing_is_sent_but_an_exit_to_zero():
    assert ordered({0: 0.0000005}) == {}
    crumbs = {"S0000": Decimal("0.0001")}
    (trade,) = ordered({0: 0.0}, positions=crumbs).values()
    assert (trade.intent.quantity, trade.codes) == (Decimal("0.0001"), ("CLOSE_LONG",))


@pytest.mark.parametrize("weight", [0.05, -0.05])
def test_an_order_is_at_most_the_value_limit(weight):
    small = altered(GOLDEN, oms={"order_value": 10_000.0})
    (trade,) = ordered({0: weight}, small).values()
    assert trade.intent.value <= 10_000.0
    assert trade.intent.value > 10_000.0 - INPUTS.symbols[0].last_close
    assert trade.codes[1] == "CAP_ORDER_VALUE"


def test_reductions_and_closings_of_both_sides_are_named():
    positions = {"S0000": Decimal(100), "S0001": Decimal(-100), "S0002": Decimal(100), "S0003": Decimal(-100)}
    weight = {i: float(p) * INPUTS.symbols[i].last_close / 1e6 for i, p in enumerate(positions.values())}
    trades = ordered({0: weight[0] / 2, 1: weight[1] / 2, 2: 0.0, 3: 0.0}, positions=positions)
    assert [trades[i].codes[0] for i in range(4)] == ["REDUCE_LONG", "REDUCE_SHORT", "CLOSE_LONG", "CLOSE_SHORT"]
    assert [trades[i].intent.side for i in range(4)] == ["SELL", "BUY", "SELL", "BUY"]
    assert {trade.intent.leg for trade in trades.values()} == {"exit"}


def test_held_positions_alone_above_a_cap_stop_increases_there_and_reductions_go_on():
    weights = [0.10] * 7 + [0.0] * 5
    shares = [Decimal(str(round(w * 1e6 / row.last_close, 4))) for w, row in zip(weights, INPUTS.symbols, strict=True)]
    state = account(positions={row.symbol: q for row, q in zip(INPUTS.symbols, shares, strict=True) if q})
    standing = phases.stand(PANEL, INPUTS, state, GOLDEN)
    wishes = replace(WISHES, kelly=np.array([0.2, 0.05] + [0.2] * 6 + [-0.2] * 4), validation=FREE)
    got = phases.allocate(standing, CONDITIONS, wishes, {}, None, 1.0, state, GOLDEN)
    assert got.stopped[7] == "HELD_OVER_CAP"
    assert got.target[7] == 0.0
    assert got.target[1] == pytest.approx(0.05)
    assert (got.target[8:] < 0).any()
