"""Data files inside installed packages: found without importing the package, read byte for byte."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

import pandas as pd

from runner.errors import DataUnusable
from runner.providers.base import Answer, Payload, SymbolBars

REMEDY = "pip install 'mini-quant-fund[sample]'"


def read_file(distribution: str, package: str, relative: str) -> tuple[bytes, dict[str, Any]]:
    """(bytes of package/relative, the request that names them: package, version, file).

    Importing is avoided because a top-level package may load a machine-learning library to hand out one CSV.
    Raises: DataUnusable where the package or the file is not there.
    """
    spec = util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DataUnusable(f"the package {distribution} is not installed", REMEDY)
    path = Path(spec.submodule_search_locations[0]) / relative
    version = metadata.version(distribution)
    try:
        content = path.read_bytes()
    except OSError:
        raise DataUnusable(f"{distribution} {version} has no file {relative}", REMEDY) from None
    return content, {"package": distribution, "version": version, "file": relative}


def payload(answer: Answer, bars: Sequence[SymbolBars], unreadable: Mapping[str, str]) -> Payload:
    """The answer with what was read from it."""
    return Payload(answer.content, answer.content_type, answer.status, answer.request, tuple(bars), unreadable)


def read_table(content: bytes) -> pd.DataFrame:
    """The CSV in `content` (gzip or plain) as text cells, so that nothing is guessed. Raises: ValueError where it is
    none.
    """
    try:
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return pd.read_csv(io.BytesIO(plain), dtype=str, keep_default_na=False, na_values=[""])
    except (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"not a CSV: {error}") from None


def read_bars(
    table: pd.DataFrame, session: str, columns: Mapping[str, str], date_format: str = "%Y-%m-%d"
) -> pd.DataFrame:
    """Rows of one symbol: `session` from that column, and our column -> the table's column, as float64.

    A date that does not parse is NaT and a number that does not is NaN: the database sets such rows aside.
    Raises: ValueError naming the columns the table lacks.
    """
    missing = sorted({session, *columns.values()} - set(table.columns))
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    rows = pd.DataFrame({"session": pd.to_datetime(table[session], format=date_format, errors="coerce")})
    for ours, theirs in columns.items():
        # float() is correctly rounded; read_csv's own parser is not, and a bar is compared bit for bit.
        rows[ours] = _floats(table[theirs])
    return rows.reset_index(drop=True)


def _floats(cells: pd.Series) -> Any:
    try:
        return cells.to_numpy(dtype=object, na_value="nan").astype("float64")
    except ValueError:
        return pd.to_numeric(cells, errors="coerce").to_numpy(dtype="float64", na_value=float("nan"))
