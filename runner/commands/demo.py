"""`demo`: everything, from nothing, on real data."""

from __future__ import annotations

import typer

from runner import settings
from runner.commands import show_json

EXAMPLE = "python -m runner demo · RUNNER_HOME=/tmp/demo python -m runner demo"


def command(
    as_json: bool = typer.Option(False, "--json", help="Only the account of what happened, for a script."),
) -> None:
    """Real bars in, five sessions decided, paper orders filled, and an account of it; a second run changes nothing."""
    from runner import demo as show
    from runner.show import console, progress_line, show_session, table

    with progress_line() as step:
        show.run(
            settings.load(),
            say=(lambda _line: None) if as_json else console.print,
            step=step,
            on_session=(lambda _report: None) if as_json else show_session,
        )
    sections = show.story()
    if as_json:
        show_json(sections)
        return
    for title, rows in sections.items():
        table(rows, title)
    console.print(show.FAREWELL)
