-- ops.last_cycles(): the newest run of each account, mode and strategy with its verdicts, as jsonb, for `status`.
-- What: of those that have run for the account's newest as-of session: one halted that evening stands beside another that is
-- done; what is no longer run does not stand there for ever.
-- Called by: ops.status. Raises: nothing.
create or replace function ops.last_cycles()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with newest as (
        select distinct on (r.account, c.mode, c.strategy)
            r.account, r.cycle_id, r.run, c.mode, c.strategy, c.as_of_session, c.slot, c.trade_session, r.state, r.layer,
            r.reason, r.exit_code, r.opened_at, r.closed_at, r.lease_until, r.host, r.pid, r.summary,
            max(c.as_of_session) over (partition by r.account, c.mode, c.strategy)
            = max(c.as_of_session) over (partition by r.account) as is_run
        from decide.cycle_runs as r
            join decide.cycles as c on c.cycle_id = r.cycle_id
        order by r.account, c.mode, c.strategy, r.recorded_before desc
    )

    select coalesce(jsonb_agg(to_jsonb(n) - 'is_run' || jsonb_build_object('verdicts', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'layer', g.layer, 'layer_name', l.layer_name, 'verdict', g.verdict, 'reason_code', g.reason_code
        ) order by g.layer), '[]'::jsonb)
        from decide.gate_verdicts as g
            join govern.layers as l on l.layer = g.layer
        where g.cycle_id = n.cycle_id and g.run = n.run
    )) order by n.account, n.mode, n.strategy), '[]'::jsonb)
    from newest as n
    where n.is_run
$$;
comment on function ops.last_cycles() is
'The newest run of each account, mode and strategy that has run for the account''s newest as-of session, with its gate verdicts.';
