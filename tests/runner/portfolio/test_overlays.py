"""Dust, turnover, stops, quantities (A4, A17, C6, D13, D14, F14, F15, HELD)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.portfolio import overlays
from runner.portfolio.overlays import (
    daily_sigma,
    drop_dust,
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

ARRAY = np.array


def test_the_list_of_overlays_is_a_seam_and_an_unknown_name_is_an_error(monkeypatch):
    weights, betas = ARRAY([0.1, -0.1]), np.ones(2)
    assert overlay(weights, weights, betas, ())[0].tolist() == weights.tolist()
    with pytest.raises(ValueError, match="astrology"):
        overlay(weights, weights, betas, ("astrology",))
    halver = overlays.Overlay("halver", lambda w, held, beta: w / 2)
    monkeypatch.setattr(overlays, "OVERLAYS", (halver,))
    after, changed = overlay(weights, weights, betas, ("halver",))
    assert after.tolist() == [0.05, -0.05]
    assert changed == {"halver": pytest.approx(0.1)}
    assert overlay(weights, weights, betas, ())[1] == {}


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


def test_a4_earlier_cycles_of_the_session_count_and_a_flip_counts_its_new_side():
    target, _, got = turnover(ARRAY([0.2]), ARRAY([0.0]), 0.15, 0.2)
    assert (target[0], got) == (pytest.approx(0.05), pytest.approx(0.05))
    assert turnover(ARRAY([0.2]), ARRAY([0.1]), 0.25, 0.2)[0].tolist() == [0.1]
    flipped, wished, _ = turnover(ARRAY([-0.1]), ARRAY([0.1]), 0.0, 0.05)
    assert (wished, flipped[0]) == (pytest.approx(0.1), pytest.approx(-0.05))


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
        (1.0, None, 1, False),
    ],
)
def test_d14_a_close_at_or_beyond_the_stop_is_a_stop_out(close, stop, side, hit):
    assert stopped_out(close, stop, side) is hit


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
