-- govern.record_verdict(cycle, run, verdict): stores one layer's verdict of a run.
-- Called by: govern.evaluate_layers, govern.conclude. Raises: nothing of its own.
create or replace function govern.record_verdict(p_cycle_id text, p_run integer, p_verdict govern.verdict)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into decide.gate_verdicts (cycle_id, run, account, layer, verdict, reason_code, evidence, decided_at)
    select
        r.cycle_id, r.run, r.account, (p_verdict).layer, (p_verdict).verdict, (p_verdict).reason_code, (p_verdict).evidence,
        ops.now()
    from decide.cycle_runs as r
    where r.cycle_id = p_cycle_id and r.run = p_run
$$;
comment on function govern.record_verdict(text, integer, govern.verdict) is 'Stores one layer''s verdict of a run.';
