"""The portfolio agent: wishes of those that were heard stand at their symbols, everyone else wishes nothing."""

from __future__ import annotations

import numpy as np

from runner.portfolio.sizing import size


def test_wishes_stand_at_their_symbols():
    asked = np.array([True, False, True, True])
    consensus = np.array([True, False, True])
    sizes = size(asked, consensus, np.array([0.1, 9.0, -0.2]), np.array([0.03, 9.0, -0.04]), np.array([0.2, 9.0, -0.3]))
    assert sizes.kelly.tolist() == [0.1, 0.0, 0.0, -0.2]
    assert sizes.conviction.tolist() == [0.2, 0.0, 0.0, -0.3]
    assert np.array_equal(sizes.mu, [0.03, np.nan, np.nan, -0.04], equal_nan=True)


def test_nobody_asked():
    empty = np.empty(0)
    assert size(np.zeros(2, dtype=bool), np.empty(0, dtype=bool), empty, empty, empty).kelly.tolist() == [0.0, 0.0]
