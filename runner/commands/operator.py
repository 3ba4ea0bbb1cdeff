"""`operator`: the people who may loosen something, two at a time."""

from __future__ import annotations

import typer

from runner.commands import show_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="People and their logins: list, add, retire.")


@app.command(name="list", epilog="Example: python -m runner operator list --json")
def list_known(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """Everybody ever enrolled, and who still is."""
    from runner import operators
    from runner.show import table

    rows = operators.known()
    if as_json:
        show_json(rows)
    else:
        table(rows, "operators")


@app.command(epilog='Example: python -m runner operator add alice --reason "risk desk"')
def add(
    name: str = typer.Argument(help="Lower-case letters and digits; the login role is fund_operator_NAME."),
    reason: str = typer.Option(..., help="Who that is and why; stored."),
    keep: bool = typer.Option(False, "--keep", help="Keep the password in RUNNER_HOME: for a trial on one machine."),
) -> None:
    """Make a person's login, or give it a new password, as the deployer; the password is shown once.

    That person then works with FUND_OPERATOR=NAME and FUND_OPERATOR_<NAME>_PASSWORD in their environment. A loosening
    takes two of them: the shared role fund_operator is nobody in particular and counts as neither.
    """
    from runner import operators, settings

    role = operators.role_of(name)
    password = operators.add(name, reason, keep=keep)
    typer.echo(f"{role} may log in and propose, approve, kill and resume")
    if not keep:
        typer.echo(f"its password, shown this once: {password}")
    typer.echo(f"environment: FUND_OPERATOR={name}" + ("" if keep else f" {settings.password_variable(role)}=…"))


@app.command(epilog='Example: python -m runner operator retire alice --reason "left the desk"')
def retire(
    name: str = typer.Argument(help="As `operator list` shows it, without fund_operator_."),
    reason: str = typer.Option(..., help="Why; stored."),
) -> None:
    """Take a person's login away, as the deployer, and end their sessions; what they did stays told."""
    from runner import operators

    retired = operators.retire(name, reason)
    typer.echo(f"{operators.role_of(name)} {'is retired' if retired else 'was retired before'}")
