"""The auction: no award ever breaks a constraint, whatever the bids; what bound is recorded (A1-A3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.models import parameters_from
from runner.portfolio.auction import Caps, award, breadth_needed, buckets, ranking
from tests.runner.world import config

CAPS = parameters_from(Caps, config().auction)
SLACK = 1e-12


def granted(requests, sectors=None, order=None, fixed=None):
    requests = np.array(requests, dtype=float)
    count = len(requests)
    return award(
        requests,
        np.arange(count) if order is None else np.array(order),
        tuple(sectors or [f"T{i}" for i in range(count)]),
        np.zeros(count) if fixed is None else np.array(fixed, dtype=float),
        CAPS,
    )


def test_a_bid_within_every_constraint_is_granted_in_full():
    got = granted([0.05, -0.03])
    assert got.weights.tolist() == [0.05, -0.03]
    assert got.bound == ("", "")


@pytest.mark.parametrize(
    ("requests", "sectors", "weights", "bound"),
    [
        ([0.3], "A", [0.10], ["CAP_NAME"]),
        ([0.1, 0.1], "AA", [0.10, 0.05], ["", "CAP_SECTOR"]),
        ([0.1, -0.1], "AA", [0.10, -0.05], ["", "CAP_SECTOR"]),
        ([0.1] * 7, "ABCDEFG", [0.1] * 6 + [0.0], [""] * 6 + ["CAP_LONG"]),
        ([-0.1] * 5, "ABCDE", [-0.1] * 4 + [0.0], [""] * 4 + ["CAP_SHORT"]),
        ([0.0, np.nan, np.inf], "ABC", [0.0, 0.0, 0.0], ["", "CAP_UNKNOWN", "CAP_UNKNOWN"]),
    ],
)
def test_the_binding_constraint_is_recorded(requests, sectors, weights, bound):
    got = granted(requests, sectors)
    assert got.weights == pytest.approx(weights, abs=1e-15)
    assert list(got.bound) == bound


def test_gross_binds_where_both_sides_are_full():
    caps = Caps(0.10, 0.15, 0.6, 0.4, 0.95)
    requests = np.array([0.1] * 6 + [-0.1] * 4)
    got = award(requests, np.arange(10), tuple("ABCDEFGHIJ"), np.zeros(10), caps)
    assert got.bound[-1] == "CAP_GROSS"
    assert np.abs(got.weights).sum() == pytest.approx(0.95)


def test_removed_weight_goes_to_nobody():
    alone, crowded = granted([0.04], "B"), granted([0.5, 0.04], "AB")
    assert crowded.weights[1] == alone.weights[0]


def test_fixed_weights_use_up_room_and_stay():
    got = granted([0.0, 0.1, 0.1], "AAB", fixed=[0.12, 0.0, 0.0])
    assert got.weights == pytest.approx([0.12, 0.03, 0.10])
    over = granted([0.0, 0.1], "AA", fixed=[0.2, 0.0])
    assert over.weights.tolist() == [0.2, 0.0]
    assert over.bound[1] == "CAP_SECTOR"


def test_ranking_is_by_conviction_then_symbol_and_prefers_what_is_held_on_the_same_side():
    conviction = np.array([0.2, 0.5, 0.4, -0.4, 0.4])
    requests = np.sign(conviction)
    assert ranking(conviction, requests, np.zeros(5), 1.5).tolist() == [1, 2, 3, 4, 0]
    held = np.array([0, 0, 0, -0.1, -0.1])
    assert ranking(conviction, requests, held, 1.5).tolist() == [3, 1, 2, 4, 0]


def test_a_broad_index_fund_is_its_own_bucket():
    got = buckets(
        ("Index", "Index", "Unknown", "", "Energy"),
        ("etf", "etf", "equity", "equity", "etf"),
        ("SPY", "QQQ", "A", "B", "XLE"),
    )
    assert got == ("SPY", "QQQ", "Unknown", "Unknown", "Energy")


def test_a_full_long_side_needs_six_names_in_four_sectors():
    assert breadth_needed(CAPS) == (6, 4)


@pytest.mark.parametrize("cap", ["sector_cap", "long_cap", "short_cap"])
def test_the_room_fixed_names_leave_is_the_same_to_the_bit_in_whatever_order_they_stand(cap):
    side = -1 if cap == "short_cap" else 1
    fixed = side * np.append(np.random.default_rng(1).uniform(0.001, 0.02, 9), 0.0)
    caps = Caps(**{**dict.fromkeys(vars(CAPS), 2.0), cap: 0.2})
    bid = side * np.append(np.zeros(9), 0.4)
    got = {
        float(award(np.roll(bid, k), np.arange(10), ("A",) * 10, np.roll(fixed, k), caps).weights[(9 + k) % 10])
        for k in range(10)
    }
    assert len(got) == 1


books = st.integers(1, 40).flatmap(
    lambda count: st.tuples(
        st.lists(st.floats(-2, 2), min_size=count, max_size=count),
        st.lists(st.sampled_from("ABCDEFGH"), min_size=count, max_size=count),
        st.permutations(range(count)),
    )
)


@settings(max_examples=400, deadline=None)
@given(books)
def test_no_award_breaks_a_constraint_and_clamping_twice_is_clamping_once(one):
    requests, sectors, order = one
    got = granted(requests, sectors, order)
    weights = got.weights
    assert np.abs(weights).max() <= CAPS.name_cap
    assert np.maximum(weights, 0).sum() <= CAPS.long_cap + SLACK
    assert np.maximum(-weights, 0).sum() <= CAPS.short_cap + SLACK
    assert np.abs(weights).sum() <= CAPS.gross_cap + SLACK
    for sector in set(sectors):
        assert np.abs(weights[[s == sector for s in sectors]]).sum() <= CAPS.sector_cap + SLACK
    assert (np.abs(weights) <= np.abs(requests)).all()
    assert (np.sign(weights) * np.sign(requests) >= 0).all()
    assert granted(weights, sectors, order).weights == pytest.approx(weights, abs=SLACK)
    for i, code in enumerate(got.bound):
        assert (code == "") == (abs(weights[i]) >= abs(requests[i]) - SLACK)


@settings(max_examples=100, deadline=None)
@given(books)
def test_the_order_of_the_arrays_does_not_matter_only_the_ranking(one):
    requests, sectors, order = one
    plain = granted(requests, sectors, order).weights
    count = len(requests)
    backwards = granted(requests[::-1], sectors[::-1], [count - 1 - i for i in order]).weights
    assert np.array_equal(backwards[::-1], plain)


#: Per cap: bids that together reach it, their sectors, and the cap's code.
BOUNDARIES = {
    "name_cap": ([0.10], "A", "CAP_NAME"),
    "sector_cap": ([0.10, 0.05], "AA", "CAP_SECTOR"),
    "long_cap": ([0.10] * 6, "ABCDEF", "CAP_LONG"),
    "short_cap": ([-0.10] * 4, "ABCD", "CAP_SHORT"),
    "gross_cap": ([0.10] * 6 + [-0.10] * 4, "ABCDEFGHIJ", "CAP_GROSS"),
}


@pytest.mark.parametrize("cap", BOUNDARIES)
def test_each_cap_at_its_threshold_an_ulp_below_and_an_ulp_above(cap):
    """Bids at the cap or an ulp below it are granted; an ulp above, the cap is; more than rounding is recorded."""
    requests, sectors, code = BOUNDARIES[cap]
    bids = np.array(requests)
    reached = float(np.abs(bids).cumsum()[-1])
    for limit in (reached, float(np.nextafter(reached, 2)), float(np.nextafter(reached, 0)), reached - 1e-9):
        caps = Caps(**{**dict.fromkeys(vars(CAPS), 2.0), cap: limit})
        got = award(bids, np.arange(len(bids)), tuple(sectors), np.zeros(len(bids)), caps)
        total = float(np.abs(got.weights).cumsum()[-1])
        assert total <= limit
        assert total >= limit - 1e-15 or total == reached
        assert got.bound[-1] == (code if limit == reached - 1e-9 else "")
        assert not any(got.bound[:-1])


def test_many_small_bids_reach_a_cap_and_do_not_pass_it():
    """Ten thousand bids of a ten-thousandth each: sums err by less than ROUNDING, and the last are refused."""
    count = 10_000
    bids, spread = np.full(count, 1e-4), tuple(f"T{i % 50}" for i in range(count))
    got = award(bids, np.arange(count), spread, np.zeros(count), CAPS)
    assert got.weights.sum() == pytest.approx(CAPS.long_cap, abs=1e-12)
    assert got.weights.sum() <= CAPS.long_cap + SLACK
    assert set(got.bound[:5999]) == {""}
    assert set(got.bound[6001:]) == {"CAP_LONG"}
    crowded = award(bids, np.arange(count), ("A",) * count, np.zeros(count), CAPS)
    assert crowded.weights.sum() == pytest.approx(CAPS.sector_cap, abs=1e-12)
    assert crowded.bound[-1] == "CAP_SECTOR"


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_i17_where_a_fixed_weight_or_a_cap_is_no_number_nothing_is_granted(poison):
    for fixed, caps in (([poison, 0.0], CAPS), ([0.0, 0.0], replace(CAPS, gross_cap=poison))):
        got = award(np.array([0.0, 0.05]), np.arange(2), ("A", "B"), np.array(fixed), caps)
        assert (got.weights[1], got.bound[1]) == (0.0, "CAP_UNKNOWN")
