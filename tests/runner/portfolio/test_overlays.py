"""Dust, turnover, stops, quantities (A4, A17, C6, D13, D14, F14, F15, HELD)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from runner.config import OverlaysConfig
from runner.models import parameters_from
from runner.portfolio import overlays
from runner.portfolio.overlays import (
    OVERLAYS,
    STOP_LOSS,
    OverlayParameters,
    Setting,
    daily_sigma,
    drop_dust,
    hedge_fund,
    order_quantity,
    overlay,
    reduce_only,
    settle_wishes,
    stop_price,
    stopped_out,
    target_shares,
    tighter,
    turnover,
)
from runner.stages import stages
from tests.runner.world import account, altered, config, decision, market, with_row

ARRAY = np.array


GOLDEN = config()
PARAMETERS = parameters_from(OverlayParameters, GOLDEN.overlays, GOLDEN.auction)


def setting(count, **changes):
    """No position, every name free to trade, beta 1, a sector each, no fund to hedge with."""
    plain = Setting(
        buckets=tuple(f"T{i}" for i in range(count)),
        held=np.zeros(count),
        fixed=np.zeros(count, dtype=bool),
        may_buy=np.ones(count, dtype=bool),
        may_short=np.ones(count, dtype=bool),
        betas=np.ones(count),
        hedge=None,
        hedge_fault="NO_BENCHMARK_FUND",
    )
    return replace(plain, **{k: ARRAY(v) if isinstance(v, list) else v for k, v in changes.items()})


def after(weights, names, **changes):
    """The book after the overlays of these names, and what they say they changed."""
    enabled = replace(PARAMETERS, enabled=tuple(names.split()))
    return overlay(ARRAY(weights), setting(len(weights), **changes), enabled)


def test_d13_each_overlay_can_be_switched_off_and_an_unknown_name_is_an_error():
    book = [0.14, 0.14, 0.14, 0.14, 0.14, 0.02]
    one = {"buckets": tuple("AAAAAB"), "betas": [1.2] * 6, "hedge": 5, "hedge_fault": ""}
    assert after(book, "", **one)[0].tolist() == book
    assert [change.name for change in after(book, "sector_balance beta_neutral stop_loss", **one)[1]] == [
        item.name for item in OVERLAYS
    ]
    assert [change.name for change in after(book, "beta_neutral", **one)[1]] == ["beta_neutral"]
    with pytest.raises(ValueError, match="astrology"):
        after(book, "astrology", **one)


def test_d13_the_configuration_names_the_overlays_there_are_and_has_them_all_on():
    assert GOLDEN.overlays.enabled == (*(item.name for item in OVERLAYS), STOP_LOSS)


@pytest.mark.parametrize(
    ("enabled", "message"),
    [
        (("sector_balance", "beta_neutral"), r"must hold stop_loss \(B8\)"),
        (("stop_loss", "stop_loss"), "names stop_loss twice"),
        (("stop_loss", "astrology"), "sector_balance"),
    ],
)
def test_b8_the_protective_stop_cannot_be_switched_off_nor_an_overlay_invented(enabled, message):
    values = GOLDEN.overlays.model_dump() | {"enabled": enabled}
    with pytest.raises(ValidationError, match=message):
        OverlaysConfig(**values)
    assert OverlaysConfig(**values | {"enabled": ("stop_loss",)}).enabled == ("stop_loss",)


def test_d13_a_sector_above_twice_its_equal_share_is_cut_to_it_in_proportion_and_nothing_is_added():
    book, sectors = [0.08, -0.04, 0.02, 0.01, 0.01], tuple("AABCD")
    got, (change,) = after(book, "sector_balance", buckets=sectors)
    share = 0.16 / 4
    assert got == pytest.approx([0.08 * 2 * share / 0.12, -0.04 * 2 * share / 0.12, 0.02, 0.01, 0.01])
    assert change.reason == "CUT_TO_MULTIPLE"
    assert sorted(change.weights) == [0, 1]
    assert change.weights[0] == got[0] - 0.08
    assert (change.before, change.after) == (pytest.approx(0.75), pytest.approx(0.08 / 0.12))
    even, (nothing,) = after([0.1, 0.1, 0.1], "sector_balance")
    assert (even.tolist(), nothing.reason, nothing.weights) == ([0.1, 0.1, 0.1], "BALANCED", {})
    assert after([0.0, 0.0], "sector_balance")[1][0].reason == "EMPTY_BOOK"


def test_d13_a_sector_at_the_multiple_stays_and_an_ulp_above_it_too():
    """Two of four equal shares: 0.05 of 0.10; an ulp is a sum's rounding, a picometre more is not."""
    for size, cut in ((0.05, False), (float(np.nextafter(0.05, 1)), False), (float(np.nextafter(0.05, 0)), False),
                      (0.05 + 1e-9, True)):  # fmt: skip
        _, (change,) = after([size, 0.02, 0.02, 0.01], "sector_balance")
        assert (change.reason == "CUT_TO_MULTIPLE") == cut


def test_d13_fixed_names_fill_their_sector_s_share_and_stay():
    got, _ = after([0.06, 0.06, 0.02, 0.02], "sector_balance", buckets=tuple("AABC"), fixed=[True, False, False, False])
    allowed = 2 * 0.16 / 3
    assert got == pytest.approx([0.06, allowed - 0.06, 0.02, 0.02])
    alone, (change,) = after([0.12, 0.02, 0.02], "sector_balance", fixed=[True, False, False])
    assert (alone.tolist(), change.weights) == ([0.12, 0.02, 0.02], {})


def test_a17_an_overlay_does_not_trim_a_held_name_by_less_than_the_band():
    one = {"buckets": tuple("ABCD"), "held": [0.055, 0.02, 0.02, 0.0]}
    assert after([0.055, 0.02, 0.02, 0.01], "sector_balance", **one)[0][0] == 0.055
    more, _ = after([0.08, 0.02, 0.02, 0.01], "sector_balance", **one | {"held": [0.07, 0.02, 0.02, 0.0]})
    assert more[0] == 0.07
    assert after([0.09, 0.01, 0.01, 0.01], "sector_balance", **one | {"held": [0.09, 0.0, 0.0, 0.0]})[0][0] == 0.06


def test_d13_a_sector_below_the_band_is_no_share_of_the_book():
    assert after([0.10, 0.04, 0.001, 0.001], "sector_balance")[0].tolist() == [0.10, 0.04, 0.001, 0.001]
    assert after([0.10, 0.04, 0.01, 0.01], "sector_balance")[0][0] == pytest.approx(0.08)
    assert after([0.001, 0.0], "sector_balance")[1][0].reason == "EMPTY_BOOK"


FUND = {"hedge": 2, "hedge_fault": ""}


def test_d13_the_excess_of_beta_over_the_band_is_hedged_through_the_fund():
    got, (change,) = after([0.4, 0.3, 0.0], "beta_neutral", betas=[1.2, 1.2, 1.0], **FUND)
    assert got == pytest.approx([0.4, 0.3, -0.24])
    assert (change.reason, change.weights) == ("HEDGED", {2: pytest.approx(-0.24)})
    assert (change.before, change.after) == (pytest.approx(0.84), pytest.approx(0.6))
    short, _ = after([-0.4, -0.3, 0.0], "beta_neutral", betas=[1.2, 1.2, 0.5], **FUND)
    assert short == pytest.approx([-0.4, -0.3, 0.48])


@pytest.mark.parametrize(("weight", "reason"), [(0.6, "WITHIN_BAND"), (-0.6, "WITHIN_BAND"), (0.6 + 1e-9, "HEDGED")])
def test_d13_a_beta_at_the_band_is_left(weight, reason):
    assert after([weight, 0.0, 0.0], "beta_neutral", **FUND)[1][0].reason == reason


@pytest.mark.parametrize(
    ("changes", "fund", "reason"),
    [
        ({"hedge": None, "hedge_fault": "NO_BENCHMARK_FUND"}, 0.0, "NO_BENCHMARK_FUND"),
        ({"betas": [1.2, np.nan, 1.0]}, 0.0, "BETA_UNKNOWN"),
        ({"betas": [1.2, 1.2, 0.0]}, 0.0, "BENCHMARK_FUND_BETA"),
        ({"betas": [1.2, 1.2, np.nan]}, 0.0, "BENCHMARK_FUND_BETA"),
        ({"fixed": [False, False, True]}, 0.0, "BENCHMARK_FUND_FIXED"),
        ({"may_short": [True, True, False]}, 0.0, "HEDGED_IN_PART"),
        ({"may_short": [True, True, False], "held": [0.0, 0.0, -0.05]}, -0.05, "HEDGED_IN_PART"),
        ({"held": [0.0, 0.0, 0.05]}, 0.0, "HEDGED_IN_PART"),  # a flip closes first
        ({"may_buy": [False] * 3}, -0.24, "HEDGED"),
    ],
)
def test_d13_where_the_fund_may_not_be_traded_the_book_is_left_and_the_reason_said(changes, fund, reason):
    got, (change,) = after([0.4, 0.3, 0.0], "beta_neutral", **{"betas": [1.2, 1.2, 1.0], **FUND, **changes})
    assert got == pytest.approx([0.4, 0.3, fund])
    assert change.reason == reason


def test_d13_a_long_fund_may_not_grow_where_buying_is_stopped():
    one = {"betas": [1.0, 1.0, 1.0], **FUND, "may_buy": [True, True, False]}
    assert after([-0.7, 0.0, 0.0], "beta_neutral", **one)[0].tolist() == [-0.7, 0.0, 0.0]
    kept, _ = after([-0.7, 0.0, 0.0], "beta_neutral", **one, held=[0.0, 0.0, 0.04])
    assert kept == pytest.approx([-0.7, 0.0, 0.04])


@pytest.mark.parametrize(
    ("benchmark", "found"),
    [
        ("SPY", (1, "")),
        (None, (None, "NO_BENCHMARK_FUND")),
        ("DIA", (None, "NO_BENCHMARK_FUND")),
        ("A", (None, "BENCHMARK_IS_NO_FUND")),
        ("TLT", (None, "BENCHMARK_FUND_NOT_TRADABLE")),
    ],
)
def test_d13_the_hedge_is_the_benchmark_s_fund_where_it_may_be_traded(benchmark, found):
    symbols, classes = ("A", "SPY", "TLT"), ("equity", "etf", "etf")
    assert hedge_fund(benchmark, symbols, classes, ARRAY([True, True, False])) == found


numbers = st.floats(-0.12, 0.12).map(lambda value: round(value, 4))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(numbers, st.sampled_from("ABCD"), numbers, st.booleans(), st.floats(-1, 3)), min_size=1, max_size=20
    )
)
def test_d13_balancing_never_adds_and_no_sector_stays_above_its_multiple_but_by_fixed_names_and_the_band(rows):
    weights, sectors, held, fixed, betas = (list(column) for column in zip(*rows, strict=True))
    one = setting(len(rows), buckets=tuple(sectors), held=held, fixed=fixed, betas=betas)
    got, _ = overlays.sector_balance(ARRAY(weights), one, PARAMETERS)
    assert (np.abs(got) <= np.abs(weights)).all()
    assert (np.sign(got) * np.sign(weights) >= 0).all()
    assert np.array_equal(got[one.fixed], ARRAY(weights)[one.fixed])
    members = {name: ARRAY([sector == name for sector in sectors]) for name in set(sectors)}
    counted = sum(np.abs(ARRAY(weights)[mine]).sum() >= 0.01 - 1e-12 for mine in members.values())
    for mine in members.values():
        stays = np.abs(ARRAY(weights)[mine & one.fixed]).sum()
        assert not counted or np.abs(got[mine]).sum() <= max(2 * np.abs(weights).sum() / counted, stays) + 1e-12
    banded, (change,) = overlay(ARRAY(weights), one, replace(PARAMETERS, enabled=("sector_balance",)))
    assert (np.abs(banded) >= np.abs(got)).all()
    assert (np.abs(banded) <= np.abs(weights)).all()
    assert sorted(change.weights) == np.flatnonzero(banded != ARRAY(weights)).tolist()


# --- in the stages ----------------------------------------------------------------------------------------------------


def hedgeable(count=24, seed=3):
    """A market whose first symbol is the benchmark's fund; betas are the panel's own (A13)."""
    panel, inputs = market(count, seed=seed)
    return panel, replace(with_row(inputs, "S0000", asset_class="etf", sector="Index"), benchmark="S0000")


NARROW_BAND = altered(GOLDEN, auction={"turnover_cap": 1.0}, overlays={"beta_band": 0.1})


def test_d13_a_hedge_is_traded_with_its_code_within_the_caps_and_reported():
    panel, inputs = hedgeable()
    result = stages(panel, inputs, account(), NARROW_BAND)
    report = result.metadata["overlays"]["beta_neutral"]
    fund = decision(result, "S0000")
    assert report["reason"] == "HEDGED"
    assert report["weights"].keys() == {"S0000"}
    assert "OVERLAY_BETA_NEUTRAL" in fund.reason_codes
    assert abs(fund.position_size) <= GOLDEN.auction.name_cap
    assert abs(report["before"]) > 0.1
    assert abs(report["after"]) == pytest.approx(0.1)
    assert report["weights"]["S0000"] * report["before"] < 0, "against the book's beta"


def test_d13_a_book_without_a_fund_reports_its_beta_and_is_not_forced():
    panel, inputs = hedgeable()
    bare = with_row(inputs, "S0000", asset_class="equity")
    report = stages(panel, bare, account(), NARROW_BAND).metadata["overlays"]["beta_neutral"]
    assert (report["reason"], report["changed"]) == ("BENCHMARK_IS_NO_FUND", 0)
    assert report["before"] == report["after"]
    assert abs(report["before"]) > 0.1


def test_d13_a_balanced_sector_says_so_in_its_decisions():
    panel, inputs = market(24, sectors=9)
    free = {"turnover_cap": 1.0}
    tight = altered(GOLDEN, auction=free, overlays={"sector_balance_multiple": 1.0})
    result = stages(panel, inputs, account(), tight)
    cut = result.metadata["overlays"]["sector_balance"]["weights"]
    assert cut
    for symbol in cut:
        assert "OVERLAY_SECTOR_BALANCE" in decision(result, symbol).reason_codes
    off = altered(GOLDEN, auction=free, overlays={"enabled": ("stop_loss",)})
    plain = stages(panel, inputs, account(), off)
    assert plain.metadata["overlays"] == {}
    assert plain.risk_state.gross > result.risk_state.gross + 0.01


def test_c6_reduce_only_adds_no_exposure():
    held, wish = ARRAY([0.1, 0.1, 0.1, -0.1, -0.1, 0.0]), ARRAY([0.2, 0.05, -0.3, -0.02, 0.1, 0.4])
    assert reduce_only(held, wish).tolist() == [0.1, 0.05, 0.0, -0.02, 0.0, 0.0]


def test_a17_a_held_name_whose_wish_is_within_the_band_bids_for_what_it_holds():
    held = ARRAY([0.05, 0.05, 0.098, 0.05, 0.0, 0.102, -0.05])
    wish = ARRAY([0.059, 0.061, 3.0, 0.0, 0.005, 3.0, -0.055])
    assert settle_wishes(wish, held, 0.10, 0.01).tolist() == [True, False, True, False, False, False, True]


def test_a17_only_increases_are_dropped_as_dust():
    held = ARRAY([0.05, 0.05, 0.0, 0.0, 0.05])
    target = ARRAY([0.055, 0.045, 0.0000005, 0.00001, 0.06])
    assert drop_dust(target, held, 1e6, 0.01, 1.0).tolist() == [True, False, True, False, False]


def test_a4_increases_are_scaled_to_the_cap_and_reductions_are_not():
    target, wished, got = turnover(ARRAY([0.3, 0.3, 0.0]), ARRAY([0.1, 0.1, 0.2]), 0.0, 0.2)
    assert (wished, got) == (pytest.approx(0.4), pytest.approx(0.2))
    assert target == pytest.approx([0.2, 0.2, 0.0])


def test_a4_flat_to_sixty_percent_long_takes_three_sessions():
    held, goal = np.zeros(6), np.full(6, 0.1)
    for expected in (0.2, 0.4, 0.6):
        held = turnover(goal, held, 0.0, 0.2)[0]
        assert held.sum() == pytest.approx(expected)


def test_a17_where_turnover_would_trade_less_than_the_band_the_smallest_wait_and_the_rest_has_the_room():
    """0.02 of room: four increases of 0.03 to 0.012 would be 0.006 and less; two of them are within the band."""
    held = np.full(4, 0.02)
    target, wished, got = turnover(ARRAY([0.032, 0.05, 0.04, 0.05]), held, 0.18, 0.2, min_change=0.01)
    assert (wished, got) == (pytest.approx(0.092), pytest.approx(0.02))
    assert target == pytest.approx([0.02, 0.03, 0.02, 0.03])
    alone, _, got = turnover(ARRAY([0.032, 0.032]), held[:2], 0.0, 0.013, min_change=0.01)
    assert (alone.tolist(), got) == ([0.02, 0.032], pytest.approx(0.012))
    none, _, got = turnover(ARRAY([0.032, 0.05]), held[:2], 0.195, 0.2, min_change=0.01)
    assert (none.tolist(), got) == ([0.02, 0.02], 0.0)
    opens, _, got = turnover(ARRAY([0.032, 0.05]), ARRAY([0.02, 0.0]), 0.195, 0.2, min_change=0.01)
    assert (opens.tolist(), got) == ([0.02, pytest.approx(0.005)], pytest.approx(0.005))


def test_a4_earlier_cycles_of_the_session_count_and_a_flip_counts_its_new_side():
    target, _, got = turnover(ARRAY([0.2]), ARRAY([0.0]), 0.15, 0.2)
    assert (target[0], got) == (pytest.approx(0.05), pytest.approx(0.05))
    assert turnover(ARRAY([0.2]), ARRAY([0.1]), 0.25, 0.2)[0].tolist() == [0.1]
    flipped, wished, _ = turnover(ARRAY([-0.1]), ARRAY([0.1]), 0.0, 0.05)
    assert (wished, flipped[0]) == (pytest.approx(0.1), pytest.approx(-0.05))


def test_a4_what_is_counted_is_what_will_be_traded_after_a_known_scale():
    """Half of 0.3 over a held 0.1 is an increase of 0.05 a name; a halved 0.15 below 0.1 is a reduction."""
    target, wished, got = turnover(ARRAY([0.3, 0.3, 0.15]), ARRAY([0.1, 0.1, 0.1]), 0.0, 0.05, scale=0.5)
    assert (wished, got) == (pytest.approx(0.1), pytest.approx(0.05))
    assert target * 0.5 == pytest.approx([0.125, 0.125, 0.075])
    assert turnover(ARRAY([0.3, 0.3]), np.zeros(2), 0.0, 0.3, scale=0.5)[0].tolist() == [0.3, 0.3]


def test_a4_a_scale_of_zero_adds_nothing_and_one_outside_the_unit_interval_is_an_error():
    target, wished, got = turnover(ARRAY([0.3, -0.1]), ARRAY([0.1, 0.1]), 0.2, 0.2, scale=0.0)
    assert (target.tolist(), wished, got) == ([0.3, -0.1], 0.0, 0.0)
    for scale in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="scale"):
            turnover(np.zeros(1), np.zeros(1), 0.0, 0.2, scale=scale)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), min_size=1, max_size=20),
    st.floats(0, 0.3),
    st.floats(0.001, 1.0),
)
def test_a4_the_scaled_book_obeys_the_cap_and_no_weight_is_raised_for_it(pairs, used, scale):
    held, wish = (ARRAY(values) for values in zip(*pairs, strict=True))
    target, wished, got = turnover(wish, held, used, 0.2, scale)
    start = np.where(np.sign(held) * np.sign(wish) < 0, 0.0, held)
    increases = np.maximum(np.abs(scale * target) - np.abs(start), 0)
    room = max(0.2 - used, 0)
    assert increases.sum() == pytest.approx(got, abs=1e-12)
    assert got == pytest.approx(min(wished, room), abs=1e-15)
    assert (np.abs(target) <= np.abs(wish) + 1e-12).all()
    assert np.array_equal(target[np.abs(scale * wish) <= np.abs(start)], wish[np.abs(scale * wish) <= np.abs(start)])
    if scale == 1:
        assert np.array_equal(target, turnover(wish, held, used, 0.2)[0])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), min_size=1, max_size=20),
    st.floats(0, 0.3),
)
def test_a4_never_passes_the_cap_and_never_overshoots_a_target(pairs, used):
    held, wish = (ARRAY(values) for values in zip(*pairs, strict=True))
    target, wished, got = turnover(wish, held, used, 0.2)
    start = np.where(np.sign(held) * np.sign(wish) < 0, 0.0, held)
    increases = np.maximum(np.abs(target) - np.abs(start), 0)
    assert increases.sum() <= max(0.2 - used, 0) + 1e-9 or wished <= max(0.2 - used, 0)
    assert increases.sum() == pytest.approx(got, abs=1e-9)
    assert (np.abs(target) <= np.maximum(np.abs(wish), np.abs(held)) + 1e-12).all()
    shrinks = np.abs(wish) <= np.abs(start)
    assert np.array_equal(target[shrinks], wish[shrinks])


@pytest.mark.parametrize(
    ("sigma", "side", "expected"),
    [(0.02, 1, 95.0), (0.02, -1, 105.0), (0.004, 1, 98.0), (0.0, 1, 98.0), (float("nan"), -1, 102.0), (5.0, 1, 1.0)],
)
def test_d14_the_stop_is_two_and_a_half_daily_sigmas_and_at_least_two_percent(sigma, side, expected):
    assert stop_price(100.0, side, sigma, 2.5, 0.02) == pytest.approx(expected)


def test_d14_daily_sigma_of_an_annual_volatility_and_zero_where_missing():
    assert daily_sigma(0.252**0.5 * 10**0.5, 252) == pytest.approx(0.1)
    assert daily_sigma(float("nan"), 252) == 0.0


def test_d14_a_stop_is_only_tightened():
    assert tighter(None, 95.0, 1) == 95.0
    assert (tighter(96.0, 95.0, 1), tighter(94.0, 95.0, 1)) == (96.0, 95.0)
    assert (tighter(106.0, 105.0, -1), tighter(104.0, 105.0, -1)) == (105.0, 104.0)


@pytest.mark.parametrize(
    ("close", "stop", "side", "hit"),
    [
        (95.0, 95.0, 1, True),
        (95.01, 95.0, 1, False),
        (105.0, 105.0, -1, True),
        (104.9, 105.0, -1, False),
        (1.0, np.nan, 1, False),
        (np.nan, 95.0, 1, False),
        (95.0, 95.0, 0, False),
    ],
)
def test_d14_a_close_at_or_beyond_the_stop_is_a_stop_out(close, stop, side, hit):
    held = 0.05 * side
    assert stopped_out(np.array([close]), np.array([stop]), np.array([held])).tolist() == [hit]


@pytest.mark.parametrize(
    ("weight", "price", "shares"),
    [
        (0.1, 30.0, "3333.3333"),
        (-0.1, 30.0, "-3333"),
        (0.1, 3e6, "0.0333"),
        (-0.1, 3e6, "0"),
        (0.0, 30.0, "0"),
        (0.1, 100.0, "1000"),
    ],
)
def test_f14_shares_are_truncated_toward_zero_and_shorts_are_whole(weight, price, shares):
    assert target_shares(weight, 1_000_000.0, price, 4) == Decimal(shares)


@settings(max_examples=300, deadline=None)
@given(st.floats(-0.1, 0.1), st.floats(1e3, 1e9), st.floats(0.01, 1e5))
def test_f14_no_cap_is_passed_by_rounding(weight, nav, price):
    shares = target_shares(weight, nav, price, 4)
    assert abs(shares) * Decimal(repr(price)) <= abs(Decimal(repr(weight))) * Decimal(repr(nav))
    assert shares == shares.quantize(Decimal("0.0001"))


D = Decimal


@pytest.mark.parametrize(
    ("target", "position", "working", "exit_all", "expected"),
    [
        ("10", "0", "0", False, "10"),
        ("10", "4", "3", False, "3"),  # only what is missing
        ("10", "10", "0", False, "0"),
        ("4", "10.5", "0", False, "-6.5"),
        ("0", "10.1234", "0", True, "-10.1234"),  # the broker's quantity
        ("0", "10", "5", True, "-10"),  # a working entry is not there to be sold
        ("0", "10", "-4", True, "-6"),  # four of them are being sold already
        ("0", "0", "5", True, "0"),
        ("-7", "0", "0", False, "-7"),
        ("-3", "-7", "0", False, "4"),
        ("0", "-7", "0", True, "7"),
        ("0", "-7", "2", True, "5"),
    ],
)  # fmt: skip
def test_held_orders_are_target_less_position_and_open(target, position, working, exit_all, expected):
    assert order_quantity(D(target), D(position), D(working), exit_all=exit_all) == D(expected)
