"""Whether the audit chain is what was written: recomputed, compared with every anchor, and anchored (I23).

Role fund_verifier, which reads the chain, keeps what was anchored, and may kill. `verify` reads everything; `watch` and
`anchor` only what came since the last anchor, at a cycle's start and end. A chain that does not hold engages the kill
switch (source audit) and raises a CRITICAL alert; one that cannot be read does not hold.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner import anchors, db, deploy
from runner.anchors import Anchor, AnchorFileBroken
from runner.chain import Finding, Head, anchors_finding, head_finding, walk
from runner.db import Connection
from runner.errors import AuditChainBroken, Conflict, DatabaseUnreachable, FundError
from runner.log import get_logger, redact
from runner.settings import SECRET_VARIABLES, Settings

log = get_logger("audit")

ROLE = "fund_verifier"

#: The relations of schema audit without whose trigger the chain is not append-only.
GUARDED = ("anchors", "audit_log")

#: pg_trigger.tgtype of a statement trigger before delete, update, truncate.
_EVENTS = 2 | 8 | 16 | 32

#: Routines of schema audit that make, guard or judge the chain: their bodies in the database are the files'.
ROUTINES = ("append", "read_payload", "record_anchor", "refuse_change", "verify_chain")

_ERROR_BYTES = 500

#: Told what is being done, for progress on work longer than two seconds.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    """What a verification saw. checked: rows read; anchored_seq: the last anchored row; findings: empty where intact.

    anchors: lines of the file; anchored_elsewhere: lines the database knows of other hosts' or places' files.
    """

    database: str
    system_identifier: str
    checked: int
    head_seq: int
    head_hash: str
    anchor_file: str
    anchors: int
    anchored_seq: int
    anchored_elsewhere: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def first(self) -> Finding:
        """The finding to report: the chain's own break before what may follow from it."""
        return self.findings[0]


def verify(settings: Settings, progress: Progress = lambda _: None, *, anchor_file: Path | None = None) -> Verdict:
    """Recompute the whole chain and check every anchor; says, does nothing about it.

    Raises: DatabaseUnreachable, IntegrityError where the database is not the one this code was built for.
    """
    return _verdict(settings, anchor_file or anchors.place(settings), progress, whole=True)


def watch(settings: Settings) -> Verdict:
    """The same of what came since the last anchor, which is cheap; on a break the alarm is raised.

    Raises: AuditChainBroken where neither database nor file takes the kill.
    """
    found = _verdict(settings, anchors.place(settings), lambda _: None, whole=False)
    if not found.intact and not alarm(settings, found):
        raise broken(found)
    return found


def require_intact(settings: Settings, progress: Progress = lambda _: None) -> Verdict:
    """Verify everything; the verdict where it holds.

    Raises: AuditChainBroken (exit 15), after the alarm; DatabaseUnreachable, IntegrityError.
    """
    found = verify(settings, progress)
    if not found.intact:
        alarm(settings, found)
        raise broken(found)
    return found


def broken(verdict: Verdict) -> AuditChainBroken:
    """The error of a chain that does not hold."""
    first = verdict.first
    where = f" at seq {first.seq}" if first.seq is not None else ""
    return AuditChainBroken(
        f"the audit chain is broken{where}: {first.problem}, {first.detail}; it looks like {first.looks_like}",
        "`python -m runner audit verify --json` lists every finding; do not resume before they are explained.",
    )


# -- reading ----


def _verdict(settings: Settings, path: Path, progress: Progress, *, whole: bool) -> Verdict:
    """Read file and database as of one instant: the lock ends once the snapshot is taken."""
    with db.connect(ROLE, autocommit=True) as connection:
        deploy.require_deployed(connection, catalog=False)
        with db.translated(), connection.transaction():
            with anchors.locked(path):
                db.execute(connection, "audit.snapshot")
                where = db.fetch_one(connection, "audit.where_we_are")
                file = _file(path, whole=whole)
            verdict = _examined(connection, path, where, file, progress, whole=whole)
    # What came since the last anchor says that something is wrong, the whole says what.
    return verdict if whole or verdict.intact else _verdict(settings, path, progress, whole=True)


@dataclass(frozen=True)
class _File:
    """What an anchor file says; of `lines` only the last where not the whole was read."""

    lines: list[Anchor]
    book: str | None
    broken: Finding | None = None


def _file(path: Path, *, whole: bool) -> _File:
    try:
        lines = anchors.read(path) if whole else [last] if (last := anchors.last(path)) else []
        return _File(lines, anchors.book(path))
    except AnchorFileBroken as error:
        found = Finding("ANCHOR_FILE", error.seq or None, f"{path}: {error}", "the anchor file altered")
        return _File([], None, found)


def _examined(
    connection: Connection,
    path: Path,
    where: dict[str, Any],
    file: _File,
    progress: Progress,
    *,
    whole: bool,
) -> Verdict:
    """Everything that can be found, of one snapshot. What cannot be read is a finding: it refuses (I17)."""
    began = time.monotonic()
    lines = file.lines
    last = lines[-1] if lines else None
    chain: list[Finding] = []
    beside = [file.broken] if file.broken else []
    since = None if whole or last is None else Head(last.seq, last.hash)
    first = since.seq if since else 1
    anchored = [Head(a.seq, a.hash) for a in lines]
    host = socket.gethostname()
    checked, elsewhere, head = 0, 0, Head(0, "")
    try:
        beside += _guard_findings(connection) + _body_findings(connection)
        known = db.fetch_all(connection, "audit.known_anchors", first=first)
        elsewhere = db.fetch_value(connection, "audit.anchors_elsewhere", host=host, path=str(path))
        of_this = db.fetch_all(connection, "audit.last_known_anchor", host=host, path=str(path))
        if of_this and not file.broken:
            beside += _file_findings(path, file, of_this[0])
        in_database = [Head(row["seq"], row["hash"]) for row in known]
        wanted = {head.seq for head in (*anchored, *in_database)}
        heads = [Head(row["seq"], row["hash"]) for row in db.fetch_all(connection, "audit.heads")]
        head = heads[0] if heads else head
        rows = db.copy_out(connection, "audit.raw_log", first=first)
        seen = walk(rows, wanted, since, lambda n: progress(f"{n:,} of {head.seq - first + 1:,} rows"))
        checked = seen.entries
        known_later = any(row.seq > seen.last.seq for row in in_database)
        judged = (
            seen.broken,
            head_finding(heads, seen.last, seen.entries),
            anchors_finding((*anchored, *in_database), seen.last, seen.hashes, known_later),
        )
        chain = [finding for finding in judged if finding is not None]
    except (DatabaseUnreachable, Conflict):
        raise
    except FundError as error:
        chain = [Finding("UNREADABLE", None, str(error), "a relation of the chain dropped, replaced or closed")]
    notes = []
    if last is None and not file.broken:
        notes.append(
            f"no anchor here, {elsewhere} lines elsewhere: a rewrite or a cut tail cannot be seen without them"
            if elsewhere
            else "nothing is anchored yet: a rewrite or a cut tail cannot be seen"
        )
    elif last is not None and last.system_identifier != where["system_identifier"]:
        notes.append(f"anchored in cluster {last.system_identifier}, now in {where['system_identifier']}: moved")
    return Verdict(
        database=where["database"],
        system_identifier=where["system_identifier"],
        checked=checked,
        head_seq=head.seq,
        head_hash=head.hash,
        anchor_file=str(path),
        anchors=len(lines) if whole else (last.line if last else 0),
        anchored_seq=last.seq if last else 0,
        anchored_elsewhere=elsewhere,
        findings=(*chain, *beside),
        notes=tuple(notes),
        seconds=round(time.monotonic() - began, 3),
    )


def _file_findings(path: Path, file: _File, known: dict[str, Any]) -> list[Finding]:
    """The file against the last line of it the database knows; a file that is ahead lost its writer in between."""
    last = file.lines[-1] if file.lines else None
    digests = {anchor.line: anchor.digest for anchor in file.lines}
    if last is None:
        detail, looks_like = (
            f"{path} is gone; the database knows {known['line']} lines of it",
            "the anchor file deleted",
        )
    elif last.line < known["line"]:
        detail, looks_like = f"{path} ends at line {last.line}, the database knows line {known['line']}", "the file cut"
    elif file.book != known["book"] or digests.get(known["line"], known["digest"]) != known["digest"]:
        detail, looks_like = f"line {known['line']} of {path} is not the one the database knows", "the file rewritten"
    else:
        return []
    return [Finding("ANCHOR_FILE", known["seq"], detail, looks_like)]


def _guard_findings(connection: Connection) -> list[Finding]:
    """The triggers that refuse change: there, ours, for every event, and firing for a replica's session too."""
    rows = db.fetch_all(connection, "audit.guards")
    sound = {row["relation"] for row in rows if row["ours"] and row["strength"] == "A" and row["events"] == _EVENTS}
    wrong = sorted({*(f"audit.{name}" for name in GUARDED), *(row["relation"] for row in rows)} - sound)
    if not wrong:
        return []
    detail = f"append_only of {', '.join(wrong)} is missing, weaker or not enabled always"
    return [Finding("TRIGGER", None, detail, "a trigger taken off, or put back so that a replica's session passes it")]


def _body_findings(connection: Connection) -> list[Finding]:
    """The routines that make, guard and judge the chain, as their files have them."""
    bodies: dict[str, list[str]] = {}
    for row in db.fetch_all(connection, "audit.routine_bodies"):
        bodies.setdefault(row["routine"], []).append(row["body"])
    files = {name: (deploy.SQL / "routines" / f"audit.{name}.sql").read_text(encoding="utf-8") for name in ROUTINES}
    wrong = [name for name, text in files.items() if bodies.get(name) != [text.split("$$")[1]]]
    if not wrong:
        return []
    detail = f"{', '.join(f'audit.{name}' for name in wrong)} in the database is not the file's"
    return [Finding("ROUTINE", None, detail, "a routine of the chain replaced")]


# -- what a break does ----


def alarm(settings: Settings, verdict: Verdict) -> bool:
    """Engage the kill switch (source audit), by the file where the database cannot, and alert; whether it kills."""
    reason = broken(verdict).message
    log.error("audit_chain_broken", reason=reason, findings=len(verdict.findings))
    engaged = _engage(reason) or _write_kill_file(settings, reason)
    detail = {"findings": [vars(found) for found in verdict.findings], "head_seq": verdict.head_seq}
    _tell("CRITICAL", "AUDIT_CHAIN_BROKEN", reason, detail)
    return engaged


def _engage(reason: str) -> bool:
    try:
        with db.connect(ROLE, autocommit=True) as connection:
            db.execute(connection, "audit.engage_kill_switch", reason=reason)
    except FundError as error:  # a chain that cannot be appended to takes no kill either
        log.error("audit_kill_not_recorded", error=str(error))
        return False
    return True


def _write_kill_file(settings: Settings, reason: str) -> bool:
    path = settings.kill_switch_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{reason}\n", encoding="utf-8")
    except OSError as error:
        log.error("kill_file_not_written", path=str(path), error=str(error))
        return False
    return True


def _tell(level: str, code: str, message: str, detail: dict[str, Any]) -> None:
    """Queue an alert; one that cannot be queued is in the log."""
    try:
        with db.connect(ROLE, autocommit=True) as connection:
            db.fetch_value(
                connection,
                "notify.enqueue",
                level=level,
                category="SYSTEM",
                code=code,
                message=message,
                symbol=None,
                account=None,
                detail=db.as_json(detail),
                window_seconds=0,
            )
    except FundError as error:
        log.error("alert_not_queued", code=code, text=message, error=str(error))


# -- anchoring ----


def anchor(settings: Settings, cause: str) -> Anchor | None:
    """Check what came since the last anchor and anchor the head; None where there is nothing new.

    The line is on the disk before the database keeps it, and before it is sent anywhere.
    Raises: AuditChainBroken (exit 15), after the alarm; FundError where the line cannot be written, after a HIGH alert;
    DatabaseUnreachable, IntegrityError.
    """
    seen = watch(settings)
    if not seen.intact:
        raise broken(seen)
    return _anchored(settings, seen, cause)


def begin_anew(settings: Settings, reason: str) -> Anchor:
    """Set the anchor file aside and begin another: a person says that the chain is, or goes on from, what it should be.

    For a backup that had to be restored, or an anchor file lost. What can be checked without anchors must hold.
    Raises: AuditChainBroken where it does not; FundError for an empty chain or a file that cannot be written.
    """
    path = anchors.place(settings)
    seen = verify(settings)
    left = tuple(found for found in seen.findings if not found.problem.startswith("ANCHOR"))
    if left:
        raise broken(replace(seen, findings=left))
    if seen.head_seq == 0:
        raise FundError("an empty chain has no head to anchor", "Run a cycle first.")
    with anchors.locked(path):
        if path.exists():
            path.rename(path.with_suffix(f".{datetime.now(UTC):%Y%m%dT%H%M%S%f}.closed"))
    line = _anchored(settings, seen, f"begun anew: {reason}")
    assert line is not None  # there is a head, and no line before it
    detail = {"reason": reason, "seq": seen.head_seq, "set_aside": [vars(found) for found in seen.findings]}
    _tell(
        "HIGH", "ANCHORS_BEGUN_ANEW", f"the anchors of the audit chain begin anew at row {line.seq}: {reason}", detail
    )
    return line


def _anchored(settings: Settings, seen: Verdict, cause: str) -> Anchor | None:
    """Write the line of a head that was verified, have the database keep it, send it."""
    path = anchors.place(settings)
    try:
        with anchors.locked(path):
            last = anchors.last(path)
            if seen.head_seq <= (last.seq if last else 0):
                return None
            line = anchors.follow(
                last,
                head=Head(seen.head_seq, seen.head_hash),
                database=seen.database,
                system_identifier=seen.system_identifier,
                cause=cause,
                anchored_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            )
            anchors.append(path, line)
            book = anchors.book(path)
    except OSError as error:
        _tell("HIGH", "ANCHOR_NOT_WRITTEN", f"the audit head could not be anchored: {error}", {"seq": seen.head_seq})
        raise FundError(
            f"the audit head (row {seen.head_seq}) could not be anchored: {error}",
            "Mend the folder (AUDIT_ANCHORS, default RUNNER_HOME/anchors); the next cycle anchors what is missing.",
        ) from error
    with db.connect(ROLE, autocommit=True) as connection:
        db.fetch_value(
            connection,
            "audit.record_anchor",
            host=socket.gethostname(),
            path=str(path),
            book=book,
            line=line.line,
            digest=line.digest,
            seq=line.seq,
            hash=line.hash,
        )
    if last is None and seen.anchored_elsewhere:
        message = f"{path} is new, though {seen.anchored_elsewhere} lines were anchored elsewhere: compare them"
        _tell("HIGH", "ANCHORS_BEGUN_ANEW", message, {"path": str(path)})
    _publish(settings, line)
    return line


def _publish(settings: Settings, line: Anchor) -> None:
    """Send the line where the settings say; a command that fails is a HIGH alert, and the line stays in the file."""
    if settings.audit_anchor_notify:
        _tell("LOW", "AUDIT_ANCHOR", f"audit head {line.seq} {line.hash}", vars(line))
    if settings.audit_anchor_command:
        failure = _send(settings.audit_anchor_command, f"{line.text}\n".encode(), settings.audit_anchor_timeout)
        if failure is not None:
            message = f"{settings.audit_anchor_command[0]} did not take anchor {line.line}: {redact(failure)}"
            log.error("anchor_not_sent", message=message)
            _tell("HIGH", "ANCHOR_NOT_SENT", message, {"line": line.line, "seq": line.seq})


def _send(command: tuple[str, ...], data: bytes, timeout: float) -> str | None:
    """Run a command, the line on its standard input and none of our secrets; why it failed, None where it did not."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SECRET_VARIABLES)}
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=inherited,
                start_new_session=True,
            )
        except OSError as error:
            return f"cannot be started: {error}"
        try:
            process.communicate(data, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # whatever it started too
            process.wait()
            return f"ran longer than {timeout:g} s"
        errors.seek(0)
        said = errors.read(_ERROR_BYTES).decode("utf-8", "replace").strip()
        return f"exit {process.returncode}: {said}" if process.returncode else None
