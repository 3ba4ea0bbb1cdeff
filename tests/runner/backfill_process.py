"""A backfill of a made-up universe in a process of its own, which may kill itself at a named query's nth call.

    python -m tests.runner.backfill_process DATABASE UNIVERSE LOG [QUERY NUMBER]

LOG gets a line for each asking, before it is answered.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from runner import backfill, db, ingest, settings
from runner.providers.base import Window
from tests.runner.remote_world import Remote, bars

SYMBOLS = [f"S{number:02d}" for number in range(12)]
DAYS = ["2013-02-12", "2013-02-13", "2013-02-14", "2013-02-15", "2013-02-19", "2013-02-20"]


def main(database: str, universe_file: str, log: str, query: str = "", number: str = "0") -> None:
    settings.DATABASE = database
    calls = 0
    real = db.fetch_one

    def fetch_one(connection: db.Connection, name: str, /, **params: Any) -> dict[str, Any]:
        nonlocal calls
        row = real(connection, name, **params)
        calls += name == query
        if name == query and calls == int(number):
            os.kill(os.getpid(), signal.SIGKILL)
        return row

    db.fetch_one = fetch_one

    def said(symbol: str, _window: Window) -> list[dict[str, object]]:
        with Path(log).open("a", encoding="utf-8") as lines:
            lines.write(f"{symbol}\n")
        return bars(DAYS)

    remote = Remote("one", 1, said)
    with db.connect("fund_ingestor", autocommit=True) as connection:
        ingest.prepare(connection, [remote], Path(universe_file))
        window = (date(2013, 2, 12), date(2013, 2, 20))
        report = backfill.run(connection, [remote], "auto", SYMBOLS, *window, lease_seconds=2)
    assert report.items == {"DONE": len(SYMBOLS)}, report.items


if __name__ == "__main__":
    main(*sys.argv[1:])
