"""`ingest` of a backfill in a process of its own, from a source that is silent about some symbols.

    python -m tests.runner.ingest_process DATABASE UNIVERSE LOG FIRST LAST SILENT...

LOG gets a line for each asking, before it is answered; a silent one is answered after an hour.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from runner import cli, providers, settings
from runner.providers.base import Window
from tests.runner.backfill_process import DAYS
from tests.runner.remote_world import Remote, bars


def main(database: str, universe_file: str, log: str, first: str, last: str, *silent: str) -> int:
    settings.DATABASE = database

    def said(symbol: str, _window: Window) -> list[dict[str, object]]:
        with Path(log).open("a", encoding="utf-8") as lines:
            lines.write(f"{symbol}\n")
        if symbol in silent:
            time.sleep(3600)
        return bars(DAYS)

    providers.REMOTE = (Remote("one", 1, said),)
    return cli.run(["ingest", "--provider", "auto", "--from", first, "--to", last, "--universe", universe_file])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
