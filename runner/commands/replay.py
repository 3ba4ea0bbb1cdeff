"""`replay`: past cycles recomputed and compared to the bit, or recomputed under another configuration."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from runner.commands import show_json
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.replay import Replay, Run
    from runner.whatif import Session

EXAMPLE = (
    "python -m runner replay 3f9c2a · python -m runner replay --from 2013-02-21 --to 2013-02-27 · "
    "python -m runner replay --what-if risk.cvar_hard=0.05 --from 2013-02-21 --to 2013-02-27 --plot cvar.html"
)

#: Differences a terminal shows; --json has all.
_SHOWN = 20


def command(
    cycle_id: str | None = typer.Argument(None, help="A cycle's id, or how it begins where that names one."),
    run: int | None = typer.Option(None, "--run", help="A run of it; default: the one whose decisions count."),
    first: datetime | None = typer.Option(None, "--from", formats=["%Y-%m-%d"], help="First as-of session of a range."),
    last: datetime | None = typer.Option(None, "--to", formats=["%Y-%m-%d"], help="Last as-of session of the range."),
    account: str | None = typer.Option(None, help="Only this account's cycles; default: all."),
    what_if: list[str] = typer.Option(
        [], "--what-if", help="section.key=value of the golden configuration, repeatable: decide again under it."
    ),
    plot: Path | None = typer.Option(None, help="With --what-if: write both sides as .html (or .png, with kaleido)."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Recompute past cycles from what they stored; exit 18 and the first difference where a bit differs.

    Reads only. Another version of the code, of a library or of the file is said, and compared all the same. With
    --what-if each cycle is decided again from the account it had, under the changed configuration, side by side.
    """
    from runner import db, replay, whatif
    from runner.show import progress_line

    wanted = whatif.parse(what_if)
    _refuse_contradictions(cycle_id, run, first, last, plot, what_if)
    if plot is not None:
        whatif.check_plot(plot)
    with progress_line() as say, db.connect("fund_analyst", autocommit=True, read_only=True) as connection:
        if cycle_id is not None:
            runs = [replay.find(connection, cycle_id, run)]
        else:
            runs = replay.find_range(connection, *_days(first, last), account)
        if wanted:
            sessions = []
            for number, one in enumerate(runs, start=1):
                say(f"{one.as_of_session}, {number} of {len(runs)}")
                sessions.append(whatif.session(connection, one, wanted))
        else:
            altered = replay.altered_bars(connection)
            replays = []
            for number, one in enumerate(runs, start=1):
                say(f"{one.as_of_session}, {number} of {len(runs)}")
                replays.append(replay.replay(connection, one, altered))
    if wanted:
        _show_sessions(sessions, wanted, as_json=as_json)
        if plot is not None:
            whatif.plot(plot, sessions, wanted)
            typer.echo(f"plot written to {plot}", err=as_json)
        return
    _show_replays(replays, as_json=as_json)
    differing = next((found for found in replays if found.differences), None)
    if differing is not None:
        raise replay.refusal(differing)


def _refuse_contradictions(
    cycle_id: str | None,
    run: int | None,
    first: datetime | None,
    last: datetime | None,
    plot: Path | None,
    what_if: list[str],
) -> None:
    """Raises: UsageError for options that do not go together."""
    if (cycle_id is None) == (first is None) or (first is None) != (last is None):
        raise UsageError("a replay is of one cycle, or of a range", "Give a CYCLE_ID, or --from and --to.")
    if run is not None and cycle_id is None:
        raise UsageError("--run names a run of one cycle", "Give its CYCLE_ID.")
    if plot is not None and not what_if:
        raise UsageError("--plot shows both sides of a --what-if", "Give --what-if section.key=value.")


def _days(first: datetime | None, last: datetime | None) -> tuple[date, date]:
    assert first is not None and last is not None
    if first > last:
        raise UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}")
    return first.date(), last.date()


# --- a replay ---------------------------------------------------------------------------------------------------------


def _show_replays(replays: list[Replay], *, as_json: bool) -> None:
    from runner.show import console, table

    if as_json:
        shown = [_plain(found) for found in replays]
        show_json(shown[0] if len(shown) == 1 else shown)
        return
    for note in dict.fromkeys(note for found in replays for note in found.notes):
        console.print(f"another version: {note}", markup=False, highlight=False)
    if len(replays) > 1:
        table(
            [
                {
                    "session": found.run.as_of_session,
                    "account": found.run.account,
                    "cycle": found.run.cycle_id[:12],
                    "run": found.run.run,
                    "state": found.run.state,
                    "compared": found.compared,
                    "differing": len(found.differences),
                    "first difference": found.differences[0].stage if found.differences else "",
                }
                for found in replays
            ],
            "replays",
        )
    for found in [found for found in replays if found.differences][:1]:
        rows = [
            {"stage": d.stage, "relation": d.relation, "of": d.key, "field": d.field} | _sides(d.stored, d.replayed)
            for d in found.differences[:_SHOWN]
        ]
        table(rows, f"differences of {_name(found.run)}")
        if len(found.differences) > _SHOWN:
            console.print(f"and {len(found.differences) - _SHOWN} more: --json has all")
    same = sum(1 for found in replays if not found.differences)
    compared = sum(found.compared for found in replays)
    what = f"{len(replays)} cycles" if len(replays) > 1 else _name(replays[0].run)
    differing = sum(len(found.differences) for found in replays)
    console.print(
        f"{what} replayed: {compared} stored values the same to the bit, {differing} differ"
        + (f"; {same} of {len(replays)} cycles without a difference" if len(replays) > 1 else ""),
        highlight=False,
    )


def _name(run: Run) -> str:
    return f"cycle {run.cycle_id[:12]} run {run.run} as of {run.as_of_session} ({run.state})"


def _sides(stored: Any, replayed: Any) -> dict[str, str]:
    from runner.replay import shown

    return {"stored": shown(stored), "now": shown(replayed)}


def _plain(found: Replay) -> dict[str, Any]:
    from runner.replay import shown

    return {
        "cycle_id": found.run.cycle_id,
        "run": found.run.run,
        "account": found.run.account,
        "as_of_session": found.run.as_of_session,
        "state": found.run.state,
        "notes": list(found.notes),
        "compared": found.compared,
        "differing": len(found.differences),
        "differences": [
            {**d.__dict__, "stored": shown(d.stored), "replayed": shown(d.replayed)} for d in found.differences
        ],
    }


# --- a what-if --------------------------------------------------------------------------------------------------------


def _show_sessions(sessions: list[Session], wanted: dict[str, str], *, as_json: bool) -> None:
    from dataclasses import asdict

    from runner.show import console, table
    from runner.whatif import unread

    if as_json:
        show_json(
            {
                "what_if": wanted,
                "not_read_by_the_stages": unread(wanted),
                "sessions": [{**asdict(found), "changed": list(found.changed)} for found in sessions],
            }
        )
        return
    for path in unread(wanted):
        console.print(
            f"{path} is read by no stage: SQL, dbt or an adapter uses it, and no row here changes", markup=False
        )
    pairs = ("gross", "cvar", "turnover", "orders")
    table(
        [
            {"session": found.as_of_session, "was": found.was.state, "if": found.would.state}
            | {"changed": f"{len(found.changed)} of {len(found.was.outcomes)}"}
            | {
                f"{name} {side}": _figure(getattr(which, name))
                for name in pairs
                for side, which in (("was", found.was), ("if", found.would))
            }
            for found in sessions
        ],
        "what if " + ", ".join(f"{key} = {value}" for key, value in wanted.items()),
    )
    touched = sum(1 for found in sessions if found.changed)
    console.print(
        f"{touched} of {len(sessions)} cycles would have decided otherwise, "
        f"{sum(len(found.changed) for found in sessions)} decisions; each from the account it had that day",
        highlight=False,
    )


def _figure(value: float | int | None) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
