"""The fake Alpaca by hand: `python -m tests.fake_alpaca --help`."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import typer

from tests.fake_alpaca.client import ScriptRefused, call

HELP = """A broker that does everything wrong: Alpaca's trading API on loopback, with a journal of what it really did.

By hand, in two terminals:

\b
  python -m tests.fake_alpaca serve --clock 2020-01-07T15:00:00Z
  python -m tests.fake_alpaca do prices '{"AAA": [99.99, 100.01]}'
  python -m tests.fake_alpaca fault timeout_after --op 'POST /v2/orders'
  ALPACA_BASE_URL=http://127.0.0.1:8999 … python -m runner sync --once
  python -m tests.fake_alpaca journal --kind accepted --kind executed

`serve` prints the key and the secret it takes. `faults` lists what can go wrong, `actions` what a script can do. From a
test: `with FakeAlpaca() as fake`, see tests/fake_alpaca/__init__.py.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
URL = typer.Option("http://127.0.0.1:8999", envvar="FAKE_ALPACA_URL", help="Where it listens.")


@app.command()
def serve(
    port: int = typer.Option(8999, help="On 127.0.0.1; 0: any free one."),
    journal: Path = typer.Option(Path("fake_alpaca.jsonl"), help="Appended to; one JSON object a line."),
    clock: str = typer.Option("", help="Instant it stands at, such as 2020-01-07T15:00:00Z; without: the machine's."),
    run: bool = typer.Option(False, "--run", help="The clock runs from --clock."),
    cash: str = typer.Option("1000000", help="USD."),
    seed: int = typer.Option(0, help="Of every id, and of what is drawn."),
    script: Path = typer.Option(None, help="A JSON list of faults to set at the start."),
    attached: bool = typer.Option(False, help="End when stdin closes; port 0."),
) -> None:
    """Serve until Ctrl-C. The first line on stdout is JSON: url, stream, key, secret, journal.

    Example: python -m tests.fake_alpaca serve --clock 2020-01-07T15:00:00Z
    """
    from tests.fake_alpaca.server import KEY, SECRET, Venue

    venue = Venue(journal, 0 if attached else port, clock=clock or None, running=run, cash=cash, seed=seed)
    if script is not None:
        venue.control.do_faults(json.loads(script.read_text(encoding="utf-8")))
    host, bound = venue.server_address[:2]
    told = {"url": f"http://{host!s}:{bound}", "stream": f"ws://{host!s}:{bound}/stream", "key": KEY, "secret": SECRET}
    print(json.dumps(told | {"journal": str(journal)}), flush=True)
    if attached:
        threading.Thread(target=lambda: (sys.stdin.read(), venue.shutdown()), daemon=True).start()
    try:
        venue.serve_forever(poll_interval=0.05)
    except KeyboardInterrupt:
        venue.shutdown()


@app.command()
def faults() -> None:
    """Every fault there is, with its parameters."""
    from tests.fake_alpaca.faults import CATALOGUE

    for name, entry in CATALOGUE.items():
        given = " ".join(f"{key}={value}" for key, value in entry.defaults.items())
        print(f"{entry.phase:7} {name:24} {entry.about}" + (f"  [{given}]" if given else ""))


@app.command()
def fault(
    name: str,
    op: str = typer.Option("", help="Request it happens to: 'POST /v2/orders', 'GET /v2/positions', '*'."),
    nth: int = typer.Option(1, help="From which occurrence on."),
    count: int = typer.Option(1, help="How many occurrences; 0: for good."),
    set_: list[str] = typer.Option([], "--set", help="A parameter: seconds=2."),
    url: str = URL,
) -> None:
    """Set one fault.

    Example: python -m tests.fake_alpaca fault status_after --op 'POST /v2/orders' --set status=504
    """
    parameters = dict(item.split("=", 1) for item in set_)
    line = {"fault": name, "nth": nth, "count": count or None, **parameters} | ({"op": op} if op else {})
    _show(call(url, "faults", line))


@app.command()
def actions() -> None:
    """Everything `do` can do, with the body each takes."""
    from tests.fake_alpaca.control import Control

    for name in sorted(vars(Control)):
        if name.startswith("do_"):
            print(f"{name.removeprefix('do_'):10} {getattr(Control, name).__doc__}")


@app.command()
def do(path: str, body: str = typer.Argument("{}", help="JSON."), url: str = URL) -> None:
    """One of `actions`: state, clock, prices, fill, place, account, …

    Example: python -m tests.fake_alpaca do prices '{"AAPL": [99.99, 100.01]}'
    """
    _show(call(url, path, json.loads(body)))


@app.command(name="journal")
def show_journal(
    path: Path = typer.Argument(Path("fake_alpaca.jsonl")),
    kinds: list[str] = typer.Option([], "--kind", help="Only these kinds."),
    follow: bool = typer.Option(False, "--follow", help="Go on as it grows."),
) -> None:
    """What the broker did, a line each.

    Example: python -m tests.fake_alpaca journal --kind accepted --kind executed
    """
    with path.open(encoding="utf-8") as file:
        while True:
            line = file.readline()
            if line.endswith("\n"):
                entry = json.loads(line)
                rest = {k: v for k, v in entry.items() if k not in ("seq", "kind", "at", "wall")}
                if not kinds or entry["kind"] in kinds:
                    print(f"{entry['seq']:6} {entry['at']} {entry['kind']:16} {json.dumps(rest)}", flush=True)
            elif follow:
                time.sleep(0.2)
            else:
                return


def _show(answer: Any) -> None:
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    try:
        app()
    except ScriptRefused as refused:
        sys.exit(f"refused: {refused}")
    except (httpx.TransportError, OSError) as error:
        sys.exit(f"{error}: is it serving? python -m tests.fake_alpaca serve")
