"""The command line: a literal list of commands, one error shape, one exit code each (ARCHITECTURE 6).

A command is one file in runner/commands/ and one line in `COMMANDS`. The file has either a function `command` (its
docstring is the help) and its `EXAMPLE`, or a `typer.Typer` named `app` for a group. Only the command that runs is
imported, so `--help` stays fast. A command raises runner.errors classes; here they become one line with the remedy and
the exit code. `--debug`, before the command, shows the traceback as well.
"""

from __future__ import annotations

import importlib
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import typer
from typer.exceptions import TyperException

from runner import __version__, log, settings
from runner.errors import ExitCode, FundError, UsageError

#: name: (module below runner.commands, line shown by --help)
COMMANDS = {
    "approve": ("approve", "What waits for a second person, and that person's word."),
    "audit": ("audit", "What happened and why: verify the chain, explain a decision."),
    "backtest": ("backtest", "Decide a range of the past again, and say what came of it."),
    "breaks": ("breaks", "Differences from the broker's books: list, resolve."),
    "config": ("config", "The golden configuration: verify, lock, show."),
    "cycle": ("cycle", "Run a cycle, or a range of sessions on a simulated database."),
    "daemon": ("daemon", "Start what is due, session after session."),
    "dashboard": ("dashboard", "Pages for people who look and change nothing."),
    "demo": ("demo", "Everything, from nothing, on real data."),
    "db": ("db", "The database: start, stop, state, connection strings."),
    "deploy": ("deploy", "Bring the database to the state of sql/."),
    "doctor": ("doctor", "Check every prerequisite and say how to mend each."),
    "gaps": ("gaps", "Sessions without a bar: list, declare absent."),
    "ingest": ("ingest", "Load calendar, universe and bars from providers."),
    "kill": ("kill", "Stop trading now."),
    "limits": ("limits", "The limits in force: list, tighten, propose."),
    "liquidate": ("liquidate", "Close every position of an account."),
    "notify": ("notify", "Carry alerts to people: Telegram, Slack, Discord."),
    "operator": ("operator", "People and their logins: list, add, retire."),
    "replay": ("replay", "Recompute past cycles to the bit, or under another configuration."),
    "resume": ("resume", "Trade again after a kill, once nothing is missing."),
    "risk": ("risk", "Risk against every limit, stress, exposures, and the back-test of the VaR."),
    "status": ("status", "Where the fund stands."),
    "sync": ("sync", "Carry orders to the broker and fills back."),
    "env": ("env", "Print the environment dbt needs, as shell exports."),
}


@dataclass
class Options:
    """Options of the program rather than of a command."""

    debug: bool = False


OPTIONS = Options()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mini-quant-fund {__version__}")
        raise typer.Exit


def program(
    debug: bool = typer.Option(False, "--debug", help="Show tracebacks and debug lines."),
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """A quant fund whose risk desk lives in the database."""
    OPTIONS.debug = debug
    config = settings.load()
    log.configure(debug=debug, json=config.log_format == "json", secrets=config.secrets())


def build(wanted: str | None) -> typer.Typer:
    """The program with the `wanted` command imported; of the others the listing needs only their lines."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
    app.callback(epilog="Example: python -m runner demo")(program)
    for name, (module_name, line) in sorted(COMMANDS.items()):
        if name != wanted:
            app.command(name, help=line)(_listed)
            continue
        module = importlib.import_module(f"runner.commands.{module_name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, help=line, no_args_is_help=True)
        else:
            app.command(name, epilog=f"Example: {module.EXAMPLE}")(module.command)
    return app


def _is_group(name: str | None) -> bool:
    """Whether it is a command with commands of its own."""
    return name in COMMANDS and hasattr(importlib.import_module(f"runner.commands.{COMMANDS[name][0]}"), "app")


def _listed() -> None:
    """Stands in the listing for a command that was not called."""


def fail(error: FundError) -> int:
    """Print an error's one line (secrets blanked) to standard error; its exit code. A library's may be several.

    Where the log is JSON it is a line of that: whoever reads it by machine would stumble over the one that tells most.
    """
    if OPTIONS.debug:
        typer.echo(log.redacted_traceback(sys.exc_info()[1] or error), err=True)
    line = "; ".join(part.strip() for part in str(error).splitlines() if part.strip())
    if log.is_json():
        log.get_logger("cli").error(line, exit_code=int(error.exit_code))
    else:
        typer.echo(f"error: {log.redact(line)}", err=True)
    return int(error.exit_code)


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    wanted = next((word for word in words if not word.startswith("-")), None)
    OPTIONS.debug = False
    try:
        program_call: Callable[[], object] = partial(
            build(wanted), words, standalone_mode=False, prog_name="python -m runner"
        )
        result = program_call()
        return result if isinstance(result, int) else int(ExitCode.DONE)
    except FundError as error:
        return fail(error)
    except typer.Exit as error:
        return error.exit_code
    except TyperException as error:
        if not words or (words == [wanted] and _is_group(wanted)):  # called without its command it shows its help
            typer.echo(error.format_message(), err=True)
            return int(ExitCode.USAGE)
        return fail(UsageError(error.format_message().rstrip(".")))
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("interrupted", err=True)
        return 130
    except Exception as error:  # the one place: whatever was not foreseen is still one line
        return fail(FundError(f"{type(error).__name__}: {str(error).strip()}"))


def main() -> None:
    """Entry point. No core file, of this process or one it starts: its memory holds what its log must not."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    log.guard()
    sys.exit(run())
