"""What phases 2 to 5 did, said in decisions: outcome and reason codes, stop, fields, memory, verdicts, alerts.

Codes (D10). Before signals: NOT_IN_UNIVERSE, NOT_ACTIVE_<STATE>[:<reason>], NOT_TRADABLE:<class>, LOW_QUALITY,
SHORT_HISTORY:<n>, NO_PRICE, STALE_PRICE, HELD_NOT_ACTIVE, HALT_<layer>. No voice: NO_VALID_AGENT,
LOW_CONFIDENCE:<agent>, ERROR_AGENT_<NAME>, VIEW_STALE:<sessions>. What was done: OPEN_, INCREASE_, REDUCE_, CLOSE_
with LONG or SHORT, STOP_LOSS_HIT, STALE_VIEW, FLIP_CLOSES_FIRST. What cut, moved or stopped a wish: CAP_NAME,
CAP_SECTOR, CAP_LONG, CAP_SHORT, CAP_GROSS, CAP_UNKNOWN, OVERLAY_<NAME>, CAP_TURNOVER, CAP_ORDER_VALUE, NOT_SHORTABLE,
SHORT_DISABLED, STOP_COOLDOWN:<n>, CONVEX_RISK, ALLOCATOR_<STATUS>, CVAR_DECISION, CVAR_UNKNOWN, NO_COMMON_HISTORY,
VAR_UNKNOWN:<why>, CVAR_HARD_UNKNOWN:<why>, VOLATILITY_UNKNOWN:<why>, CORRELATION_UNKNOWN:<why>, STRESS_UNKNOWN:<why>,
DRAWDOWN, DRAWDOWN_WINDOW, DRAWDOWN_UNKNOWN, STRESS, REGIME_BEAR_CRISIS, STATE_FREEZE, STATE_LIQUIDATE, HELD_OVER_CAP,
EXPOSURE_UNKNOWN, RISK_SCALED:<reason>. Nothing to do: NO_WISH, BELOW_MIN_TRADE, NOTHING_FREE_TO_SELL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Literal

import numpy as np

from runner import committee
from runner.models import (
    AccountRiskState,
    AccountState,
    AgentView,
    Alert,
    CycleInputs,
    CycleResult,
    Decision,
    LayerVerdict,
    Outcome,
    RiskCheck,
    RiskState,
    SymbolState,
    parameters_from,
)
from runner.phases import Run, drawdown, held_weight, kills
from runner.portfolio import auction, overlays
from runner.risk import limits, protocol

#: Governance layers the stages judge.
STAGE_LAYERS = (5, 6, 7, 8, 9)


def result(run: Run, inputs: CycleInputs) -> CycleResult:
    """The result of a run that reached its orders; one whose breaches kill ends at layer 8, its figures kept."""
    checks = (*run.first_checks, *run.assessment.checks, *_order_checks(run))
    factors = _factors(run)
    state = _risk_state(run, factors)
    if kills(run.closing, run.config):
        return replace(
            halted(inputs, run.state, 8, ("CVAR_BREACHES",), run.hearing), risk_checks=checks, risk_state=state
        )
    decisions = _decisions(run, checks)
    rank = {int(i): place for place, i in enumerate(run.allocation.order)}
    sequence = sorted(run.trades, key=lambda i: (run.trades[i].intent.leg == "entry", rank[i]))
    narrow = _breadth(run)
    return CycleResult(
        halt_layer=None,
        views=run.hearing.views,
        decisions=decisions,
        risk_checks=checks,
        risk_state=state,
        symbol_states=_memories(run, decisions),
        intents=tuple(run.trades[i].intent for i in sequence),
        verdicts=_verdicts(run),
        alerts=run.hearing.alerts + narrow + _rejected(run) + _moved(run),
        metadata=_summary(run, decisions, factors) | {"universe_too_narrow": bool(narrow)},
    )


def halted(
    inputs: CycleInputs,
    state: AccountState,
    layer: int,
    codes: tuple[str, ...],
    hearing: committee.Hearing | None = None,
) -> CycleResult:
    """A run that ends at `layer` (5, 6 or 8) for `codes`: no memory, no intent; no risk state unless it is added."""
    verdicts = tuple(
        LayerVerdict(layer, "REFUSE", codes[0], {"codes": list(codes)})
        if one == layer
        else LayerVerdict(one, "PASS", "NOT_REACHED", {})
        for one in STAGE_LAYERS
    )
    return CycleResult(
        halt_layer=layer,
        views=hearing.views if hearing else (),
        decisions=halted_decisions(inputs, state, layer, codes),
        risk_checks=(),
        risk_state=None,
        symbol_states=(),
        intents=(),
        verdicts=verdicts,
        alerts=hearing.alerts if hearing else (),
        metadata={"symbols": len(inputs.symbols), "halt_layer": layer, "codes": list(codes)},
    )


def halted_decisions(
    inputs: CycleInputs, state: AccountState, layer: int, codes: tuple[str, ...] = ()
) -> tuple[Decision, ...]:
    """REJECT HALT_<layer> for every active symbol, with the layer's own codes; fields 6 and 8-10 are NULL."""
    decisions = []
    for row in inputs.symbols:
        weight = held_weight(row, state)
        unknown = ("HELD_WEIGHT_UNKNOWN",) if weight is None else ()
        decisions.append(
            Decision(
                symbol=row.symbol,
                final_decision="REJECT",
                position_size=weight or 0.0,
                stop_loss=None,
                reason_codes=(f"HALT_{layer}", *codes, *unknown),
                mu_hat=None,
                sigma_hat=None,
                conviction=None,
                data_quality_score=_score(row.data_quality_score),
                provider_confidence=_score(row.provider_confidence),
                agent_results={},
                risk_checks=(),
                metadata={"halt_layer": layer, "held_weight": weight},
            )
        )
    return tuple(decisions)


# --- decisions --------------------------------------------------------------------------------------------------------


def _decisions(run: Run, checks: tuple[RiskCheck, ...]) -> tuple[Decision, ...]:
    """One decision per symbol, in symbol order: outcome and codes by D10, the stop by D14, every factor in metadata."""
    standing, brain = run.standing, run.hearing.ensemble
    asked = {int(i): j for j, i in enumerate(np.flatnonzero(standing.eligible))}
    views: dict[str, list[AgentView]] = {}
    for view in run.hearing.views:
        views.setdefault(view.symbol, []).append(view)
    touching = _touching(checks)
    decisions = []
    for i, row in enumerate(standing.rows):
        j = asked.get(i)
        outcome, codes = _outcome(run, i, j)
        size = float(run.book[i]) if i in run.trades else float(standing.held[i])
        stop, rule = (None, {}) if j is None else _stop(run, i, size)
        decisions.append(
            Decision(
                symbol=row.symbol,
                final_decision=outcome,
                position_size=size,
                stop_loss=stop,
                reason_codes=codes,
                mu_hat=None if j is None else float(brain.mu[j]),
                sigma_hat=None if j is None else float(brain.sigma[j]),
                conviction=None if j is None else float(brain.conviction[j]),
                data_quality_score=_score(row.data_quality_score),
                provider_confidence=_score(row.provider_confidence),
                agent_results=_agent_results(run, views.get(row.symbol, []), j),
                risk_checks=() if j is None else touching(row.symbol, standing.buckets[i]),
                metadata=_metadata(run, i, j) | rule,
            )
        )
    return tuple(decisions)


def _outcome(run: Run, i: int, j: int | None) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome and its reason codes (D10): the order's side names it; a stopped wish is REJECT, no wish HOLD."""
    held = float(run.standing.held[i])
    if j is None:
        return "REJECT", (*run.standing.codes[i], *(("HELD_NOT_ACTIVE",) if held != 0 else ()))
    leaving = (run.wishes.exits[i],) if i in run.wishes.exits else ()
    if i in run.trades:
        trade = run.trades[i]
        outcome: Outcome = "EXECUTE_BUY" if trade.intent.side == "BUY" else "EXECUTE_SELL"
        return outcome, (*leaving, *trade.codes, *_cuts(run, i))
    if leaving:
        frozen = _frozen(run)
        return ("REJECT", (*leaving, frozen)) if frozen else ("HOLD", (*leaving, "NOTHING_FREE_TO_SELL"))
    if run.wishes.fixed[i] or not run.hearing.ensemble.valid[j]:
        return "REJECT", _silence(run, i, j)
    wish = float(run.wishes.kelly[i])
    grows = abs(wish) > abs(held) or wish * held < 0
    cuts = _cuts(run, i)
    if _frozen(run) and not run.allocation.dust[i] and wish != held:
        return "REJECT", cuts
    if cuts and grows and (i in run.allocation.stopped or not run.allocation.dust[i]):
        return "REJECT", cuts
    if i in run.assessment.refused or run.allocation.stopped.get(i) == "CVAR_DECISION":
        return "REJECT", cuts  # a reduction or a hedge that would have raised CVaR (A12)
    if wish == 0 and held == 0:
        return "HOLD", ("NO_WISH",)
    return "HOLD", ("NOTHING_FREE_TO_SELL",) if _bound_in_orders(run, i) else ("BELOW_MIN_TRADE",)


def _bound_in_orders(run: Run, i: int) -> bool:
    """Whether less of a symbol was wanted and all that is held of it stands in working orders (HELD)."""
    standing = run.standing
    less = bool(run.allocation.stuck[i]) or abs(float(run.final[i])) < abs(float(standing.held[i]))
    return less and overlays.free_shares(standing.positions[i], standing.open_orders[i]) == 0


def _cuts(run: Run, i: int) -> tuple[str, ...]:
    """Codes of everything that cut or stopped this symbol's wish, in the order the rules ran."""
    allocation, assessment, held = run.allocation, run.assessment, float(run.standing.held[i])
    codes = ["FLIP_CLOSES_FIRST"] if allocation.flips[i] else []
    if i in allocation.stopped:
        codes.append(allocation.stopped[i])
    if allocation.bound[i]:
        codes.append(allocation.bound[i])
    codes += [f"OVERLAY_{change.name.upper()}" for change in allocation.overlaid if i in change.weights]
    if allocation.slowed[i]:
        codes.append("CAP_TURNOVER")
    if i in assessment.refused:
        codes.append(assessment.refused[i])
    if assessment.rejection and abs(float(assessment.target[i])) > abs(held):
        codes.append(assessment.rejection)
    scalars = assessment.scalars
    if scalars.limit * scalars.soft < 1 and assessment.target[i] != 0 and not run.wishes.fixed[i]:
        scaled = sorted({row.reason for row in assessment.checks if row.limit_name in _SCALING and row.factor < 1})
        codes += [f"RISK_SCALED:{reason}" for reason in scaled]
    if frozen := _frozen(run):
        codes.append(frozen)
    return tuple(dict.fromkeys(codes))


#: Limits whose factor multiplies the whole target.
_SCALING = (*limits.LIMIT_SCALARS, *limits.SOFT_SCALARS, "circuit_breaker")


def _frozen(run: Run) -> str:
    """The state in which the committee trades nothing at all (B5), as a code; empty where it may."""
    if run.conditions.frozen:
        return run.conditions.stop
    return "STATE_FREEZE" if run.closing.phase == "FREEZE" else ""


def _silence(run: Run, i: int, j: int) -> tuple[str, ...]:
    """Why a symbol has no voice: a failed agent, low confidence, abstention; and how long a held one has had none."""
    codes = [committee.error_code(name) for name in sorted(run.hearing.failed)]
    if not run.hearing.ensemble.valid[j]:
        codes.append("NO_VALID_AGENT")
    codes += [f"LOW_CONFIDENCE:{name}" for name in run.hearing.low_confidence(j)]
    if run.wishes.stale[i]:
        codes.append(f"VIEW_STALE:{run.wishes.stale[i]}")
    return tuple(codes)


def _stop(run: Run, i: int, size: float) -> tuple[float, dict[str, Any]]:
    """Field 6 and its rule (D14): for the target's side, else the position's; a long where there is neither.

    Fixed at entry; an increase is an entry of its own and may only tighten it.
    """
    standing, config = run.standing, run.config
    held, price = float(standing.held[i]), float(standing.prices[i])
    side = -1 if (size if size != 0 else held) < 0 else 1
    sigma = overlays.daily_sigma(float(standing.feature("realized_vol_20")[i]), config.fund.sessions_per_year)
    fresh = overlays.stop_price(price, side, sigma, config.overlays.stop_sigmas, config.overlays.stop_min_distance)
    entry = standing.memory[i].entry_stop if held * side > 0 else None
    stop = entry if entry is not None and abs(size) <= abs(held) else overlays.tighter(entry, fresh, side)
    return stop, {
        "stop_rule": f"max({config.overlays.stop_sigmas} daily sigma, {config.overlays.stop_min_distance})",
        "stop_daily_sigma": sigma,
        "stop_entry": entry,
        "atr_14": _num(standing.feature("atr_14")[i]),
    }


def _metadata(run: Run, i: int, j: int | None) -> dict[str, Any]:
    """Every factor from score to weight, so that the arithmetic can be redone (field 15)."""
    standing, row = run.standing, run.standing.rows[i]
    common: dict[str, Any] = {
        "held_weight": float(standing.held[i]),
        "held_shares": str(standing.positions[i]),
        "open_shares": str(standing.open_orders[i]),
        "last_close": _num(row.last_close),
        "price_basis": row.price_basis,
        "price_kind": row.price_kind,
        "bucket": standing.buckets[i],
    }
    if i in run.assessment.known.foreign:
        common["valued_by"] = run.assessment.known.foreign[i]
    if j is None:
        return common
    names = ("coverage", "mu_mean", "variance_mu", "variance_score", "penalty", "robust_z", "kelly")
    brain = {name: _num(getattr(run.hearing.ensemble, name)[j]) for name in names}
    return (
        common
        | brain
        | {
            "disagreement_beta": run.hearing.parameters.disagreement_beta,
            "coverage_counts": run.hearing.parameters.scale_by_coverage,
            "kelly_gamma": run.hearing.parameters.kelly_gamma,
            "validation": run.wishes.validation.verdict(i),
            "request": _num(run.allocation.requests[i]),
            "award": _num(run.allocation.awards[i]),
            "bound": run.allocation.bound[i],
            "after_turnover": _num(run.allocation.target[i]),
            "after_cvar": _num(run.assessment.target[i]),
            "limit_factor": run.assessment.scalars.limit,
            "soft_factor": run.assessment.scalars.soft,
            "component_cvar": _num(run.assessment.appraisal.components[i]),
            "target": _num(run.final[i]),
            "scale_rule": _scale_rule(run, i),
            "stale_view_sessions": int(run.wishes.stale[i]),
            "order_quantity": str(run.trades[i].intent.quantity) if i in run.trades else None,
        }
    )


def _scale_rule(run: Run, i: int) -> str:
    """What made the final weight of the target and its scalars (A15, B3, C6, A17): which of phase 4's rules decided."""
    held, final = float(run.standing.held[i]), float(run.final[i])
    scalars = run.assessment.scalars
    if _frozen(run):
        return "FROZEN"
    if run.wishes.fixed[i]:
        return "HELD_STILL"
    scaled = float(run.assessment.target[i] * (scalars.limit * scalars.soft))
    if final == scaled:
        return "SCALED"
    stopped = bool(run.assessment.rejection or run.conditions.stop)
    shrinks = stopped or (scalars.shrink_only and held != 0)
    most = float(overlays.reduce_only(np.array([held]), np.array([scaled]))[0])
    return "REDUCE_ONLY" if shrinks and final == most else "BELOW_BAND"


def _agent_results(run: Run, views: list[AgentView], j: int | None) -> dict[str, Any]:
    """Field 13: each agent's view with the weight it was given."""
    return {
        view.agent: {
            "family": view.family,
            "score": view.score,
            "mu": view.mu,
            "sigma": view.sigma,
            "confidence": view.confidence,
            "weight": 0.0 if j is None else float(run.hearing.ensemble.weights[k, j]),
            "abstained": view.abstained,
            "reasons": list(view.reasons),
        }
        for k, view in enumerate(views)
    }


def _touching(checks: tuple[RiskCheck, ...]) -> Callable[[str, str], tuple[dict[str, Any], ...]]:
    """A function (symbol, bucket) -> field 14: own rows, its sector's, and rows of the whole book that changed it."""
    by_symbol: dict[str | None, list[dict[str, Any]]] = {}
    by_scope: dict[str, list[dict[str, Any]]] = {}
    for row in checks:
        whole = "portfolio" if row.scope.startswith("scenario:") else row.scope
        target = by_symbol.setdefault(row.symbol, []) if row.symbol else by_scope.setdefault(whole, [])
        target.append(dict(vars(row)))
    portfolio = [row for row in by_scope.get("portfolio", []) if row["binding"]]
    return lambda symbol, bucket: (*by_symbol.get(symbol, ()), *by_scope.get(f"sector:{bucket}", ()), *portfolio)


# --- the account afterwards -------------------------------------------------------------------------------------------


def _memories(run: Run, decisions: tuple[Decision, ...]) -> tuple[SymbolState, ...]:
    """What the next cycle must remember: entry stops of what is held or bought, stale views, stop-outs (0 = now).

    A position about to be closed keeps the stop it has: the order may not fill.
    """
    memories = []
    for i, decision in enumerate(decisions):
        old, held = run.standing.memory[i], run.standing.held[i] != 0
        keeps = held and (run.book[i] == 0 or not run.standing.eligible[i])
        opens = run.standing.eligible[i] and run.book[i] != 0
        stop = old.entry_stop if keeps else decision.stop_loss if opens else None
        since = 0 if run.wishes.exits.get(i) == "STOP_LOSS_HIT" else old.sessions_since_stop
        since = None if since is None or since > run.config.overlays.stop_reentry_sessions else since
        if stop is not None or run.wishes.stale[i] or since is not None:
            memories.append(SymbolState(decision.symbol, stop, int(run.wishes.stale[i]), since))
    return tuple(memories)


def _risk_state(run: Run, factors: Mapping[str, float | None]) -> RiskState:
    figures = dict(run.assessment.appraisal.figures)
    contributed = run.state.contributed
    figures["loss"] = _num(1.0 - run.state.nav / contributed) if contributed > 0 else None
    # What the back-test holds the next session's return against: the book that would stand, by each estimator.
    figures["var_post_trade"] = run.stands.var
    figures["var_post_trade_historical"] = run.stands.var_historical
    figures["var_post_trade_filtered"] = run.stands.var_filtered
    return RiskState(
        state=_named_state(run),
        phase=run.closing.phase,
        sessions=run.closing.sessions,
        tier=run.closing.tier,
        cvar_breaches=run.closing.cvar_breaches,
        rebased=run.closing.rebased,
        var_95=run.assessment.measure.var,
        cvar_95=run.assessment.measure.cvar,
        cvar_post_trade=run.post.cvar,
        drawdown=drawdown(run.state),
        volatility=run.assessment.appraisal.volatility.value,
        gross=float(np.abs(run.book).sum()),
        net=float(run.book.sum()),
        factors=factors,
        figures=figures,
        regime=run.conditions.regime,
    )


def _named_state(run: Run) -> AccountRiskState:
    """The most severe state in force (B5)."""
    if kills(run.closing, run.config):
        return "KILL"
    scalars = run.assessment.scalars
    return protocol.named_state(
        run.closing.phase,
        liquidating=run.state.liquidating,
        rejected=bool(run.conditions.stop or run.assessment.rejection),
        scaled=scalars.limit * scalars.soft < 1 or scalars.tier > 0,
    )


def _factors(run: Run) -> dict[str, float | None]:
    """Every scalar of the run (A15): each limit's, each soft one, what multiplied, and what turnover did."""
    rows = {row.limit_name: row.factor for row in run.assessment.checks if row.limit_name in _SCALING}
    wished, scalars = run.allocation.turnover_wished, run.assessment.scalars
    return {
        **{f"limit_{name}": rows[name] for name in limits.LIMIT_SCALARS},
        **{f"soft_{name}": rows[name] for name in limits.SOFT_SCALARS},
        "limit_scale": scalars.limit,
        "soft": scalars.soft,
        "ramp": run.conditions.opening.ramp,
        "breaker_tier": float(scalars.tier),
        "stress_scale": run.shrink,
        "turnover_scale": run.allocation.turnover / wished if wished > 0 else 1.0,
        "turnover_used": run.state.turnover_used + run.allocation.turnover,
        "returned_to_allocation": float(run.returned),
        "kelly_gamma": run.config.meta_brain.kelly_gamma,
    }


def _summary(run: Run, decisions: tuple[Decision, ...], factors: Mapping[str, float | None]) -> dict[str, Any]:
    """Counts and figures of the run for decide.cycle_runs and the report."""
    outcomes = [decision.final_decision for decision in decisions]
    figures, known = run.assessment.measure, run.assessment.known
    regime = run.conditions.regime
    return {
        "symbols": len(decisions),
        "eligible": int(run.standing.eligible.sum()),
        "outcomes": {name: outcomes.count(name) for name in run.config.meta_brain.outcomes},
        "returned_to_allocation": run.returned,
        "cap_binding_rate": _cap_binding_rate(run),
        "overlays": _overlays(run),
        "var_historical": figures.var_historical,
        "var_filtered": figures.var_filtered,
        "cvar_historical": figures.cvar_historical,
        "cvar_filtered": figures.cvar_filtered,
        "common_sessions": figures.observations,
        "foreign_histories": {run.standing.symbols[i]: flag for i, flag in sorted(known.foreign.items())},
        "regime": {"name": regime.name, "method": regime.method, "reason": regime.reason, "refitted": regime.refitted},
        "phase": {"name": run.closing.phase, "sessions": run.closing.sessions, "tier": run.closing.tier},
        "factors": dict(factors),
    }


def _overlays(run: Run) -> dict[str, Any]:
    """What each overlay looked at and changed (D13): weights by symbol, their sum, the figure before and after."""
    return {
        change.name: {
            "reason": change.reason,
            "changed": sum(abs(weight) for weight in change.weights.values()),
            "weights": {run.standing.symbols[i]: weight for i, weight in sorted(change.weights.items())},
            "before": _num(change.before),
            "after": _num(change.after),
        }
        for change in run.allocation.overlaid
    }


def _cap_binding_rate(run: Run) -> float:
    """Share of bids that the name cap cut (D3, D4)."""
    bids = int(np.count_nonzero(run.allocation.requests[~run.wishes.fixed]))
    return sum(1 for bound in run.allocation.bound if bound == "CAP_NAME") / bids if bids else 0.0


# --- rows beside the decisions ----------------------------------------------------------------------------------------


def _order_checks(run: Run) -> tuple[RiskCheck, ...]:
    """A row per order against the largest value one may have."""
    rows = []
    for i in sorted(run.trades):
        trade = run.trades[i]
        cut = "CAP_ORDER_VALUE" in trade.codes
        rows.append(
            RiskCheck(
                limit_name="order_value",
                scope="symbol",
                symbol=trade.intent.symbol,
                observed=trade.intent.value,
                threshold=run.config.oms.order_value,
                action="SCALE" if cut else "ALLOW",
                factor=1.0,
                binding=cut,
                reason="CUT_TO_CAP" if cut else "WITHIN",
            )
        )
    return tuple(rows)


def _verdicts(run: Run) -> tuple[LayerVerdict, ...]:
    """Layers 5 to 9 of a run that was not halted."""
    heard = {"symbols_heard": int(run.hearing.ensemble.valid.sum()), "agents_failed": sorted(run.hearing.failed)}
    assessment, closing = run.assessment, run.closing
    checks = {
        "evaluated": len(assessment.checks),
        "binding": sum(1 for row in assessment.checks if row.binding),
        "limit_scale": assessment.scalars.limit,
        "soft_scale": assessment.scalars.soft,
        "var": assessment.measure.var,
        "cvar": assessment.measure.cvar,
        "held": [limit.name for limit in limits.LIMITS] + ["cvar_decision", "order_value"],
    }
    phase = {"phase": closing.phase, "sessions": closing.sessions, "tier": closing.tier, "rebased": closing.rebased}
    tripped = next(row for row in assessment.checks if row.limit_name == "circuit_breaker")
    volatility = assessment.appraisal.volatility.value
    return (
        LayerVerdict(5, "PASS", "VALID_AGENT", heard),
        LayerVerdict(6, "PASS", assessment.rejection or "LIMITS_EVALUATED", checks),
        LayerVerdict(7, "PASS", tripped.reason, {"tier": assessment.scalars.tier, "volatility": volatility}),
        LayerVerdict(8, "PASS", "BELOW_KILL", {"cvar_breaches": closing.cvar_breaches, "cvar": run.post.cvar}),
        LayerVerdict(9, "PASS", closing.phase, phase),
    )


def _breadth(run: Run) -> tuple[Alert, ...]:
    """An alert where a full long side has too few names or sectors to be spread over: reported, not forced (A1)."""
    names, sectors = auction.breadth_needed(parameters_from(auction.Caps, run.config.auction))
    present = np.flatnonzero(run.standing.eligible)
    have = (len(present), len({run.standing.buckets[i] for i in present}))
    if have[0] >= names and have[1] >= sectors:
        return ()
    detail = {"names": have[0], "names_needed": names, "sectors": have[1], "sectors_needed": sectors}
    message = f"{have[0]} names in {have[1]} sectors may trade; a full long side needs {names} in {sectors}"
    return (Alert("LOW", "TRADING", "UNIVERSE_TOO_NARROW", None, message, detail),)


def _rejected(run: Run) -> tuple[Alert, ...]:
    """An alert where the book as a whole may not grow."""
    reason = run.assessment.rejection
    if not reason:
        return ()
    code = reason.split(":", maxsplit=1)[0]
    return (Alert("HIGH", "RISK", code, None, f"every increase is stopped: {reason}", {"reason": reason}),)


def _moved(run: Run) -> tuple[Alert, ...]:
    """Alerts where the recovery protocol moved or the breach count rose: the desk hears of both at once."""
    before, after, alerts = run.state.protocol, run.closing, []
    if (before.phase, before.tier) != (after.phase, after.tier) or after.rebased:
        level: Literal["CRITICAL", "HIGH", "MEDIUM"] = (
            "CRITICAL" if after.phase == "FREEZE" else "HIGH" if after.phase == "DRAWDOWN" else "MEDIUM"
        )
        message = (
            f"risk phase {before.phase} {before.tier or ''}".strip() + f" -> {after.phase} {after.tier or ''}".rstrip()
        )
        detail = {"event": after.event, "drawdown": drawdown(run.state), "rebased": after.rebased}
        alerts.append(Alert(level, "RISK", f"PHASE_{after.phase}", None, message, detail))
    if after.cvar_breaches > before.cvar_breaches:
        message = f"CVaR of the book is above its hard limit, {after.cvar_breaches} in a row"
        alerts.append(Alert("HIGH", "RISK", "CVAR_BREACH", None, message, {"cvar": run.post.cvar}))
    return tuple(alerts)


def _score(value: float) -> float:
    """A score in [0, 1]; 0 where it is not a number (fields 11 and 12 are never NULL)."""
    return float(value) if isfinite(value) and 0 <= value <= 1 else 0.0


def _num(value: float | None) -> float | None:
    """A finite float for JSON, else None."""
    return float(value) if value is not None and isfinite(value) else None
