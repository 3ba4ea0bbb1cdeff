"""`risk`: where an account's risk stands, against every limit, and whether its VaR was worth anything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from runner.commands import show_json

EXAMPLE = "python -m runner risk --html risk.html · python -m runner risk --as-of 2013-02-27 --json"


def command(
    account: str = typer.Option("paper", help="Account, as the golden configuration names it."),
    as_of: datetime | None = typer.Option(
        None, "--as-of", formats=["%Y-%m-%d"], help="As of its newest cycle up to this session; default: the newest."
    ),
    sessions: int = typer.Option(250, min=2, help="Sessions of the past in the histories."),
    html: Path | None = typer.Option(None, help="Write one page with plots there; it needs no network."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """State, regime, every limit, factors, stress, component CVaR, exposures, tail, and the back-test of the VaR.

    Reads only, as the newest cycle stored it; a figure the data do not support is shown as none, with its reason.
    """
    from runner import db, risk_page, risk_report

    if html is not None:
        risk_page.check(html)
    with db.connect("fund_analyst", read_only=True) as connection:
        found = risk_report.report(connection, account, as_of.date() if as_of else None, sessions)
    if as_json:
        show_json(found)
    else:
        _show(found)
    if html is not None:
        risk_page.write(html, found)
        typer.echo(f"page written to {html}", err=as_json)


def _show(found: dict[str, Any]) -> None:
    from runner.show import console, ended, table

    cycle, state, why = found["cycle"], found["state"], found["unknown"]
    if cycle is None:
        console.print(
            f"account {found['account']} has no cycle up to {found['as_of']}: its newest is shown without --as-of"
            if found["as_of"]
            else f"account {found['account']} has no cycle yet: python -m runner cycle --account {found['account']}",
            markup=False,
        )
        return
    console.print(
        f"account {found['account']}, newest cycle as of {cycle['as_of_session']}: [bold]{cycle['state']}[/bold]"
        + ended(cycle)
    )
    if state is None:
        console.print("no cycle of it has measured its risk yet: python -m runner status says what stopped it")
        return
    if state["cycle_id"] != cycle["cycle_id"]:
        console.print(f"[yellow]what follows is of the last measured one, as of {state['as_of_session']}[/yellow]")
    tier = f" tier {state['tier']}" if state["tier"] else ""
    console.print(
        f"state [bold]{state['state']}[/bold], phase {state['phase']}{tier} for {state['sessions']} sessions, "
        f"CVaR breaches in a row: {state['cvar_breaches']}, gross {state['gross']:.4f}, net {state['net']:.4f}"
    )
    _regime(found["regime"])
    table(_against_limits(state, why), "figures against their limits")
    table([_check(row) for row in _worst_first(found["checks"])], "limits: what bound, and the nearest of each")
    table([{"factor": name, "value": _number(value)} for name, value in sorted(state["factors"].items())], "factors")
    table([_scenario(row, why) for row in found["stress"]], "stress")
    table([_number_row(row) for row in found["components"]], "component CVaR of the target")
    table([_number_row(row) for row in found["exposures"]], "exposure by sector and side")
    named = [
        {"figure": name, "value": _number(value), "why not": why.get(name, "")}
        for name, value in sorted(state["figures"].items())
        if not name.startswith(("stress_", "window_"))
    ]
    table(named, "figures")
    table([_number_row(row) for row in found["transitions"]], "last steps of the recovery protocol")
    table([_backtest(row) for row in found["backtest"].values()], "VaR 95 % against the next session, newest 250")


def _regime(regime: dict[str, Any] | None) -> None:
    from runner.show import console

    if regime is None:
        console.print("regime: none stored")
        return
    seen = _number(regime["high_probability"])
    console.print(
        f"regime [bold]{regime['name']}[/bold] by {regime['method']}, probability of high volatility {seen}, "
        f"volatility {regime['volatility']} for {regime['volatility_sessions']} sessions, trend {regime['trend']}"
        + (f": {regime['reason']}" if regime["reason"] else "")
    )


def _against_limits(state: dict[str, Any], why: dict[str, str]) -> list[dict[str, Any]]:
    pairs = (
        ("VaR 95 % of the target", "var_95", "var_limit"),
        ("CVaR 95 % of the target", "cvar_95", "cvar_hard_limit"),
        ("CVaR 95 % after trading", "cvar_post_trade", "cvar_hard_limit"),
        ("volatility, annual", "volatility", "volatility_limit"),
        ("drawdown, tactical", "drawdown", "drawdown_limit"),
        ("loss of capital", "loss", "loss_limit"),
    )
    return [
        {
            "figure": text,
            "observed": _number(state[name]),
            "limit": _number(state[limit]),
            "used": f"{max(state[name] / state[limit], 0):.0%}"
            if state[name] is not None and state[limit]
            else "unknown",
            "why not": why.get(name, ""),
        }
        for text, name, limit in pairs
    ]


def _worst_first(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Binding rows, and of every limit the row nearest to its threshold; an unknown one is nearer than any."""
    nearest: dict[str, dict[str, Any]] = {}
    for row in checks:
        if row["limit_name"] not in nearest or _nearness(row) > _nearness(nearest[row["limit_name"]]):
            nearest[row["limit_name"]] = row
    chosen = [row for row in checks if row["binding"] or row is nearest[row["limit_name"]]]
    return sorted(chosen, key=lambda row: not row["binding"])


def _nearness(row: dict[str, Any]) -> float:
    return float("inf") if row["observed"] is None else float(row["observed"] - row["threshold"])


def _check(row: dict[str, Any]) -> dict[str, Any]:
    """Short headings: a narrow terminal folds names, and no number."""
    return {
        "name": row["limit_name"],
        "of": row["symbol"] or row["scope"],
        "seen": _number(row["observed"]),
        "limit": _number(row["threshold"]),
        "action": row["action"],
        "factor": _number(row["factor"]),
        "bound": "yes" if row["binding"] else "",
        "reason": row["reason"],
    }


def _scenario(row: dict[str, Any], why: dict[str, str]) -> dict[str, Any]:
    window = _number(row["window_loss"])
    return {
        "scenario": row["scenario"],
        "loss": _number(row["loss"]),
        "limit": _number(row["loss_limit"]),
        "action": row["action"],
        "reason": row["reason"],
        "the crisis itself": window if row["window_loss"] is not None else why.get(f"window_{row['scenario']}", window),
    }


def _backtest(row: dict[str, Any]) -> dict[str, Any]:
    ratios = {
        text: _number(row[name]["p"]) if row["reason"] or row[name]["p"] is not None else row[name]["reason"]
        for text, name in (("Kupiec p", "coverage"), ("indep. p", "independence"), ("both p", "both"))
    }
    return {
        "estimator": row["estimator"],
        "exceptions": f"{row['exceptions']} of {row['sessions']}",
        "expected": f"{row['expected']:.1f}",
        "unknown": row["unknown"],
        "empty": row["idle"],
        **ratios,
        "light": row["light"] or row["reason"],
    }


def _number_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "none" if value is None else value for name, value in row.items()}


def _number(value: Any) -> str:
    return "none" if value is None else f"{value:.4f}" if abs(value) < 1000 else f"{value:,.0f}"
