"""The audit chain recomputed from raw rows, and what a break looks like. Pure: no database, file or clock (I22, I23).

This is the second reading of the chain: it shares no code with audit.append or audit.verify_chain, and takes the fields
as the server's binary COPY sends them, so that no TimeZone, DateStyle or output function stands between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

GENESIS = bytes(32)

#: seq, prev_hash, hash, payload, event, account, cycle_id, actor, occurred_at, recorded_at.
Row = tuple[bytes | None, ...]

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: What reading a payload raises that no event was written as; brackets deeper than Python follows among them.
_NOT_AN_EVENT = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)

#: Told the number of rows read so far.
Progress = Callable[[int], None]
_PROGRESS_ROWS = 20_000


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: what, where it is first seen, the facts, and which attack leaves that trace."""

    problem: str
    seq: int | None
    detail: str
    looks_like: str


@dataclass(frozen=True)
class Head:
    """A sequence and the hash of its row, hexadecimal: of audit.heads, or of an anchor."""

    seq: int
    hash: str


@dataclass
class Walk:
    """What a pass over the rows saw. hashes: of the rows somebody asked for; last: seq and hash of the last row."""

    entries: int = 0
    last: Head = Head(0, GENESIS.hex())
    hashes: dict[int, str] = field(default_factory=dict)
    broken: Finding | None = None


def walk(rows: Iterable[Row], wanted: set[int], since: Head | None = None, progress: Progress = lambda _: None) -> Walk:
    """Recompute the chain over `rows`, in order of seq; from `since`, whose row comes first, or from its beginning.

    The first break is kept; the pass goes on from the row as it stands, so that what is anchored can still be compared.
    """
    seen = Walk()
    seq = since.seq - 1 if since else 0
    hash_: bytes | None = None if since else GENESIS
    for row in rows:
        number = _integer(row[0])
        if seen.broken is None:
            seen.broken = _fault(row, number, seq + 1, hash_)
        seq, hash_ = number, row[2] or b""
        seen.entries += 1
        if number in wanted:
            seen.hashes[number] = hash_.hex()
        if seen.entries % _PROGRESS_ROWS == 0:
            progress(seen.entries)
    if seen.entries:
        seen.last = Head(seq, (hash_ or b"").hex())
    return seen


def _integer(value: bytes | None) -> int:
    return int.from_bytes(value or b"", "big", signed=True)


def _fault(row: Row, seq: int, expected: int, previous: bytes | None) -> Finding | None:
    """What is wrong with a row that should be `expected` and follow `previous` (None: not known)."""
    prev_hash, hash_, payload = row[1] or b"", row[2] or b"", row[3] or b""
    if seq > expected:
        begins = expected == 1
        return Finding(
            "GAP",
            expected,
            f"rows {expected} to {seq - 1} are missing",
            "rows deleted at the beginning" if begins else "rows deleted in the middle",
        )
    if seq < expected:
        return Finding("DUPLICATE", seq, f"row {seq} is there again", "a row duplicated, the primary key taken off")
    if previous is not None and prev_hash != previous:
        moved = _seq_said(payload)
        if moved == seq:
            return Finding(
                "LINK",
                seq,
                f"row {seq} does not follow row {seq - 1} as it stands",
                "a row changed with its hash recomputed, inserted, or back-dated together with its payload",
            )
        return Finding(
            "LINK", seq, f"row {seq} was written as row {moved}", "rows reordered, duplicated or inserted out of place"
        )
    if hashlib.sha256(prev_hash + payload).digest() != hash_:
        moved = _seq_said(payload)
        if moved in (seq, None):
            return Finding("HASH", seq, "the payload is not the one that was hashed", "a payload changed in place")
        return Finding("HASH", seq, f"its payload is row {moved}'s", "rows swapped")
    return _columns_fault(row, seq, payload)


def _seq_said(payload: bytes) -> int | None:
    """The sequence a payload says it has; None where it says none."""
    try:
        said = json.loads(payload)["seq"]
    except _NOT_AN_EVENT:
        return None
    return said if isinstance(said, int) else None


def _columns_fault(row: Row, seq: int, payload: bytes) -> Finding | None:
    """A column beside the payload that does not say what the payload says."""
    try:
        said = json.loads(payload)
        columns: Mapping[str, object] = {
            "seq": said["seq"] == seq,
            "event": _same(said["event"], row[4]),
            "account": _same(said["account"], row[5]),
            "cycle_id": _same(said["cycle_id"], row[6]),
            "actor": _same(said["actor"], row[7]),
            "occurred_at": _microseconds(said["occurred_at"]) == _integer(row[8]),
            "recorded_at": _microseconds(said["recorded_at"]) == _integer(row[9]),
        }
    except _NOT_AN_EVENT:
        return Finding("PAYLOAD", seq, "the payload is not an event", "a row not written by audit.append")
    different = [name for name, same in columns.items() if not same]
    if not different:
        return None
    if "seq" in different:
        looks_like = "a row inserted, or copied from another place"
    elif any(name.endswith("_at") for name in different):
        looks_like = "a row back-dated"
    else:
        looks_like = "a column changed in place"
    return Finding("COLUMNS", seq, f"{', '.join(different)} beside the payload: something else", looks_like)


def _same(said: str | None, column: bytes | None) -> bool:
    return column is None if said is None else column == said.encode()


def _microseconds(text: str) -> int:
    """Microseconds since 2000-01-01 UTC, the server's own form of an instant."""
    return (datetime.fromisoformat(text) - _POSTGRES_EPOCH) // _MICROSECOND


def head_finding(heads: Sequence[Head], last: Head, entries: int) -> Finding | None:
    """Whether audit.heads names the last row."""
    if len(heads) != 1:
        return Finding("NO_HEAD", None, f"audit.heads has {len(heads)} rows", "the head deleted")
    (head,) = heads
    if head == last:
        return None
    if head.seq > last.seq:
        return Finding(
            "HEAD",
            last.seq + 1,
            f"the head is row {head.seq}, the last row is {last.seq}",
            "the table emptied or truncated" if entries == 0 else "the tail deleted",
        )
    if head.seq < last.seq:
        return Finding(
            "HEAD",
            head.seq + 1,
            f"the head is row {head.seq}, but rows go on to {last.seq}",
            "rows inserted beside audit.append, or the head set back",
        )
    return Finding("HEAD", last.seq, "the head has another hash than its row", "the last row changed, or the head")


def anchors_finding(
    anchors: Iterable[Head], last: Head, hashes: Mapping[int, str], known_later: bool
) -> Finding | None:
    """Whether every anchored row is there with its hash. `known_later`: the database itself knows of later ones."""
    ordered = sorted(set(anchors), key=lambda a: a.seq)
    missing = [a for a in ordered if a.seq > last.seq]
    differing = [a for a in ordered if a.seq <= last.seq and hashes.get(a.seq) != a.hash]
    good = [a for a in ordered if a.seq <= last.seq and hashes.get(a.seq) == a.hash]
    if differing:
        held = max((a.seq for a in good if a.seq < differing[0].seq), default=0)
        return Finding(
            "ANCHOR",
            held + 1,
            f"row {differing[0].seq} was anchored as {differing[0].hash[:16]}… and is "
            f"{hashes.get(differing[0].seq, 'gone')[:16]}",
            f"the chain rewritten or forked after row {held}"
            if held
            else "the whole chain rewritten, or another database's",
        )
    if missing:
        return Finding(
            "ANCHOR",
            last.seq + 1,
            f"row {missing[-1].seq} was anchored, the chain ends at {last.seq}",
            "the chain emptied, its head with it"
            if last.seq == 0
            else "the tail deleted, its head moved back"
            if known_later
            else "an old backup in the database's place, or the tail deleted with what it knew of its anchors",
        )
    return None
