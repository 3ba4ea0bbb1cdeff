"""`dashboard`: pages for people who look and change nothing."""

from __future__ import annotations

import typer

from runner import settings

EXAMPLE = "python -m runner dashboard --port 8501"


def command(
    port: int = typer.Option(8501, min=1, max=65535, help="Port to listen on."),
    host: str = typer.Option("127.0.0.1", help="Address to listen on. Any but this machine's own lets everybody in."),
    name: list[str] | None = typer.Option(
        None, help="Name browsers may call it by, behind a proxy; can be given several times."
    ),
    refresh: int | None = typer.Option(
        None,
        min=0,
        max=3600,
        help="Seconds after which a page reads anew; 0: on a click. Default: DASHBOARD_REFRESH, 30.",
    ),
) -> None:
    """Serve the dashboard until Ctrl-C or SIGTERM: fund, decisions, risk, orders, governance, data, agents, alerts.

    It reads as fund_analyst, on connections that cannot write. It has no login: keep it on this machine, or behind a
    proxy that asks who is there. Exit codes: 2 not installed or the port is taken, 16 database unreachable.
    """
    from runner import db
    from runner.dashboard import serve
    from runner.dashboard.desk import ROLE

    config = settings.load()
    serve.check(host, port)
    with db.connect(ROLE, read_only=True) as connection:
        db.fetch_one(connection, "dashboard.fund")
    if serve.is_open(host):
        typer.echo("it has no login: whoever reaches this address reads everything an analyst may", err=True)
    typer.echo(f"dashboard on http://{f'[{host}]' if ':' in host else host}:{port}, until it is ended")
    serve.become(host, port, config.dashboard_refresh if refresh is None else refresh, tuple(name or ()))
