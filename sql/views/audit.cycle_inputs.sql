-- audit.cycle_inputs: what the final run of each cycle saw of each active symbol, as the gate copied and judged it.
create or replace view audit.cycle_inputs as
select
    i.cycle_id, i.run, i.account, i.symbol, i.in_universe, i.sector, i.asset_class, i.shortable, i.classified_state,
    i.governance_state, i.governance_reasons, i.data_quality_score, i.provider_confidence, i.valid_sessions, i.last_session,
    i.last_close, i.price_kind, i.price_basis, i.features, i.quality
from decide.cycle_inputs as i
    join audit.concluded_runs as f on f.cycle_id = i.cycle_id and f.run = i.run;
comment on view audit.cycle_inputs is
'One row per cycle and active symbol: what the gate copied and judged, of the cycle''s final run.';
comment on column audit.cycle_inputs.cycle_id is 'Cycle.';
comment on column audit.cycle_inputs.run is 'Run.';
comment on column audit.cycle_inputs.account is 'Account.';
comment on column audit.cycle_inputs.symbol is 'Instrument.';
comment on column audit.cycle_inputs.in_universe is 'In the universe on the as-of session; false: held only.';
comment on column audit.cycle_inputs.sector is 'Sector on that session.';
comment on column audit.cycle_inputs.asset_class is 'Asset class.';
comment on column audit.cycle_inputs.shortable is 'Whether it may be sold short.';
comment on column audit.cycle_inputs.governance_state is 'The stricter of dbt''s verdict and the gate''s own recount.';
comment on column audit.cycle_inputs.governance_reasons is 'Why it is not ACTIVE; empty for ACTIVE.';
comment on column audit.cycle_inputs.data_quality_score is 'Score of ruling F1; 0 for a symbol without bars.';
comment on column audit.cycle_inputs.provider_confidence is 'Ruling D11.';
comment on column audit.cycle_inputs.valid_sessions is 'Distinct valid sessions, recounted by the gate.';
comment on column audit.cycle_inputs.last_session is 'Session of its last bar.';
comment on column audit.cycle_inputs.last_close is 'Last close, on price_basis.';
comment on column audit.cycle_inputs.price_kind is 'ohlcv or close.';
comment on column audit.cycle_inputs.price_basis is 'raw, split_adjusted or fully_adjusted.';
comment on column audit.cycle_inputs.features is 'The as-of row of features.features, name to number; missing where NULL.';
comment on column audit.cycle_inputs.classified_state is
'What dbt said, before the gate took the stricter verdict; NULL where it said nothing readable.';
comment on column audit.cycle_inputs.quality is
'What dbt''s score is made of, as it stood: fractions, defects, vetoes; empty where it was not readable.';
