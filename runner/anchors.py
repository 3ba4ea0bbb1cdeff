"""The anchor file: heads of the audit chain, kept outside the database (I23). No database here, and no decision.

One JSON object a line, appended and flushed to the disk, never rewritten. Each has the digest of the line before in its
own, so a line that was changed, dropped or put between is seen; the first line's digest names the file (its `book`).
What a rewrite of the whole file could hide, the lines the database knows of show, and the copies sent elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from runner import settings as environment
from runner.chain import Head
from runner.passwords import own_like
from runner.settings import Settings

GENESIS = "0" * 64
_SHA256 = re.compile(r"[0-9a-f]{64}")

#: A line is far shorter; the last one is read from this many bytes at the end.
_TAIL_BYTES = 8192


@dataclass(frozen=True)
class Anchor:
    """One line. seq: the chain's last sequence; hash: of that row; entries: rows up to it; digest: of this line.

    database, system_identifier: where the chain was then; a dump restored elsewhere goes on with the same file.
    """

    line: int
    previous: str
    seq: int
    hash: str
    entries: int
    database: str
    system_identifier: str
    cause: str
    anchored_at: str
    digest: str

    @property
    def text(self) -> str:
        """The line as it is written, without its end."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


class AnchorFileBroken(Exception):
    """A line that cannot be read or does not follow. `line`: its number; `seq`: the last row anchored before it."""

    def __init__(self, line: int, seq: int, reason: str) -> None:
        """`reason` is a phrase that goes behind "line n"."""
        super().__init__(f"line {line} {reason}")
        self.line, self.seq = line, seq


def place(settings: Settings, database: str | None = None) -> Path:
    """The file of the configured database; `database`: of another one of the embedded cluster.

    A database restored from a backup under the same address has the same.
    """
    if settings.embedded:
        name = f"embedded-{database or environment.DATABASE}"
    else:
        parts = urlsplit(settings.deployer_url())
        name = f"{parts.hostname or 'localhost'}-{parts.port or 5432}-{parts.path.strip('/')}"
    return settings.anchors_folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.jsonl"


def follow(
    last: Anchor | None, *, head: Head, database: str, system_identifier: str, cause: str, anchored_at: str
) -> Anchor:
    """The line after `last`, the first one for None."""
    line, previous = (last.line + 1, last.digest) if last else (1, GENESIS)
    return _sealed(
        Anchor(line, previous, head.seq, head.hash, head.seq, database, system_identifier, cause, anchored_at, "")
    )


def _sealed(anchor: Anchor) -> Anchor:
    """The anchor with the digest of everything else in it."""
    content = {key: value for key, value in asdict(anchor).items() if key != "digest"}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Anchor(**content, digest=hashlib.sha256(text.encode()).hexdigest())


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time reads the last line and writes the next."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own_like(path.parent, path.parent.parent)
    with open(path.with_suffix(".lock"), "a") as handle:
        own_like(handle.fileno(), path.parent)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def append(path: Path, anchor: Anchor) -> None:
    """Write the line and flush it, and the folder where the file is new. Only the holder of `locked` may.

    What a power cut left of a line is cut off first: nobody has been told of it.
    """
    new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        own_like(file, path.parent)
        end = _end_of_lines(file)
        os.ftruncate(file, end)
        data = f"{anchor.text}\n".encode()
        if os.pwrite(file, data, end) != len(data):
            os.ftruncate(file, end)
            raise OSError(errno.ENOSPC, "the line was not written whole", str(path))
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _end_of_lines(file: int) -> int:
    """Where the next line begins: behind the last end of a line, a line's length at most before the end of the file."""
    size = os.fstat(file).st_size
    start = max(0, size - _TAIL_BYTES)
    return start + os.pread(file, size - start, start).rfind(b"\n") + 1


def read(path: Path) -> list[Anchor]:
    """Every whole line, each checked against the one before; empty where there is no file.

    Raises: AnchorFileBroken.
    """
    if not path.exists():
        return []
    found: list[Anchor] = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        before = found[-1] if found else None
        anchor = _parsed(line, number, before.seq if before else 0)
        if anchor.line != number or anchor.previous != (before.digest if before else GENESIS):
            raise AnchorFileBroken(number, before.seq if before else 0, "does not follow the line before")
        if before is not None and anchor.seq < before.seq:
            raise AnchorFileBroken(number, anchor.seq, "anchors an earlier row than the line before")
        found.append(anchor)
    return found


def last(path: Path) -> Anchor | None:
    """The last whole line alone, its own digest checked; None where there is none. Raises: AnchorFileBroken."""
    if not path.exists():
        return None
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
        lines = file.read().split(b"\n")
    return _parsed(lines[-2], 0, 0) if len(lines) > 1 else None


def book(path: Path) -> str | None:
    """Digest of the first line, which names the file; None where there is none. Raises: AnchorFileBroken."""
    if not path.exists():
        return None
    with open(path, "rb") as file:
        line = file.readline(_TAIL_BYTES)
    return _parsed(line[:-1], 1, 0).digest if line.endswith(b"\n") else None


def _parsed(line: bytes, number: int, seq: int) -> Anchor:
    try:
        anchor = Anchor(**json.loads(line))
        whole = (anchor.line, anchor.seq, anchor.entries)
        sound = (
            all(type(value) is int and value > 0 for value in whole)
            and anchor.entries == anchor.seq
            and _SHA256.fullmatch(anchor.hash)
            and anchor == _sealed(anchor)
        )
    except (ValueError, TypeError):
        raise AnchorFileBroken(number, seq, "cannot be read") from None
    if not sound:
        raise AnchorFileBroken(number or anchor.line, seq, "was changed: its digest is another")
    return anchor
