"""What a cycle read, as digests: one over everything, and short ones that say where a difference is.

A grid is digested by row and by column, so that one changed value is named by the row and the column that both changed,
at a cost that grows with the grid's sides and not with its area. Bytes are fixed (little-endian float64, one NaN, JSON
with sorted keys): no time zone, date style, hash seed or platform changes a digit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np

from runner.models import FEATURES, CycleInputs, Panel, SymbolInput

#: Hexadecimal digits of the digests that only say where; what differs at all is the full one's to say.
_SHORT = 8


def panel_content(panel: Panel) -> dict[str, Any]:
    """Digests of a panel: {sha256, symbols: {symbol: digest}, sessions: {session: digest}}."""
    closes = np.ascontiguousarray(np.where(np.isnan(panel.closes), np.nan, panel.closes), dtype="<f8")
    axes = json.dumps([list(panel.symbols), [str(day) for day in panel.sessions]])
    return {
        "sha256": hashlib.sha256(axes.encode() + closes.tobytes()).hexdigest(),
        "symbols": {name: _short(closes[:, k].tobytes()) for k, name in enumerate(panel.symbols)},
        "sessions": {str(day): _short(closes[k].tobytes()) for k, day in enumerate(panel.sessions)},
    }


def rows_content(inputs: CycleInputs) -> dict[str, Any]:
    """Digests of the rows the gate copied: {sha256, symbols: {symbol: digest}, fields: {field: digest}}."""
    names = [field.name for field in fields(SymbolInput) if field.name not in ("symbol", "features")]
    rows = [row.__dict__ for row in inputs.symbols]
    features = sorted({*FEATURES, *(name for row in inputs.symbols for name in row.features)})
    columns = {name: [row[name] for row in rows] for name in names}
    columns |= {f"features.{name}": [row["features"].get(name) for row in rows] for name in features}
    whole = [_json(row) for row in rows]
    return {
        "sha256": hashlib.sha256(b"\n".join(whole)).hexdigest(),
        "symbols": {row["symbol"]: _short(line) for row, line in zip(rows, whole, strict=True)},
        "fields": {name: _short(_json(values)) for name, values in columns.items()},
    }


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names whose digest differs, or that only one side has, sorted."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def aligned(content: Mapping[str, Any], panel: Panel) -> Panel:
    """`panel` on the sessions and symbols `content` was made from, NaN where it has none.

    A calendar or a source added since may move the window that a number of sessions reaches; a replay sees the old one.
    """
    days = np.array(sorted(content["sessions"]), dtype="datetime64[D]")
    names = tuple(sorted(content["symbols"]))
    closes = np.full((len(days), len(names)), np.nan)
    there, at = np.intersect1d(days, panel.sessions, return_indices=True)[1:]
    for k, name in enumerate(names):
        if name in panel.symbols:
            closes[there, k] = panel.closes[at, panel.symbols.index(name)]
    return Panel(names, days, closes)


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_SHORT]


def _json(value: Any) -> bytes:
    return json.dumps(value, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
