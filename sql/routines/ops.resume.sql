-- ops.resume(reason): an operator resumes trading after a kill, if everything the protocol asks is true (I15).
-- What: the checklist, a row each, and a last row `resumed` that says whether it happened. Refused, it changes nothing, and who
-- was refused for want of what is an audit event: a refusal that leaves evidence is returned, not raised.
-- Why: asked unlocked first, chain included, so that a refusal and a long chain hold nobody up; then again under the kill row, so
-- that a kill meanwhile is seen. A kill that comes later ends this session like any other (I13).
-- The ramp begins with the first run after it: decide.protocol_base looks for its row, which is recorded behind every run that
-- has begun and every account, also where the wall clock was set back.
-- Called by: fund_operator. Raises: MQ220.
create or replace function ops.resume(p_reason text)
returns table (item text, is_clear boolean, missing text, next_command text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_engaged constant boolean := ops.kill_engaged(false);
    v_reason constant jsonb := jsonb_build_array(jsonb_build_object(
        'item', 'reason', 'is_clear', coalesce(p_reason, '') <> '',
        'missing', case when coalesce(p_reason, '') = '' then 'no reason was given' end,
        'next_command', case when coalesce(p_reason, '') = '' then 'python -m runner resume --reason "…"' end
    ));
    v_items jsonb := v_reason || coalesce((select jsonb_agg(to_jsonb(c)) from ops.resume_checklist() as c), '[]');
    v_clear boolean := v_engaged and not jsonb_path_exists(v_items, '$[*] ? (@.is_clear == false)');
begin
    if v_clear then
        perform ops.seize_kill_lock(false);
        v_items := v_items || coalesce(
            (select jsonb_agg(to_jsonb(c)) from ops.resume_checklist(false) as c where not c.is_clear), '[]'
        );
        v_clear := not jsonb_path_exists(v_items, '$[*] ? (@.is_clear == false)');
    end if;
    if v_clear then
        insert into ops.resumptions (event_id, reason, checklist, resumed_at, recorded_at)
        select
            max(e.event_id), p_reason, v_items, ops.now(), greatest(clock_timestamp(), greatest(
                (select max(r.recorded_before) from decide.cycle_runs as r), (select max(a.recorded_at) from trade.accounts as a)
            ) + interval '1 microsecond')
        from ops.kill_events as e;
        perform notify.enqueue(
            'HIGH', 'RISK', 'TRADING_RESUMED', format('trading resumed by %s: %s', session_user, p_reason),
            p_detail => jsonb_build_object('reason', p_reason)
        );
    end if;
    if v_engaged then
        perform audit.append(jsonb_build_array(jsonb_build_object(
            'event', case when v_clear then 'kill.resumed' else 'kill.resume_refused' end,
            'body', jsonb_build_object('reason', p_reason, 'checklist', v_items)
        )));
    end if;
    return query
        select i.item, i.is_clear, i.missing, i.next_command
        from jsonb_to_recordset(v_items || jsonb_build_array(jsonb_build_object(
            'item', 'resumed', 'is_clear', v_clear,
            'missing', case when not v_engaged then 'trading was not stopped' end
        ))) as i (item text, is_clear boolean, missing text, next_command text);
end;
$$;
comment on function ops.resume(text) is
'Resumes trading after a kill where nothing of the checklist is missing; its rows, and last whether it did (I15). Raises MQ220.';
