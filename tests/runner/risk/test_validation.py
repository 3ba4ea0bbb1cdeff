"""The risk agent: what may follow a consensus (F18, W, W2, D14), symbol by symbol against a table."""

from __future__ import annotations

import numpy as np
import pytest

from runner.risk.validation import ValidationParameters, validate

PARAMETERS = ValidationParameters(stale_view_sessions=5, stop_reentry_sessions=5)


def judged(**changes):
    one = {
        "eligible": True, "consensus": True, "failed": False, "held": 0.0, "stopped_out": False, "stale_before": 0,
        "since_stop": np.nan,
    } | changes  # fmt: skip
    failed = one.pop("failed")
    kinds = {"eligible": bool, "consensus": bool, "stopped_out": bool, "stale_before": np.int64}
    arrays = {name: np.array([value], dtype=kinds.get(name, float)) for name, value in one.items()}
    return validate(failed=failed, parameters=PARAMETERS, **arrays)


@pytest.mark.parametrize(
    ("case", "verdict", "stale"),
    [
        ({}, "PASS", 0),
        ({"held": 0.1, "stale_before": 4}, "PASS", 0),
        ({"eligible": False}, "HELD_STILL", 0),
        ({"eligible": False, "held": 0.1, "stale_before": 3}, "HELD_STILL", 3),
        ({"consensus": False}, "HELD_STILL", 0),
        ({"consensus": False, "held": 0.1}, "HELD_STILL", 1),
        ({"consensus": False, "held": -0.1, "stale_before": 4}, "HELD_STILL", 5),
        ({"consensus": False, "held": 0.1, "stale_before": 5}, "STALE_VIEW", 6),
        ({"failed": True}, "HELD_STILL", 0),
        ({"failed": True, "held": 0.1}, "HELD_STILL", 0),
        ({"held": 0.1, "stopped_out": True}, "STOP_LOSS_HIT", 0),
        ({"held": 0.1, "stopped_out": True, "failed": True}, "STOP_LOSS_HIT", 0),
        ({"held": 0.1, "stopped_out": True, "consensus": False}, "STOP_LOSS_HIT", 1),
        ({"held": 0.1, "stopped_out": True, "consensus": False, "stale_before": 5}, "STOP_LOSS_HIT", 6),
        ({"held": 0.1, "stopped_out": True, "eligible": False}, "HELD_STILL", 0),
        ({"stopped_out": True}, "PASS", 0),
        ({"since_stop": 0.0}, "NO_INCREASE", 0),
        ({"since_stop": 5.0}, "NO_INCREASE", 0),
        ({"since_stop": 6.0}, "PASS", 0),
    ],
)
def test_every_case(case, verdict, stale):
    found = judged(**case)
    assert found.verdict(0) == verdict
    assert found.stale.tolist() == [stale]
    assert (found.stop_hit & found.held_still).tolist() == [False]
    assert (found.stale_view & found.held_still).tolist() == [False]
