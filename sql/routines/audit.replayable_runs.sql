-- audit.replayable_runs(cycle, run, from, to, account): the runs a replay is asked for, in the order they were closed.
-- What: of one cycle or of every cycle of a range of as-of sessions; the given run, else the one whose decisions count (DONE, or
-- the newest HALTED), else the newest, whose state says that there is nothing to replay.
-- Called by: replay. Raises: nothing; a cycle or range without runs has no row.
create or replace function audit.replayable_runs(
    p_cycle_id text, p_run integer default null, p_from date default null, p_to date default null, p_account text default null
)
returns table (
    cycle_id text, run integer, account text, mode text, strategy text, as_of_session date, trade_session date, slot text,
    state text, layer integer, reason text, as_of timestamptz, recorded_before timestamptz, config_sha256 text,
    code_version text, versions jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        c.cycle_id, r.run, c.account, c.mode, c.strategy, c.as_of_session, c.trade_session, c.slot, r.state, r.layer,
        r.reason, c.as_of, r.recorded_before, c.config_sha256, r.code_version, r.versions
    from decide.cycles as c
        cross join lateral (
            select n.*
            from decide.cycle_runs as n
            where n.cycle_id = c.cycle_id and (p_run is null or n.run = p_run)
            order by n.state = 'DONE' desc, n.state = 'HALTED' desc, n.run desc
            limit 1
        ) as r
    where
        case
            when p_cycle_id is not null then c.cycle_id = p_cycle_id
            else c.as_of_session between p_from and p_to and (p_account is null or c.account = p_account)
        end
    order by c.as_of_session, r.closed_recorded_at, c.cycle_id collate "C"
$$;
comment on function audit.replayable_runs(text, integer, date, date, text) is
'The runs of one cycle, or of a range of as-of sessions, that a replay is asked for: per cycle the one whose decisions count.';
