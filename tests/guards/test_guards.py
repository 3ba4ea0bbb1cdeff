"""Every patch of the list still fits the tree, and a removal is told from a broken copy."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.guards.__main__ import patched
from tests.guards.guards import LAYERS, ORDER_LIMITS, ROOT, Guard, guards


def code(text: str) -> str:
    """Without the comments of SQL and of Python."""
    return re.sub(r"(?m)(^|\s)(--|#).*$", "", text)


def test_every_patch_fits_the_tree() -> None:
    """Each takes out text that stands exactly once, not in a comment, and is named once."""
    unfit = []
    for guard in guards():
        try:
            if code(patched(guard, ROOT)) == code((ROOT / guard.file).read_text(encoding="utf-8")):
                unfit.append(f"{guard.name}: it takes out nothing")
        except ValueError as error:
            unfit.append(f"{guard.name}: {error}")
    assert not unfit, "\n".join(unfit)
    assert [name for name, n in Counter(guard.name for guard in guards()).items() if n > 1] == []


def test_a_patch_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times"):
        patched(Guard("x", "sql/routines/ops.now.sql", "nothing that stands there", "", ()), ROOT)


def test_every_layer_and_limit_is_on_the_list() -> None:
    """The lists of the routines and of the guards are the same; gross is the last of its array, without a comma."""
    routines = ROOT / "sql" / "routines"
    layers = sorted(path.stem for path in routines.glob("govern.layer_[0-9]*.sql"))
    assert [f"govern.layer_{number:02d}_{name}" for number, name in LAYERS] == layers
    listed = (routines / "govern.evaluate_order_limits.sql").read_text(encoding="utf-8")
    assert listed.count("govern.limit_") - listed.count("setof govern.limit_findings") == len(ORDER_LIMITS) + 1


def test_the_guard_behind_another_is_on_the_list() -> None:
    names = {guard.name for guard in guards()}
    assert {guard.behind for guard in guards()} - names == {None}
