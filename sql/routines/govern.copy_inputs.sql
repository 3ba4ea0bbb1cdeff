-- govern.copy_inputs(run): copies what dbt computed and what the gate recounts into decide.cycle_inputs, one row per active
-- symbol.
-- Why: the runner and replay read nothing of dbt (I18); what a cycle saw is what stands here.
-- What companies filed and what is written of them may be missing (an agent then abstains), but the row that says so may not.
-- A symbol whose features are not finite, were not known at as_of (a bar restated later), or were known before the session closed
-- (another session's, dated anew) is closed by itself; so is one whose books differ from the broker's until a person has resolved
-- that (I8).
-- Called by: govern.open_gate. Raises: nothing.
create or replace function govern.copy_inputs(p_run decide.cycle_runs, p_cycle decide.cycles)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_symbols constant text[] := array(select a.symbol from govern.active_symbols(p_run.account, p_cycle.as_of_session) as a);
    v_relations constant jsonb := govern.read_relations(p_run, p_cycle.as_of_session, v_symbols);
    v_sessions_min constant double precision := govern.effective_limit('min_sessions');
    v_score_min constant double precision := govern.effective_limit('min_quality');
    v_stale_max constant double precision := govern.effective_limit('max_stale_sessions');
begin
    insert into decide.cycle_inputs (
        cycle_id, run, account, symbol, in_universe, sector, asset_class, shortable, classified_state, governance_state,
        governance_reasons, data_quality_score, provider_confidence, valid_sessions, last_session, last_close, price_kind,
        price_basis, features, quality
    )
    select
        p_run.cycle_id, p_run.run, p_run.account, a.symbol, a.in_universe, a.sector, a.asset_class, a.shortable, g.state,
        j.state, j.reasons, coalesce(q.score, 0), coalesce(q.provider_confidence, 0), coalesce(c.sessions, 0),
        c.last_session, c.last_close, a.price_kind, a.price_basis,
        case when x.fault is null then f.numbers || m.numbers else '{}'::jsonb end,
        coalesce(p.line - array['symbol', 'as_of_session', 'score', 'provider_confidence'], '{}'::jsonb)
    from govern.active_symbols(p_run.account, p_cycle.as_of_session) as a
        left join jsonb_to_recordset(v_relations -> 'quality.symbol_governance') as g (symbol text, state text, reasons text[])
            on g.symbol = a.symbol
        left join jsonb_to_recordset(v_relations -> 'quality.data_quality')
            as q (symbol text, score double precision, provider_confidence double precision, vetoes text[]) on q.symbol = a.symbol
        -- As it came: of these nothing is decided, so nothing here may fail on them.
        left join jsonb_array_elements(v_relations -> 'quality.data_quality') as p (line) on p.line ->> 'symbol' = a.symbol
        left join jsonb_to_recordset(v_relations -> 'features.features') as f (symbol text, known_at numeric, numbers jsonb)
            on f.symbol = a.symbol
        left join jsonb_to_recordset(v_relations -> 'features.company_features')
            as m (symbol text, known_at numeric, numbers jsonb) on m.symbol = a.symbol
        left join market.session_counts(p_cycle.as_of, p_run.recorded_before, v_symbols) as c on c.symbol = a.symbol
        left join ref.sessions as t on t.calendar = a.calendar and t.session = p_cycle.as_of_session
        cross join lateral (
            select count(*)::integer as stale from ref.sessions as s
            where s.calendar = a.calendar and s.session > c.last_session and s.session <= p_cycle.as_of_session
        ) as o
        left join lateral (
            select k.kind from trade.open_breaks as k
            where k.account = p_run.account and k.symbol = a.symbol and k.effect = 'QUARANTINE' order by k.break_id limit 1
        ) as b on true
        cross join lateral (
            select case
                when b.kind is not null then 'BREAK_' || b.kind
                when f.symbol is null or f.numbers = '{}'::jsonb then 'NO_FEATURES'
                when exists (select 1 from jsonb_each(f.numbers) as e where jsonb_typeof(e.value) <> 'number')
                    then 'FEATURES_NOT_FINITE'
                when (f.known_at <= extract(epoch from p_cycle.as_of)) is not true then 'FEATURES_FROM_FUTURE'
                when f.known_at < extract(epoch from t.closes_at) then 'FEATURES_STALE'
                when m.symbol is null then 'NO_COMPANY_FEATURES'
                when exists (select 1 from jsonb_each(m.numbers) as e where jsonb_typeof(e.value) <> 'number')
                    then 'COMPANY_NOT_FINITE'
                when m.known_at > extract(epoch from p_cycle.as_of) then 'COMPANY_FROM_FUTURE'
            end as fault
        ) as x
        cross join lateral govern.judge_input(
            g.state, g.reasons, q.score, v_score_min, coalesce(cardinality(q.vetoes), 0) > 0, c.sessions, v_sessions_min,
            o.stale, v_stale_max, x.fault
        ) as j;
end;
$$;
comment on function govern.copy_inputs(decide.cycle_runs, decide.cycles) is
'Writes decide.cycle_inputs of a run: dbt''s rows, the gate''s recount, and the stricter verdict.';
