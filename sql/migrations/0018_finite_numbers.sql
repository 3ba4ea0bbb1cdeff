-- 0018 finite numbers: the columns of control that took a NaN or an infinity. Every comparison with NaN is decided by its sorting
-- above everything: a NaN CVaR would count as a breach, a NaN mark would be the highest ever (I17).

-- The tables hold a row per session, run and symbol: each scan and its lock are over at once.
-- squawk-ignore-file constraint-missing-not-valid

alter table decide.cycle_inputs add constraint cycle_inputs_last_close_finite check (last_close > 0 and last_close < 'Infinity');
alter table decide.risk_checks
    add constraint risk_checks_threshold_finite check (threshold > '-Infinity' and threshold < 'Infinity');
alter table decide.risk_states
    add constraint risk_states_var_95_finite check (var_95 > '-Infinity' and var_95 < 'Infinity'),
    add constraint risk_states_cvar_95_finite check (cvar_95 > '-Infinity' and cvar_95 < 'Infinity'),
    add constraint risk_states_cvar_post_trade_finite check (cvar_post_trade > '-Infinity' and cvar_post_trade < 'Infinity'),
    add constraint risk_states_drawdown_finite check (drawdown > '-Infinity' and drawdown < 'Infinity'),
    add constraint risk_states_gross_finite check (gross >= 0 and gross < 'Infinity'),
    add constraint risk_states_net_finite check (net > '-Infinity' and net < 'Infinity');
alter table trade.nav
    add constraint nav_nav_finite check (nav > '-Infinity' and nav < 'Infinity'),
    add constraint nav_period_return_finite check (period_return > '-Infinity' and period_return < 'Infinity'),
    add constraint nav_tactical_mark_finite check (tactical_mark > 0 and tactical_mark < 'Infinity'),
    add constraint nav_lifetime_mark_finite check (lifetime_mark > 0);
alter table ref.broker_rules
    add constraint broker_rules_parameter_finite check (parameter > '-Infinity' and parameter < 'Infinity');
