"""configs/universe.csv: read strictly, every fault named by its line, and written through ref.load_universe.

One line is one spell of a symbol in the universe with its sector then (effective-dated, ruling A2); a symbol without
dates is an instrument outside the universe, such as a benchmark index. `note` says why a line is as it is and goes
nowhere.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from runner import db
from runner.calendar import CALENDARS, OF_CLASS
from runner.errors import DataUnusable
from runner.log import get_logger

log = get_logger("universe")

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "configs" / "universe.csv"

COLUMNS = (
    "symbol",
    "name",
    "sector",
    "asset_class",
    "calendar",
    "currency",
    "price_kind",
    "price_basis",
    "tradable",
    "shortable",
    "is_benchmark",
    "valid_from",
    "valid_to",
    "note",
)
ASSET_CLASSES = ("equity", "etf", "index", "crypto", "fx")
#: Classes of which only data are kept, with the reason. Gate, panel and price check ask for a bar of the as-of session:
#: a crypto's is over hours later, so every cycle would call it stale.
DATA_ONLY = {
    "fx": "no broker of ours trades currencies (F8)",
    "crypto": "a cycle decides at the exchange's close, when the session of 24/7 is still open: its bar is not known",
}
PRICE_KINDS = ("ohlcv", "close")
PRICE_BASES = ("raw", "split_adjusted", "fully_adjusted")
#: The eleven of GICS, a bucket for broad index funds and one for what is not known (ruling A2).
SECTORS = (
    "Communication Services",
    "Consumer Discretionary",
    "Consumer Staples",
    "Energy",
    "Financials",
    "Health Care",
    "Industrials",
    "Information Technology",
    "Materials",
    "Real Estate",
    "Utilities",
    "Index",
    "Unknown",
)
#: The check of ref.instruments: upper case, a class after a point.
SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}([./-][A-Z0-9]{1,5})?")


class UniverseError(DataUnusable):
    """The universe file cannot be used."""

    remedy = "Correct the lines named; nothing was written."


@dataclass(frozen=True)
class Instrument:
    """What does not change from spell to spell; the fields are the columns of ref.instruments."""

    symbol: str
    name: str
    asset_class: str
    calendar: str
    currency: str
    price_kind: str
    price_basis: str
    tradable: bool
    shortable: bool
    is_benchmark: bool


@dataclass(frozen=True)
class Spell:
    """One spell in the universe: [valid_from, valid_to), valid_to None while it lasts."""

    symbol: str
    sector: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Universe:
    """Instruments by symbol and spells by (symbol, valid_from), both ascending."""

    instruments: tuple[Instrument, ...]
    spells: tuple[Spell, ...]


class _Line:
    """One line being read: collects its faults, so that a file shows all of them at once."""

    def __init__(self, number: int, values: dict[str, str]) -> None:
        self.number = number
        self.values = values
        self.faults: list[str] = []

    def text(self, column: str) -> str:
        value = self.values[column].strip()
        if not value:
            self.faults.append(f"{column} is empty")
        return value

    def word(self, column: str, allowed: Iterable[str]) -> str:
        value = self.values[column].strip()
        if value not in allowed:
            self.faults.append(f"{column} is {value!r}, not one of {', '.join(allowed)}")
        return value

    def flag(self, column: str) -> bool:
        return self.word(column, ("true", "false")) == "true"

    def day(self, column: str) -> date | None:
        value = self.values[column].strip()
        if not value:
            return None
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            self.faults.append(f"{column} is {value!r}, not a date like 2013-02-27")
            return None

    def symbol(self) -> str:
        value = self.values["symbol"].strip()
        if not SYMBOL.fullmatch(value):
            self.faults.append(f"symbol {value!r}: upper case letters and digits, a class after a point (BRK.B)")
        return value


def read(path: Path = DEFAULT_PATH) -> Universe:
    """The universe file as instruments and spells. Raises: UniverseError naming every line that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UniverseError(f"{path}: {error}", "Give a UTF-8 file: --universe configs/universe.csv.") from None
    reader = csv.reader(text.splitlines(), strict=True)
    faults: list[str] = []
    instruments: dict[str, tuple[int, Instrument]] = {}
    spells: list[tuple[int, Spell]] = []
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise UniverseError(f"{path}: the first line must be {','.join(COLUMNS)}")
        for cells in reader:
            number = reader.line_num
            if len(cells) != len(COLUMNS):
                faults.append(f"line {number}: {len(cells)} values where {len(COLUMNS)} are expected")
                continue
            line = _Line(number, dict(zip(COLUMNS, cells, strict=True)))
            _read_line(line, instruments, spells)
            faults += [f"line {number}: {fault}" for fault in line.faults]
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: {error}")
    faults += _overlaps(spells) + _benchmarks(instruments)
    if faults:
        raise UniverseError(f"{path.name}: " + "; ".join(faults))
    return Universe(
        instruments=tuple(instruments[symbol][1] for symbol in sorted(instruments)),
        spells=tuple(sorted((spell for _, spell in spells), key=lambda spell: (spell.symbol, spell.valid_from))),
    )


def _read_line(line: _Line, instruments: dict[str, tuple[int, Instrument]], spells: list[tuple[int, Spell]]) -> None:
    instrument = Instrument(
        symbol=line.symbol(),
        name=line.text("name"),
        asset_class=line.word("asset_class", ASSET_CLASSES),
        calendar=line.word("calendar", tuple(CALENDARS)),
        currency=line.text("currency"),
        price_kind=line.word("price_kind", PRICE_KINDS),
        price_basis=line.word("price_basis", PRICE_BASES),
        tradable=line.flag("tradable"),
        shortable=line.flag("shortable"),
        is_benchmark=line.flag("is_benchmark"),
    )
    valid_from, valid_to = line.day("valid_from"), line.day("valid_to")
    _check_class(line, instrument)
    if not line.values["valid_from"].strip():
        if valid_to is not None or line.values["sector"].strip():
            line.faults.append("an instrument outside the universe (no valid_from) has no sector and no valid_to")
        if instrument.tradable:
            line.faults.append("a tradable instrument needs a valid_from")
    else:
        sector = line.word("sector", SECTORS)
        if valid_from is not None and valid_to is not None and valid_to <= valid_from:
            line.faults.append(f"valid_to {valid_to} is not after valid_from {valid_from}")
        if valid_from is not None and not line.faults:
            spells.append((line.number, Spell(instrument.symbol, sector, valid_from, valid_to)))
    if line.faults:
        return
    earlier = instruments.setdefault(instrument.symbol, (line.number, instrument))
    if earlier[0] != line.number:
        if earlier[1] != instrument:
            line.faults.append(f"{instrument.symbol} differs from line {earlier[0]} in more than sector and dates")
        elif valid_from is None:
            line.faults.append(f"{instrument.symbol} is already on line {earlier[0]}")


def _check_class(line: _Line, instrument: Instrument) -> None:
    """What an instrument's class allows, and its currency."""
    if instrument.currency != "USD":
        line.faults.append(f"currency is {instrument.currency!r}: only instruments quoted in USD are accepted (F8)")
    due = OF_CLASS.get(instrument.asset_class)
    if instrument.calendar != due if due else instrument.calendar in OF_CLASS.values():
        line.faults.append(f"calendar is {instrument.calendar!r}: {instrument.asset_class} has {due or 'its exchange'}")
    if instrument.tradable and instrument.asset_class in DATA_ONLY:
        line.faults.append(f"tradable is 'true': {DATA_ONLY[instrument.asset_class]}")


def _overlaps(spells: list[tuple[int, Spell]]) -> list[str]:
    ordered = sorted(spells, key=lambda item: (item[1].symbol, item[1].valid_from, item[0]))
    faults = []
    for (first_line, first), (second_line, second) in itertools.pairwise(ordered):
        if first.symbol == second.symbol and (first.valid_to is None or second.valid_from < first.valid_to):
            what = "begins on the same date as" if first.valid_from == second.valid_from else "overlaps"
            faults.append(f"line {second_line}: the spell of {second.symbol} {what} the one on line {first_line}")
    return faults


def _benchmarks(instruments: dict[str, tuple[int, Instrument]]) -> list[str]:
    seen: dict[str, int] = {}
    faults = []
    for number, instrument in instruments.values():
        if instrument.is_benchmark and seen.setdefault(instrument.calendar, number) != number:
            earlier = seen[instrument.calendar]
            faults.append(f"line {number}: {instrument.calendar} has its benchmark on line {earlier} already")
    return faults


def load(connection: db.Connection, universe: Universe) -> tuple[int, int]:
    """Write the universe through ref.load_universe; (instruments written, spells written), both 0 where nothing
    changed. A symbol whose lines are gone stays where it was, and a warning names it: what was said of the past is not
    taken back.

    Raises: FundError MQ104, MQ105, MQ106 where stored bars or history would be contradicted.
    """
    row = db.fetch_one(
        connection,
        "ref.load_universe",
        instruments=db.Jsonb([asdict(instrument) for instrument in universe.instruments]),
        spells=db.Jsonb(
            [
                {
                    "symbol": spell.symbol,
                    "sector": spell.sector,
                    "valid_from": spell.valid_from.isoformat(),
                    "valid_to": spell.valid_to.isoformat() if spell.valid_to else None,
                }
                for spell in universe.spells
            ]
        ),
    )
    listed = [instrument.symbol for instrument in universe.instruments]
    if left := db.fetch_all(connection, "ref.unlisted", symbols=listed):
        log.warning(
            "still_in_the_universe",
            symbols=[one["symbol"] for one in left],
            reason="their lines are gone from the file",
            remedy="give the last line of each a valid_to",
        )
    return row["instruments_written"], row["spells_written"]
