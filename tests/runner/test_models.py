"""What the stages' inputs refuse, and how parameters are taken from configuration sections."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from runner.models import FEATURES, FeatureMatrix, parameters_from
from tests.runner.world import config, market

PANEL, INPUTS = market(3)


def test_a_panel_of_the_wrong_shape_or_order_is_refused():
    with pytest.raises(ValueError, match="closes"):
        replace(PANEL, closes=PANEL.closes[:-1])
    with pytest.raises(ValueError, match="not sorted and distinct"):
        replace(PANEL, symbols=("B", "A", "C"))
    with pytest.raises(ValueError, match="not sorted and distinct"):
        replace(PANEL, symbols=("A", "A", "C"))
    with pytest.raises(ValueError, match="do not rise"):
        replace(PANEL, sessions=PANEL.sessions[::-1])


def test_inputs_with_a_symbol_twice_or_out_of_order_are_refused():
    first, second, third = INPUTS.symbols
    for rows in ((first, first, third), (second, first, third)):
        with pytest.raises(ValueError, match="not sorted and distinct"):
            replace(INPUTS, symbols=rows)


def test_feature_columns_are_found_by_name():
    matrix = FeatureMatrix(("A", "B"), ("x", "y"), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert matrix.column("y").tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="no feature z among x, y"):
        matrix.column("z")


def test_the_feature_names_are_distinct_and_cover_what_the_market_helper_makes():
    assert len(set(FEATURES)) == len(FEATURES)
    assert set(INPUTS.symbols[0].features) <= set(FEATURES)


@dataclass(frozen=True)
class Wanted:
    name_cap: float
    var_limit: float


@dataclass(frozen=True)
class Unheard:
    no_such_limit: float


def test_parameters_come_from_the_first_section_that_has_them_and_a_missing_one_is_an_error():
    golden = config()
    assert parameters_from(Wanted, golden.auction, golden.risk) == Wanted(0.10, 0.04)
    with pytest.raises(AttributeError, match="no_such_limit"):
        parameters_from(Unheard, golden.auction, golden.risk)
