"""A CSV file read line by line: what FileFacts and FileBars share.

One line is one row, read on its own: an open quote spoils its line and no other, and no cell can hold a line break. A
file that is none is refused as a whole; a line that cannot be read is named with its number, and every other is given.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from runner.errors import DataUnusable
from runner.providers.facts import cell
from runner.universe import SYMBOL

#: What a file may unpack to: a gzip bomb is refused, not read.
BYTES_MAX = 256 * 2**20


@dataclass(frozen=True)
class Line:
    """A line below the header. place: `line 7`; cells: column -> text, empty ones left out; fault: why it is no row."""

    place: str
    symbol: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


def content_of(path: Path) -> bytes:
    """The file's bytes as they are. Raises: DataUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataUnusable(f"{path}: {error.strerror}", "Name a CSV file that can be read.") from None


def read(
    path: Path,
    content: bytes,
    required: Sequence[str],
    optional: Sequence[str],
    other_names: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Line]:
    """Every line of `content` that is not empty; its first one names the columns, `symbol` among the required.
    other_names: what a column may be called instead -> its name.

    Raises: DataUnusable for what unpacks to no CSV of these columns.
    """
    header: list[str] | None = None
    for number, text in enumerate(_text(path, content).split("\n"), 1):
        place = f"line {number}"
        try:
            line = next(csv.reader([text.removesuffix("\r")], strict=True), [])
        except csv.Error as error:
            yield Line(place, fault=str(error))
            continue
        if not any(line):
            continue
        if header is None:
            names = [other_names.get(name.strip(), name.strip()) for name in line]
            header = _header(path, names, required, optional)
        elif len(line) != len(header):
            yield Line(place, fault=f"{len(line)} cells where the header has {len(header)}")
        else:
            cells = {name: cell(value) for name, value in zip(header, line, strict=True) if value.strip()}
            symbol = cells.pop("symbol", "").strip()
            fault = None if SYMBOL.fullmatch(symbol) else f"{symbol[:40]!r} is not a symbol"
            yield Line(place, symbol, cells, fault)
    if header is None:
        raise DataUnusable(f"{path} is empty", f"Its first line names columns: {', '.join(required)}.")


def _text(path: Path, content: bytes) -> str:
    plain = content
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                plain = stream.read(BYTES_MAX + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DataUnusable(f"{path}: {error}", "The gzip file is damaged; fetch it again.") from None
    if len(plain) > BYTES_MAX:
        raise DataUnusable(f"{path} has more than {BYTES_MAX:,} bytes", "Split it by date.")
    return plain.decode("utf-8-sig", "replace")


def _header(path: Path, names: list[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    faults = [f"no column {name}" for name in required if name not in names]
    faults += [f"unknown column {name[:40]!r}" for name in names if name not in (*required, *optional)]
    faults += [f"column {name[:40]!r} twice" for name in sorted(set(names)) if names.count(name) > 1]
    if faults:
        raise DataUnusable(
            f"{path}: {'; '.join(faults[:10])}",
            f"Columns, separated by commas: {', '.join(required)}; optional: {', '.join(optional)}.",
        )
    return names
