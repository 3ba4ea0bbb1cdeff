"""What the broker really did, one JSON object a line, appended only: the oracle every test compares with.

Each line has `seq`, `kind`, `at` (the broker's instant) and `wall` (the machine's). Kinds: `request` (as received,
before anything is done about it), `fault` (what was about to go wrong), `accepted`, `refused`, `status`, `executed`,
`bust`, `cancel_requested`, `replaced`, `account`, `cash`, `action`, `control`, `answer` (what left, or that nothing
did), `reset` (a test began). A line that says what happened to an order or to money is on disk (fsync) before any
answer.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Kinds whose loss would change what the broker did: written through to the disk.
DURABLE = {
    "accepted",
    "refused",
    "status",
    "executed",
    "bust",
    "cancel_requested",
    "replaced",
    "account",
    "cash",
    "action",
}


class Journal:
    """The open file. at: gives the broker's instant, printed."""

    def __init__(self, path: Path, at: Callable[[], str]) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = threading.Lock()
        self._at = at
        self._seq = 0
        self._dirty = False

    def write(self, kind: str, **facts: Any) -> int:
        """Append one line; its number."""
        with self._lock:
            self._seq += 1
            line = {"seq": self._seq, "kind": kind, "at": self._at(), "wall": time.time()} | facts
            os.write(self._file, json.dumps(line, default=str).encode() + b"\n")
            self._dirty = self._dirty or kind in DURABLE
            return self._seq

    def since_reset(self) -> list[str]:
        """What was written since the last reset."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        starts = [i for i, line in enumerate(lines) if json.loads(line)["kind"] == "reset"]
        return lines[starts[-1] + 1 :] if starts else lines

    def copy(self, line: str) -> None:
        """Append a line of before under a number of its own."""
        entry = json.loads(line)
        self.write(entry.pop("kind"), **{name: entry[name] for name in entry if name not in ("seq", "wall")})

    def flush(self) -> None:
        """Put what is durable on the disk. Called before an answer leaves."""
        with self._lock:
            if self._dirty:
                os.fsync(self._file)
                self._dirty = False
