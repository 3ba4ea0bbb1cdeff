"""The demo: from nothing to audited paper orders on real bars, then an account of what happened.

Everything runs on a simulated database through the same commands a user has: deploy, config lock, ingest, the session
loop. Run again it finds its cycles done and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from runner import config as golden
from runner import db, deploy, embedded, ingest, lock
from runner.cycle import Request, refusal
from runner.errors import ExitCode, UsageError
from runner.providers import PROVIDERS
from runner.sessions import SessionReport, run_sessions, settle_sessions
from runner.settings import Settings

#: The five sessions decided, and how many more the sample's raw bars leave to fill and mark (they end on 2013-03-01).
FIRST, LAST = date(2013, 2, 21), date(2013, 2, 27)
SETTLED = 2

ACCOUNT = "paper"


#: Title of each section and the query behind it.
_SECTIONS = (
    ("symbols by state, and why the others may not trade", "audit.story_symbols"),
    ("governance verdicts of the last cycle", "audit.story_verdicts"),
    ("decisions of the last cycle", "audit.story_decisions"),
    ("limits that bound in the last cycle", "audit.story_limits"),
    ("orders", "audit.story_orders"),
    ("fills", "audit.story_fills"),
    ("positions", "audit.story_positions"),
    ("net asset value", "audit.story_nav"),
)

#: What to try next; the README shows these three with their output.
FAREWELL = """
[bold]Ask it yourself[/bold] (in .venv: `. .venv/bin/activate`; psql is in the folder `doctor` calls binaries, too):

  psql "$(python -m runner db url --role fund_analyst)"

  -- why was each symbol traded or not?
  select symbol, final_decision, position_size, reason_codes
  from audit.decisions order by "timestamp" desc, symbol limit 25;

  -- which governance layer said what, in every cycle?
  select c.as_of_session, v.layer, v.layer_name, v.verdict, v.reason_code
  from audit.gate_verdicts v join audit.cycles c using (cycle_id) order by 1, 2;

  -- which limits bound, and how hard?
  select c.as_of_session, r.limit_name, r.scope, r.symbol, r.observed, r.threshold, r.action, r.factor
  from audit.risk_checks r join audit.cycles c using (cycle_id) where r.binding order by 1, 2, 3, 4;

python -m runner status · python -m runner cycle --as-of 2013-02-28 · python -m runner db down
"""


def run(
    settings: Settings,
    *,
    say: Callable[[str], None],
    step: Callable[[str], None],
    on_session: Callable[[SessionReport], None],
) -> bool:
    """Run the demo; whether it changed anything. `say` prints a line, `step` names what is being done.

    Raises: UsageError where the database is a real one; whatever the commands it runs raise.
    """
    config = golden.load_verified()
    if settings.embedded:
        step("starting PostgreSQL")
        embedded.Cluster(settings.runner_home).up()
    step("deploying sql/")
    deployed = deploy.deploy(simulated=True)
    if deployed.kind != "simulated":
        raise UsageError(
            f"database {deployed.database} is real; the demo moves the clock and needs a simulated one",
            "Run it under another RUNNER_HOME, e.g. RUNNER_HOME=/tmp/demo make demo.",
        )
    applied = "nothing to deploy" if deployed.nothing else f"{len(deployed.applied)} files applied"
    say(f"database {deployed.database}: {applied}")
    pinned = lock.pin(config, "demo")
    say(f"configuration {config.sha256[:12]} {'pinned' if pinned else 'was pinned'}")
    request = Request(account=ACCOUNT)
    if _done(config.sha256):
        say(f"the cycles of {FIRST} to {LAST} are done; nothing to do")
        return False
    step("loading real bars")
    with db.connect("fund_ingestor", autocommit=True) as connection:
        loaded = ingest.run(
            connection, PROVIDERS, on_symbol=lambda done: step(f"loading real bars: {done.provider} {done.symbol}")
        )
    added = sum(result.rows_added for result in loaded.results)
    say(f"{added} bars of {len({result.symbol for result in loaded.results})} symbols added")
    decided = run_sessions(
        settings,
        config,
        request,
        FIRST,
        LAST,
        progress=lambda session, what: step(f"{session} {what}"),
        on_session=on_session,
    )
    if decided[-1].cycle.exit_code is not ExitCode.DONE:
        raise refusal(decided[-1].cycle)
    for session, syncs in settle_sessions(
        settings, config, ACCOUNT, LAST, SETTLED, progress=lambda session, what: step(f"{session} {what}")
    ):
        say(f"{session}  {sum(len(sync.fills) for sync in syncs):3d} fills  settled and marked, no cycle")
    return True


def _done(config_sha256: str) -> bool:
    """Whether the last cycle is DONE and what it ordered is settled: a demo may have ended between the two."""
    with db.connect("fund_analyst") as connection:
        return bool(
            db.fetch_value(
                connection,
                "audit.is_settled",
                account=ACCOUNT,
                config_sha256=config_sha256,
                last=LAST,
                settled=SETTLED,
            )
        )


def story() -> dict[str, list[dict[str, Any]]]:
    """What happened, read as an analyst would: title -> rows, in the order they are told."""
    with db.connect("fund_analyst") as connection:
        return {title: db.fetch_all(connection, query) for title, query in _SECTIONS}
