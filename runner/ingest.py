"""Ingest: fetch, archive, land by COPY, and let market.ingest_bars judge, store and elect.

One transaction per payload (the raw bytes) and one per symbol of it (the asking, its batch, rows, actions), so a crash
leaves whole symbols and nothing half-visible, and a second run finishes the rest. A payload whose bytes are known is
not skipped: what is stored may differ from it by now; its rows are judged again and found unchanged.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from runner import calendar, db, universe
from runner.errors import DataUnusable, ExitCode, UsageError
from runner.providers import Payload, Provider, SymbolBars
from runner.providers.base import PRICE_COLUMNS, Action, Answer, Fault, RemoteProvider, Source, Window, listed
from runner.universe import SYMBOL

#: How far past the wall date the calendar is loaded; what lies beyond a year is a rule's guess.
CALENDAR_AHEAD_DAYS = 365

#: Group of the sources that are one file.
FILE = "file"

#: Columns of market.ingest_batches that a result repeats.
COUNTED = (
    "rows_received",
    "rows_added",
    "rows_revised",
    "rows_unchanged",
    "rows_duplicate",
    "rows_quarantined",
    "rows_superseded",
    "first_session",
    "last_session",
)

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_TRAILER = struct.pack("!h", -1)
_EPOCH = np.datetime64("2000-01-01", "D")


@dataclass(frozen=True)
class SymbolResult:
    """What became of one payload's rows of one symbol; counts as in market.ingest_batches, actions as in
    ingest_actions. reason: why none was taken in, or why none of them can be elected.
    """

    provider: str
    symbol: str
    state: str
    reason: str | None = None
    rows_received: int = 0
    rows_added: int = 0
    rows_revised: int = 0
    rows_unchanged: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    rows_superseded: int = 0
    actions_written: int = 0
    first_session: date | None = None
    last_session: date | None = None
    batch_id: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain values for --json; dates as ISO text."""
        plain = asdict(self)
        for name in ("first_session", "last_session"):
            plain[name] = plain[name].isoformat() if plain[name] else None
        return plain

    @property
    def usable(self) -> bool:
        """Whether any row of it is a valid bar."""
        return self.rows_added + self.rows_revised + self.rows_unchanged > 0


@dataclass(frozen=True)
class Report:
    """One ingest: reference data written, payloads archived (new) or recognised, results by provider and symbol.

    failures: provider or symbol -> why it gave nothing usable; any of them makes the exit code 13.
    quarantined: reason -> rows.
    """

    sessions_added: int
    instruments_written: int
    spells_written: int
    payloads_new: int
    payloads_known: int
    results: tuple[SymbolResult, ...]
    failures: dict[str, str]
    quarantined: dict[str, int]

    @property
    def exit_code(self) -> ExitCode:
        """DONE, or DATA where a requested provider or symbol gave nothing usable."""
        return ExitCode.DATA if self.failures else ExitCode.DONE

    def as_dict(self) -> dict[str, object]:
        """Plain values for --json; dates as ISO text."""
        results = [result.as_dict() for result in self.results]
        return asdict(self) | {"results": results, "exit_code": int(self.exit_code)}


def prepare(
    connection: db.Connection, providers: Iterable[Source | RemoteProvider], universe_path: Path
) -> tuple[int, int, int]:
    """Load providers, calendars and universe; (sessions added, instruments written, spells written).

    Raises: UniverseError before anything is written; FundError MQ101-MQ106 where stored facts would be contradicted.
    """
    wanted = universe.read(universe_path)
    last = db.fetch_value(connection, "ref.wall_date") + pd.Timedelta(days=CALENDAR_AHEAD_DAYS)
    codes = {calendar.PRINCIPAL, *(instrument.calendar for instrument in wanted.instruments)}
    calendars = [calendar.build(code, last) for code in sorted(codes)]
    declared = list(providers)
    capabilities = [row for source in declared for row in _capabilities(source)]
    with connection.transaction():
        db.execute(connection, "ref.load_providers", providers=db.Jsonb([_declaration(p) for p in declared]))
        if capabilities:
            db.execute(connection, "ref.load_capabilities", capabilities=db.Jsonb(capabilities))
        sessions = sum(calendar.load(connection, one)[0] for one in calendars)
        instruments, spells = universe.load(connection, wanted)
    return sessions, instruments, spells


def _declaration(provider: Source) -> dict[str, object]:
    names = ("priority", "price_basis", "price_kind", "delay_minutes", "description")
    return {"provider": provider.name} | {name: getattr(provider, name) for name in names}


def _capabilities(source: Any) -> list[dict[str, object]]:
    """Rows of ref.provider_capabilities of a source that is asked over the network."""
    return [
        {
            "provider": source.name,
            "asset_class": asset_class,
            "priority": source.priority,
            "history_days_max": days,
            "requires_entitlement": source.requires_entitlement,
        }
        for asset_class, days in getattr(source, "capabilities", {}).items()
    ]


def choose(providers: Sequence[Provider], symbols: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """Provider name -> symbols to ask it for, ascending; all of its symbols where `symbols` is None.

    Raises: UsageError for a word that is no symbol.
    """
    for symbol in symbols or ():
        if not SYMBOL.fullmatch(symbol):
            raise UsageError(f"{symbol!r} is not a symbol", "Upper case, a class after a point: --symbols AAPL,BRK.B.")
    return {
        provider.name: tuple(s for s in provider.symbols() if symbols is None or s in symbols) for provider in providers
    }


def run(
    connection: db.Connection,
    providers: Sequence[Provider],
    symbols: Sequence[str] | None = None,
    universe_path: Path = universe.DEFAULT_PATH,
    on_symbol: Callable[[SymbolResult], None] = lambda _: None,
) -> Report:
    """Ingest from `providers`; `connection` is fund_ingestor's, in autocommit. `on_symbol` hears of each finished
    batch.

    Raises: UsageError, UniverseError, FundError of a routine that refuses; what a source lacks is in the report
    instead.
    """
    asked = choose(providers, symbols)
    sessions, instruments, spells = prepare(connection, providers, universe_path)
    known = {row["symbol"] for row in db.fetch_all(connection, "ref.instruments")}
    results: list[SymbolResult] = []
    failures: dict[str, str] = {}
    payloads = {True: 0, False: 0}
    for provider in providers:
        wanted = [symbol for symbol in asked[provider.name] if symbol in known]
        try:
            # A file is kept, and its faults named, also where it says nothing of a symbol that is wanted.
            for payload in provider.fetch(wanted) if wanted or provider.group == FILE else ():
                with connection.transaction():
                    archived = archive(connection, provider.name, pack(payload))
                payloads[archived.is_new] += 1
                failures |= {f"{provider.name} {place}": reason for place, reason in payload.faults.items()}
                record_faults(connection, provider, archived, payload.faults, _purpose(provider))
                for result in _take_in(connection, provider, payload, archived):
                    results.append(result)
                    on_symbol(result)
        except DataUnusable as error:
            failures[provider.name] = str(error)
    everything = sorted({symbol for names in asked.values() for symbol in names})
    failures |= _without_bars(results, everything if symbols is None else symbols, known)
    batches = [result.batch_id for result in results if result.batch_id is not None]
    reasons = db.fetch_all(connection, "market.quarantine_reasons", batches=batches)
    return Report(
        sessions_added=sessions,
        instruments_written=instruments,
        spells_written=spells,
        payloads_new=payloads[True],
        payloads_known=payloads[False],
        results=tuple(results),
        failures=failures,
        quarantined={row["reason"]: row["bars"] for row in reasons},
    )


def _without_bars(results: Sequence[SymbolResult], wanted: Iterable[str], known: set[str]) -> dict[str, str]:
    usable = {result.symbol for result in results if result.usable}
    reasons = {result.symbol: result.reason for result in results if result.reason}
    return {
        symbol: reasons.get(symbol)
        or ("no provider asked has a usable bar of it" if symbol in known else "not in the universe file")
        for symbol in wanted
        if symbol not in usable
    }


@dataclass(frozen=True)
class Packed:
    """An answer as the archive keeps it: gzip, and the SHA-256 of what came."""

    answer: Answer
    body: bytes
    sha256: bytes


def pack(answer: Answer) -> Packed:
    """Compress and hash an answer; pure, for any thread."""
    # mtime 0: the same bytes compress to the same bytes.
    body = gzip.compress(answer.content, compresslevel=6, mtime=0)
    return Packed(answer, body, hashlib.sha256(answer.content).digest())


@dataclass(frozen=True)
class Archived:
    """An answer in the archive: its number there, and whether its bytes are new."""

    payload_id: int
    is_new: bool
    answer: Answer


def archive(connection: db.Connection, provider: str, packed: Packed) -> Archived:
    """Keep an answer, byte for byte. Raises: FundError MQ107."""
    answer = packed.answer
    row = db.fetch_one(
        connection,
        "market.archive_payload",
        provider=provider,
        request=db.Jsonb(dict(answer.request)),
        status=answer.status,
        content_type=answer.content_type,
        payload=packed.body,
        payload_sha256=packed.sha256,
        payload_bytes=len(answer.content),
    )
    return Archived(row["payload_id"], row["is_new"], answer)


@dataclass(frozen=True)
class Landing:
    """An open asking and the batch its rows land in."""

    fetch_id: int
    batch_id: int


def open_landing(
    connection: db.Connection,
    provider: str,
    symbol: str,
    purpose: str,
    answers: Sequence[Archived],
    window: Window | None = None,
    asked_at: datetime | None = None,
) -> Landing:
    """As open_fetch, for answers that are to be taken in. Raises: FundError MQ107, MQ108, MQ520, MQ521, MQ525."""
    row = _open(connection, provider, symbol, purpose, answers, window, asked_at, lands=True)
    return Landing(row["fetch_id"], row["batch_id"])


def open_fetch(
    connection: db.Connection,
    provider: str,
    symbol: str | None,
    purpose: str,
    answers: Sequence[Archived],
    window: Window | None = None,
    asked_at: datetime | None = None,
) -> int:
    """Number of an asking, its answers in the order received; holds the market's lock until the transaction ends.

    Raises: FundError MQ107, MQ108, MQ520, MQ521.
    """
    fetch: int = _open(connection, provider, symbol, purpose, answers, window, asked_at, lands=False)["fetch_id"]
    return fetch


def _open(
    connection: db.Connection,
    provider: str,
    symbol: str | None,
    purpose: str,
    answers: Sequence[Archived],
    window: Window | None,
    asked_at: datetime | None,
    lands: bool,
) -> dict[str, Any]:
    first, last = (window.first, window.last) if window else (None, None)
    plain = [
        {
            "payload_id": archived.payload_id,
            "status": archived.answer.status,
            "content_type": archived.answer.content_type,
            "request": dict(archived.answer.request),
        }
        for archived in answers
    ]
    return db.fetch_one(
        connection,
        "market.open_fetch",
        provider=provider,
        symbol=symbol,
        purpose=purpose,
        first=first,
        last=last,
        asked_at=asked_at,
        answers=db.Jsonb(plain),
        lands=lands,
    )


def close_fetch(
    connection: db.Connection,
    fetch: int,
    fault: str | None = None,
    reason: str | None = None,
    next_provider: str | None = None,
) -> None:
    """End an asking: OK without a fault. Raises: FundError MQ521."""
    db.execute(connection, "market.close_fetch", fetch=fetch, fault=fault, reason=reason, next_provider=next_provider)


def record_faults(
    connection: db.Connection, provider: Source, archived: Archived, faults: Mapping[str, str], purpose: str
) -> None:
    """The places of an answer that could not be read, if any, as an asking that failed."""
    if not faults:
        return
    with connection.transaction():
        fetch = open_fetch(connection, provider.name, None, purpose, [archived])
        close_fetch(connection, fetch, "UNREADABLE", listed(faults))


def _purpose(provider: Provider) -> str:
    return "file" if provider.group == FILE else "ingest"


def _take_in(
    connection: db.Connection, provider: Provider, payload: Payload, archived: Archived
) -> Iterator[SymbolResult]:
    for bars in payload.bars:
        with connection.transaction():
            landing = open_landing(connection, provider.name, bars.symbol, _purpose(provider), [archived])
            land(connection, landing.batch_id, bars)
            result = store(connection, provider.name, landing.batch_id, bars)
        yield result
    yield from refuse(connection, provider, [archived], payload.unreadable, _purpose(provider), "bars")


def refuse(
    connection: db.Connection,
    provider: Source,
    archived: Sequence[Archived],
    unreadable: Mapping[str, str],
    purpose: str,
    kind: str,
    fault: Fault = "UNREADABLE",
) -> Iterator[SymbolResult]:
    """A refused batch for each symbol whose rows of `kind` could not be read, with its reason."""
    for symbol, reason in unreadable.items():
        with connection.transaction():
            landing = open_landing(connection, provider.name, symbol, purpose, archived)
            db.execute(connection, "market.refuse_batch", batch=landing.batch_id, reason=reason, kind=kind)
            close_fetch(connection, landing.fetch_id, fault, reason)
        yield SymbolResult(provider.name, symbol, "REFUSED", reason, batch_id=landing.batch_id)


def land(connection: db.Connection, batch: int, bars: SymbolBars) -> None:
    """Copy the rows of an open batch to where they are judged."""
    db.copy_binary(connection, "market.land_bars", encode(batch, bars.rows))


def store(connection: db.Connection, provider: str, batch: int, bars: SymbolBars, closes: bool = True) -> SymbolResult:
    """Take the actions and the landed rows of a batch in, and end its asking; `closes` False: it ended before.

    Raises: FundError MQ110 for actions that cannot be; none of them is stored then, and the transaction goes on.
    """
    actions = 0 if bars.actions is None else _store_actions(connection, batch, bars, bars.actions)
    row = db.fetch_one(connection, "market.ingest_bars", batch=batch, closes=closes)
    return SymbolResult(
        provider=provider,
        symbol=bars.symbol,
        state=row["state"],
        reason=None if row["is_series"] else f"second opinion: {row['given']}, not {row['wanted']}",
        actions_written=actions,
        batch_id=batch,
        **{name: row[name] for name in COUNTED},
    )


def _store_actions(connection: db.Connection, batch: int, bars: SymbolBars, stated: Sequence[Action]) -> int:
    sessions = bars.rows["session"].dropna()
    if not len(sessions):
        return 0
    stated = effective(connection, bars.symbol, stated, sessions.max().date())
    with db.savepoint(connection):
        counts = db.fetch_one(
            connection,
            "market.ingest_actions",
            batch=batch,
            first=sessions.min().date(),
            last=sessions.max().date(),
            ex_dates=[action.ex_date for action in stated],
            kinds=[action.kind for action in stated],
            factors=[action.factor for action in stated],
            amounts=[action.amount for action in stated],
        )
    return int(counts["actions_added"] + counts["actions_revised"] + counts["actions_cancelled"])


def effective(connection: db.Connection, symbol: str, stated: Sequence[Action], last: date) -> list[Action]:
    """Stated actions on the sessions they take effect on (F9): one of a day the exchange was closed is of the next, and
    of none after `last`. Those that meet there are one; a date no session follows stays, to be refused.
    """
    dates = sorted({action.ex_date for action in stated})
    found = db.fetch_all(connection, "market.effective_sessions", symbol=symbol, ex_dates=dates) if dates else []
    session = {row["ex_date"]: row["session"] for row in found}
    if all(session.get(ex_date, ex_date) == ex_date for ex_date in dates):
        return list(stated)
    met: dict[tuple[date, str], Action] = {}
    for action in stated:
        moved = replace(action, ex_date=session.get(action.ex_date, action.ex_date))
        if moved.ex_date > last:
            continue
        there = met.get((moved.ex_date, moved.kind))
        if there is not None:
            both = there.amount * moved.amount if moved.kind == "split" else there.amount + moved.amount
            moved = replace(moved, factor=there.factor * moved.factor, amount=both)
        met[moved.ex_date, moved.kind] = moved
    return sorted(met.values(), key=lambda action: (action.ex_date, action.kind != "split"))


def encode(batch: int, rows: pd.DataFrame) -> bytes:
    """Rows as PostgreSQL's binary COPY for market.bar_landing, whole columns at a time.

    rows: `session` (datetime64) and some of PRICE_COLUMNS (float64 or Float64), in payload order. A NaT, an NA and a
    column that is absent become NULL; a NaN goes as NaN, so that the database sees what was received.
    """
    days = rows["session"].to_numpy().astype("datetime64[D]")
    numbers = np.arange(1, len(rows) + 1)
    columns: dict[str, np.ndarray] = {"session": (days - _EPOCH).astype("int64")}
    absent = {"session": np.isnat(days)}
    for name in PRICE_COLUMNS:
        if name in rows:
            column = rows[name]
            if isinstance(column.dtype, pd.Float64Dtype):
                absent[name] = column.isna().to_numpy()
                column = column.fillna(0.0)
            columns[name] = column.to_numpy("float64")
    empty = np.column_stack(list(absent.values()))
    if not empty.any():
        return _COPY_HEADER + _encode_block(batch, numbers, columns) + _COPY_TRAILER
    blocks = []
    for pattern in np.unique(empty, axis=0):
        mask = (empty == pattern).all(axis=1)
        left_out = {name for name, is_empty in zip(absent, pattern, strict=True) if is_empty}
        kept = {name: column[mask] for name, column in columns.items() if name not in left_out}
        blocks.append(_encode_block(batch, numbers[mask], kept))
    return _COPY_HEADER + b"".join(blocks) + _COPY_TRAILER


def _encode_block(batch: int, numbers: np.ndarray, columns: Mapping[str, np.ndarray]) -> bytes:
    """Rows that have the same columns (`session` in days since _EPOCH): a structured array is then their wire format,
    four bytes of length before each value.
    """
    layout: list[tuple[str, str]] = [("fields", ">i2"), ("n0", ">i4"), ("v0", ">i8"), ("n1", ">i4"), ("v1", ">i4")]
    values: list[tuple[int, object]] = [(8, batch), (4, numbers)]
    for position, name in enumerate(("session", *PRICE_COLUMNS), start=2):
        layout.append((f"n{position}", ">i4"))
        size = -1
        if name in columns:
            kind, size = (">i4", 4) if name == "session" else (">f8", 8)
            layout.append((f"v{position}", kind))
        values.append((size, columns.get(name)))
    block = np.empty(len(numbers), dtype=layout)
    block["fields"] = len(values)
    for position, (size, column) in enumerate(values):
        block[f"n{position}"] = size
        if column is not None:
            block[f"v{position}"] = column
    return block.tobytes()
