"""The risk report's tables, as rows of text and numbers: what `risk` prints and the dashboard shows."""

from __future__ import annotations

from typing import Any


def tables(found: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Title and rows of each table of a report whose risk was measured; a figure that is none says why (I17)."""
    state, why = found["state"], found["unknown"]
    return [
        ("figures against their limits", _against_limits(state, why)),
        ("limits: what bound, and the nearest of each", [_check(row) for row in _worst_first(found["checks"])]),
        ("factors", [{"factor": name, "value": number(value)} for name, value in sorted(state["factors"].items())]),
        ("stress", [_scenario(row, why) for row in found["stress"]]),
        ("component CVaR of the target", [_plain(row) for row in found["components"]]),
        ("exposure by sector and side", [_plain(row) for row in found["exposures"]]),
        (
            "figures",
            [
                {"figure": name, "value": number(value), "why not": why.get(name, "")}
                for name, value in sorted(state["figures"].items())
                if not name.startswith(("stress_", "window_"))
            ],
        ),
        ("last steps of the recovery protocol", [_plain(row) for row in found["transitions"]]),
        ("VaR 95 % against the next session, newest 250", [_backtest(row) for row in found["backtest"].values()]),
    ]


def number(value: Any) -> str:
    """Four decimals, whole thousands, or none."""
    return "none" if value is None else f"{value:.4f}" if abs(value) < 1000 else f"{value:,.0f}"


def _against_limits(state: dict[str, Any], why: dict[str, str]) -> list[dict[str, Any]]:
    pairs = (
        ("VaR 95 % of the target", "var_95", "var_limit"),
        ("CVaR 95 % of the target", "cvar_95", "cvar_hard_limit"),
        ("CVaR 95 % after trading", "cvar_post_trade", "cvar_hard_limit"),
        ("volatility, annual: larger of NAV's and benchmark's", "volatility", "volatility_limit"),
        ("drawdown, tactical", "drawdown", "drawdown_limit"),
        ("loss of capital", "loss", "loss_limit"),
    )
    return [
        {
            "figure": text,
            "observed": number(state[name]),
            "limit": number(state[limit]),
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
    return sorted(chosen, key=lambda row: (not row["binding"], -_use(row)))


def _nearness(row: dict[str, Any]) -> float:
    return float("inf") if row["observed"] is None else float(row["observed"] - row["threshold"])


def _use(row: dict[str, Any]) -> float:
    """Share of the limit that is used; unknown is more than any."""
    if row["observed"] is None:
        return float("inf")
    return float(row["observed"] / row["threshold"]) if row["threshold"] else 0.0


def _check(row: dict[str, Any]) -> dict[str, Any]:
    """Short headings: a narrow terminal folds names, and no number."""
    return {
        "name": row["limit_name"],
        "of": row["symbol"] or row["scope"],
        "seen": number(row["observed"]),
        "limit": number(row["threshold"]),
        "action": row["action"],
        "factor": number(row["factor"]),
        "bound": "yes" if row["binding"] else "",
        "reason": row["reason"],
    }


def _scenario(row: dict[str, Any], why: dict[str, str]) -> dict[str, Any]:
    window = number(row["window_loss"])
    return {
        "scenario": row["scenario"],
        "loss": number(row["loss"]),
        "limit": number(row["loss_limit"]),
        "action": row["action"],
        "reason": row["reason"],
        "the crisis itself": window if row["window_loss"] is not None else why.get(f"window_{row['scenario']}", window),
    }


def _backtest(row: dict[str, Any]) -> dict[str, Any]:
    ratios = {
        text: number(row[name]["p"]) if row["reason"] or row[name]["p"] is not None else row[name]["reason"]
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


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "none" if value is None else value for name, value in row.items()}
