"""`db`: the embedded server's start, stop and state, and connection strings for any role."""

from __future__ import annotations

from dataclasses import asdict

import typer

from runner import embedded, settings
from runner.commands import show_json
from runner.errors import DatabaseUnreachable, UsageError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def _cluster() -> embedded.Cluster:
    config = settings.load()
    if not config.embedded:
        raise UsageError(
            "DATABASE_URL is set: that server is not the runner's to start or stop", "Unset it for the embedded one."
        )
    return embedded.Cluster(config.runner_home)


@app.command(epilog="Example: python -m runner db up")
def up() -> None:
    """Start the embedded server, or find it running; it runs on until `db down`."""
    state = _cluster().up()
    typer.echo(f"PostgreSQL {state.version} is ready (process {state.pid}, socket {state.socket})")


@app.command(epilog="Example: python -m runner db down")
def down() -> None:
    """Stop the embedded server; open transactions are rolled back."""
    typer.echo("PostgreSQL is stopped" if _cluster().down() else "PostgreSQL was not running")


@app.command(epilog="Example: python -m runner db status --json")
def status(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """State of the database; exit 16 where it does not take connections."""
    config = settings.load()
    if config.embedded:
        found = embedded.Cluster(config.runner_home).status()
        ready, shown = found.state == "ready", asdict(found)
        line = f"embedded PostgreSQL {found.version or ''}: {found.state} (data {found.data}, socket {found.socket})"
    else:
        from runner import db

        with db.connect(db.DEPLOYER) as connection:
            version = db.fetch_value(connection, "deploy.server_version")
        ready, shown = True, {"state": "ready", "version": version}
        line = f"PostgreSQL {version}: ready (DATABASE_URL)"
    if as_json:
        show_json(shown)
    elif ready:
        typer.echo(line)
    if not ready:
        raise DatabaseUnreachable(line)


@app.command(epilog='Example: psql "$(python -m runner db url --role fund_analyst)"')
def url(
    role: str = typer.Option("fund_analyst", help="A login role, or `postgres`, the embedded superuser."),
) -> None:
    """Print a connection string, password included: for a terminal or a pipe, not for a log."""
    from runner import db

    config = settings.load()
    if role == embedded.SUPERUSER and config.embedded:
        role = db.DEPLOYER
    if role not in (db.DEPLOYER, *settings.LOGIN_ROLES):
        raise UsageError(f"There is no role {role}", f"One of: {', '.join(settings.LOGIN_ROLES)}, postgres (embedded).")
    typer.echo(db.url(role))
