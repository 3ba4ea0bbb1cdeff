"""How a replay compares: by the bits of a column, by every digit inside json, and where a difference belongs."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import db
from runner.replay import STAGES, CannotReplay, Difference, Run, _compare_part, _config, _same, _stage, shown

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def stored(value: Any) -> Any:
    """A value as json gives it back."""
    return json.loads(db.as_json(value), parse_float=Decimal)


@given(FLOATS)
def test_a_float_is_itself_after_json(value: float) -> None:
    assert _same(stored(value), stored(value), column=True)
    assert _same(stored(value), stored(value), column=False)


@given(FLOATS, FLOATS)
def test_two_floats_are_the_same_only_by_their_bits(one: float, other: float) -> None:
    alike = struct.pack(">d", one + 0.0) == struct.pack(">d", other + 0.0)  # a database has no negative zero in json
    assert _same(stored(one), stored(other), column=True) is alike


def test_a_column_has_more_than_one_text_for_its_bits_and_json_has_not() -> None:
    longer = Decimal("0.1000000000000000055")
    assert float(longer) == 0.1
    assert _same(longer, Decimal("0.1"), column=True)
    assert not _same(longer, Decimal("0.1"), column=False)


@pytest.mark.parametrize(("one", "other"), [(True, 1), (None, 0), ("1", 1), (False, None), ([], {}), ("a", "b")])
def test_other_types_are_other_values(one: Any, other: Any) -> None:
    assert not _same(one, other, column=True)


def test_rows_and_values_of_either_side_are_compared() -> None:
    """A row too many, one missing, a key too many, an item missing: each is a difference."""
    ours = [{"symbol": "AAA", "metadata": {"a": 1, "b": [1, 2]}}, {"symbol": "BBB", "metadata": {}}]
    theirs = [{"symbol": "AAA", "metadata": {"a": 1, "b": [1], "c": None}}, {"symbol": "CCC", "metadata": {}}]
    found = list(_compare_part("decisions", ours, theirs))
    differences = [(d.key, d.field) for d in found if d is not None]
    assert differences == [("AAA", "metadata.b.1"), ("AAA", "metadata.c"), ("CCC", ""), ("BBB", "")]
    assert found.count(None) == 3


@pytest.mark.parametrize(
    ("part", "path", "stage"),
    [
        ("model_outputs", ("mu",), "agents"),
        ("decisions", ("mu_hat",), "meta-brain"),
        ("decisions", ("metadata", "kelly"), "meta-brain"),
        ("decisions", ("metadata", "award"), "auction"),
        ("decisions", ("metadata", "after_cvar"), "risk"),
        ("risk_checks", ("observed",), "risk"),
        ("decisions", ("final_decision",), "decisions"),
        ("symbol_states", ("entry_stop",), "decisions"),
        ("orders", ("quantity",), "orders"),
    ],
)
def test_a_difference_belongs_to_the_stage_that_computed_it(part: str, path: tuple[str, ...], stage: str) -> None:
    assert _stage(part, path) == stage
    assert stage in STAGES


def test_a_difference_reads_as_one_line_with_its_bits() -> None:
    line = str(Difference("agents", "decide.model_outputs", "KO technical", "mu", Decimal("0.1"), Decimal("0.2")))
    assert line == (
        "agents: decide.model_outputs KO technical mu: "
        "stored 0.1 (0x1.999999999999ap-4), now 0.2 (0x1.999999999999ap-3)"
    )
    assert shown(None) == "nothing"


@pytest.mark.parametrize(("changed", "stage"), [(False, "code"), (True, "configuration")])
def test_a_file_that_another_version_reads_was_not_changed(changed: bool, stage: str) -> None:
    """The bytes are those the cycle ran under: nothing points at the audit, but at the version that can read them."""
    body = b"fund: {}\n"
    digest = hashlib.sha256(body + b"#" * changed).hexdigest()
    known: dict[str, Any] = {"config_sha256": digest, "code_version": "source+3b2982f"}
    run = Run(**{field.name: known.get(field.name) for field in fields(Run)})
    with pytest.raises(CannotReplay) as caught:
        _config(run, {"body": base64.b64encode(body), "parsed": {}})
    assert caught.value.difference.stage == stage
    assert ("Nothing was changed" in str(caught.value)) is not changed
