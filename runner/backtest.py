"""A backtest: the fund's own cycles over the past, in a database of their own, and what came of it.

What decides is what decides every evening: dbt's models, the eleven layers, agents, auction, limits, the paper
exchange, all of it audited, session by session (runner.sessions). Only the clock is simulated. The market data are a
copy of what the fund's database holds, each fact with the instant it could first be known, so nothing is seen early.
The database is a server of its own below RUNNER_HOME/backtests; the fund's is read once and never written.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from runner import db, deploy, embedded, lock, parsed_project, performance, settings
from runner.config import GoldenConfig
from runner.cycle import Request
from runner.errors import UsageError
from runner.sessions import SessionReport, run_sessions
from runner.settings import Settings

#: What another server's place, secrets, person and receivers of the audit's head are named by.
_ELSEWHERE = (*settings.SECRET_VARIABLES, "DB_ENGINE", "AUDIT_")
#: The file in a backtest's folder that says what it is of.
MARKER = "about.json"


@dataclass(frozen=True)
class Plan:
    """What is to be decided again. name: the folder below RUNNER_HOME/backtests."""

    name: str
    first: date
    last: date
    account: str
    strategy: str | None

    def home(self, of: Settings) -> Path:
        """Its RUNNER_HOME."""
        return of.runner_home / "backtests" / self.name


def plan(config: GoldenConfig, first: date, last: date, account: str, strategy: str | None, name: str | None) -> Plan:
    """Raises: UsageError for an account that is not of the paper exchange, a range that ends before it begins."""
    if last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    brokers = {one.name: one.broker for one in config.accounts.defaults}
    if account not in brokers:
        raise UsageError(f"there is no account {account}", f"Use one of: {', '.join(sorted(brokers))}.")
    if brokers[account] != "paper":
        raise UsageError(
            f"account {account} trades at {brokers[account]}, which fills nothing of the past",
            "Use an account of the paper exchange: "
            + (", ".join(sorted(one for one, broker in brokers.items() if broker == "paper")) or "there is none")
            + "; --strategy decides by another one's.",
        )
    default = f"{first}-{account}-{strategy or 'own'}-{config.sha256[:8]}"
    return Plan(name or default, first, last, account, strategy)


def run(
    of: Settings,
    config: GoldenConfig,
    wanted: Plan,
    *,
    fresh: bool = False,
    say: Callable[[str], None] = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
) -> tuple[list[SessionReport], dict[str, Any]]:
    """Decide every session of the plan that is not decided yet; the sessions' reports and the account of it all.

    Within `alone`. The same plan run again goes on where it was stopped. Raises: UsageError where the database holds no
    bars or no such sessions, where a name is of another configuration, strategy or beginning; whatever the commands it
    runs raise.
    """
    home = wanted.home(of)
    with db.connect("fund_monitor", read_only=True) as connection:
        deploy.require_deployed(connection)
    # What dbt reads every evening is all that is copied: no role of the fund's that may do more has a part in it.
    with db.connect("fund_transformer", read_only=True) as source:
        held = db.fetch_one(source, "backtest.bars")
        sessions = _check(source, config, wanted, held)
        if fresh:
            discard(of, wanted)
        _mark(home, config, wanted, held["last"], db.parameters("fund_transformer", of))
        with elsewhere(home):
            _take_parsed_project(of.runner_home, home)
            step("starting PostgreSQL")
            embedded.Cluster(home).up()
            step("deploying sql/")
            deploy.deploy(simulated=True)
            lock.pin(config, f"backtest {wanted.name}")
            with db.connect(db.DEPLOYER) as target:
                if db.fetch_value(target, "backtest.is_empty"):
                    step("copying the market data")
                    rows = _copy(source, target, step)
                    say(f"{held['bars']:,} bars of {held['symbols']} symbols, {rows:,} rows in all, copied to {home}")
    with elsewhere(home) as there:
        reached = _reached(wanted)
        first = wanted.first if reached is None else reached
        reports: list[SessionReport] = []
        if first <= wanted.last:
            if first > wanted.first:
                say(f"goes on at {first}")
            told = _Progress([day for day in sessions if day >= first], say, step)
            reports = run_sessions(
                there,
                config,
                Request(account=wanted.account, strategy=wanted.strategy),
                first,
                wanted.last,
                progress=told.step,
                on_session=told.done,
                past_halts=True,
            )
        return reports, account_of(config, wanted, sessions)


def _check(source: db.Connection, config: GoldenConfig, wanted: Plan, held: dict[str, Any]) -> list[date]:
    """The sessions of the range, before anything is made. Raises: UsageError where the database cannot serve it."""
    if not held["bars"]:
        raise UsageError("the database holds no bars", "Load some: python -m runner ingest.")
    for option, day in (("--from", wanted.first), ("--to", wanted.last)):
        if not held["first"] <= day <= held["last"]:
            raise UsageError(f"{option} {day} is not among the bars, which are of {held['first']} to {held['last']}")
    rows = db.fetch_all(
        source,
        "ref.sessions_between",
        calendar=config.fund.session_calendar,
        first=wanted.first,
        last=wanted.last,
        delay_minutes=config.data.provider_delay_minutes,
    )
    if not rows:
        raise UsageError(
            f"no session between {wanted.first} and {wanted.last}", "Give trading days the calendar holds."
        )
    return [row["session"] for row in rows]


def _mark(home: Path, config: GoldenConfig, wanted: Plan, bars_to: date, source: dict[str, str]) -> None:
    """Write what a backtest is of into its folder, where nobody has: half of one and half of another is none of either.

    Raises: UsageError where it is of something else, where its copy of the data ends before the range does, and where
    the folder is none of ours.
    """
    ours = {
        "beginning": str(wanted.first),
        "account": wanted.account,
        "strategy": wanted.strategy or "its account's",
        "configuration": config.sha256,
        "database": "{dbname} at {host}:{port}".format(**source),
    }
    file = home / MARKER
    anew = "Leave --name out, give another, or begin anew with --fresh."
    if not home.exists():
        home.mkdir(mode=0o755)  # as root the server runs as another user, who must get through
        file.write_text(json.dumps(ours | {"bars_to": str(bars_to)}, indent=2) + "\n", encoding="utf-8")
        return
    theirs = _marked(home)
    for name, value in ours.items():
        if theirs[name] != value:
            raise UsageError(f"backtest {wanted.name} has the {name} {theirs[name]}, this one {value}", anew)
    if str(wanted.last) > theirs["bars_to"]:
        raise UsageError(
            f"backtest {wanted.name} holds the bars up to {theirs['bars_to']}, --to is {wanted.last}", anew
        )


def _marked(home: Path) -> dict[str, Any]:
    """What a folder says it is of. Raises: UsageError for a folder or a link that no backtest made."""
    try:
        if home.is_symlink():
            raise OSError("it is a link")
        found: dict[str, Any] = json.loads((home / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{home} was made by no backtest: {error}", "Give another --name.") from None
    return found


def discard(of: Settings, wanted: Plan) -> bool:
    """Stop its server and remove its folder; whether there was one."""
    home = wanted.home(of)
    if not home.exists():
        return False
    _marked(home)
    _rest(home)
    # Where a folder on the way is closed to the server's user its data lie elsewhere.
    shutil.rmtree(embedded.Cluster(home).folder, ignore_errors=True)
    # Out of the way at once: what a removal that is cut off leaves is no backtest.
    going = home.with_name(f".{home.name}.removed")
    shutil.rmtree(going, ignore_errors=True)
    home.rename(going)
    shutil.rmtree(going)
    return True


def _rest(home: Path) -> None:
    if home.exists():
        with elsewhere(home):
            embedded.Cluster(home).down()


@contextlib.contextmanager
def alone(of: Settings, wanted: Plan) -> Iterator[None]:
    """The block has the backtest to itself; its server is stopped at the end, whichever command works on it next starts
    it.

    Raises: UsageError where another process is at it.
    """
    home = wanted.home(of)
    home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open(home.parent / f".{wanted.name}.lock", "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"backtest {wanted.name} is under way in another process", "Wait for it, or give this one a --name."
            ) from None
        try:
            yield
        finally:
            _rest(home)


@contextlib.contextmanager
def elsewhere(home: Path) -> Iterator[Settings]:
    """The block's commands work under another RUNNER_HOME, with its own server, passwords, kill file and anchors."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(_ELSEWHERE)]:
        del os.environ[name]
    os.environ |= {"RUNNER_HOME": str(home), "KILL_SWITCH_FILE": str(home / "KILL_SWITCH")}
    try:
        yield settings.load()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _take_parsed_project(ours: Path, theirs: Path) -> None:
    """dbt's parsed project, kept under what it was parsed from: a copy saves ten seconds and changes nothing."""
    kept, copy = parsed_project.path(ours), parsed_project.path(theirs)
    if kept.exists() and not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, copy)


def _copy(source: db.Connection, target: db.Connection, step: Callable[[str], None]) -> int:
    """Calendar, universe and market data, in one transaction of the target: all or nothing."""
    rows = 0
    for table in db.fetch_all(target, "backtest.copies"):
        step(f"copying {table['relation']}")
        if table["before"]:
            db.execute_text(target, "backtest", table["before"])
        rows += db.copy_between(source, table["read"], target, table["write"])
        if table["after"]:
            db.execute_text(target, "backtest", table["after"])
    return rows


def _reached(wanted: Plan) -> date | None:
    """The session of its newest cycle; None before the first."""
    with db.connect("fund_analyst") as connection:
        reached: date | None = db.fetch_value(connection, "backtest.reached", account=wanted.account)
    return reached


class _Progress:
    """How far it is and how long it will take, for a terminal; a line a month, for whoever reads it later."""

    def __init__(self, sessions: list[date], say: Callable[[str], None], tell: Callable[[str], None]) -> None:
        self._sessions, self._say, self._tell = sessions, say, tell
        self._states: list[str] = []
        self._began = time.monotonic()

    def step(self, session: date, what: str) -> None:
        """What is being done about a session."""
        done, total = len(self._states), len(self._sessions)
        rest = (time.monotonic() - self._began) / done * (total - done) / 60 if done else None
        left = "" if rest is None else f", {rest:.0f} min left"
        self._tell(f"{session} ({done + 1} of {total}{left}) {what}")

    def done(self, report: SessionReport) -> None:
        """A session's end."""
        place = len(self._states)
        self._states.append(report.cycle.state)
        following = self._sessions[place + 1] if place + 1 < len(self._sessions) else None
        if following is None or (following.year, following.month) != (report.session.year, report.session.month):
            month = [
                state
                for day, state in zip(self._sessions, self._states, strict=False)
                if (day.year, day.month) == (report.session.year, report.session.month)
            ]
            decided = sum(state in ("DONE", "ALREADY_DONE") for state in month)
            self._say(f"{report.session:%Y-%m}  {decided} of {len(month)} sessions decided")


def account_of(config: GoldenConfig, wanted: Plan, sessions: list[date]) -> dict[str, Any]:
    """What came of it up to the plan's last session, for a terminal, a page or a script. Fractions, USD, dates.

    Keys: name, account, strategy, config_sha256, asked (first and last session), decided (of how many sessions), ended
    (why it ends before its last session, or None), benchmark, benchmark_class, risk_free_rate, fund (its cash earns
    nothing), fund_with_cash, benchmark_figures (performance.Figures), comparison, years, months, series (per session),
    trading, cycles, kills, reservations. Cash that short positions brought earns nothing in either.
    """
    rate = config.fund.risk_free_rate
    with db.connect("fund_analyst", read_only=True) as connection:
        marks = db.fetch_all(connection, "backtest.marks", account=wanted.account, last=wanted.last)
        theirs = db.fetch_all(connection, "backtest.benchmark", calendar=config.fund.session_calendar)
        trading = db.fetch_one(connection, "backtest.trading", account=wanted.account, last=wanted.last)
        cycles = db.fetch_all(connection, "backtest.cycles", account=wanted.account, last=wanted.last)
        kills = db.fetch_all(connection, "backtest.kills", last=wanted.last)
    whole = len(marks)
    marks = list(itertools.takewhile(lambda mark: mark["nav"] > 0, marks))
    closes = {row["session"]: row["close"] for row in theirs}
    days = [mark["session"] for mark in marks]
    later = days[1:]
    returns = np.array([mark["period_return"] for mark in marks[1:]], dtype=np.float64)
    paired = performance.between([closes.get(day) for day in days])
    # Where it has no close, what it moved since is in the return up to the next one it has.
    benchmark = performance.between(performance.carried([closes.get(day) for day in days]))
    shares = np.array([(m["cash"] + m["short_value"]) / m["nav"] for m in marks[:-1]], dtype=np.float64)
    total = performance.with_cash(returns, shares, rate)
    known = np.isfinite(benchmark)
    return {
        "name": wanted.name,
        "account": wanted.account,
        "strategy": wanted.strategy,
        "config_sha256": config.sha256,
        "asked": {"first": sessions[0], "last": sessions[-1], "sessions": len(sessions)},
        "decided": sum(row["sessions"] for row in cycles if row["state"] == "DONE"),
        "ended": _ended(days, sessions, ruined=len(marks) < whole),
        "benchmark": theirs[0]["symbol"] if theirs else None,
        "benchmark_class": theirs[0]["asset_class"] if theirs else None,
        "risk_free_rate": rate,
        "fund": asdict(performance.figures(returns, days, rate)),
        "fund_with_cash": asdict(performance.figures(total, days, rate)),
        "benchmark_figures": asdict(
            performance.figures(
                benchmark[known], [*days[:1], *(day for day, k in zip(later, known, strict=True) if k)], rate
            )
        ),
        "comparison": asdict(performance.compare(total, paired, rate)),
        "years": [asdict(one) for one in performance.periods(later, returns, benchmark)],
        "months": [asdict(one) for one in performance.periods(later, returns, benchmark, months=True)],
        "series": _series(marks, returns, benchmark),
        "trading": _trading(trading, marks),
        "cycles": cycles,
        "kills": kills,
        "reservations": list(RESERVATIONS),
    }


#: What no figure of a backtest says.
RESERVATIONS = (
    "The symbols are those the fund follows today: names that failed since are not among them.",
    "Agents, limits and their parameters were chosen by people who know what came after.",
    "Facts that were loaded later, and the scores of headlines, are by sources and lexicons of today.",
    "Fills are the paper exchange's, at the session's open with a stated cost; no order of ours moves a price.",
    "Short positions pay no borrowing fee. A price index has no dividends in it.",
)


def _ended(days: list[date], sessions: list[date], *, ruined: bool) -> str | None:
    if ruined:
        return f"the net asset value was not above 0 after {days[-1] if days else sessions[0]}"
    if not days or days[-1] < sessions[-1]:
        return f"nothing was marked after {days[-1] if days else 'the beginning'}"
    return None


def _series(
    marks: list[dict[str, Any]], returns: performance.Floats, benchmark: performance.Floats
) -> list[dict[str, Any]]:
    """Per mark: NAV, exposures as fractions of it, both indices (1 at the first mark) and the fund's drawdown."""
    if not marks:
        return []
    mine = [1.0, *np.cumprod(1 + returns).tolist()]
    theirs = [1.0, *np.cumprod(1 + np.nan_to_num(benchmark)).tolist()]
    falls = [0.0, *performance.drawdowns(returns).tolist()]
    return [
        {
            "session": mark["session"],
            "nav": mark["nav"],
            "long": mark["long_value"] / mark["nav"],
            "short": mark["short_value"] / mark["nav"],
            "fund": mine[i],
            "benchmark": theirs[i],
            "drawdown": falls[i],
        }
        for i, mark in enumerate(marks)
    ]


def _trading(found: dict[str, Any], marks: list[dict[str, Any]]) -> dict[str, Any]:
    """Orders and what trading cost. turnover: bought and sold, annual, of the mean NAV; fee_drag likewise."""
    if not marks:
        return found | {"turnover": None, "fee_drag": None, "mean_gross": None, "mean_net": None}
    nav = float(np.mean([mark["nav"] for mark in marks]))
    years = (len(marks) - 1) / performance.SESSIONS_A_YEAR
    enough = len(marks) > performance.SESSIONS_MIN
    return found | {
        "turnover": found["traded"] / nav / years if enough else None,
        "fee_drag": found["fees"] / nav / years if enough else None,
        "mean_gross": float(np.mean([(m["long_value"] - m["short_value"]) / m["nav"] for m in marks])),
        "mean_net": float(np.mean([(m["long_value"] + m["short_value"]) / m["nav"] for m in marks])),
    }
