-- trade.record_snapshot(account, worker, body): one reading of a broker's books, compared with ours.
-- What: its id, whether it is clean (complete, nothing differs, the account may trade), the verdict, and how many breaks it raised. A
-- difference that was in the complete reading before, too, becomes a break: a fill between two calls is none. Before is one that was
-- recorded when this one began: two workers reading at once see the same fill. Nothing to adopt is adopted by itself: both books
-- equal at the first reading (I11). An account that cannot be read or may not trade is an alert.
-- Body: complete, reason, age_seconds (since the reading began), broker_account_id, status, blocked [], cash, positions {symbol: quantity},
-- open_orders [client order ids], broker_at, pages. Executions and reports of the same reading are recorded before.
-- Called by: the broker worker. Raises: MQ240, MQ363 a body that cannot be read.
create or replace function trade.record_snapshot(p_account text, p_worker text, p_body jsonb)
returns table (snapshot_id bigint, clean boolean, verdict text, breaks integer)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before jsonb;
    v_differences jsonb := '[]';
    v_events jsonb := '[]';
    v_complete boolean;
    v_taken_at timestamptz;
begin
    perform trade.require_account(p_account);
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    begin
        v_complete := (p_body ->> 'complete')::boolean;
        v_taken_at := ops.now() - make_interval(secs => (p_body ->> 'age_seconds')::double precision);
        if v_complete then
            v_differences := trade.snapshot_differences(p_account, p_body);
        end if;
    exception
        when data_exception then v_complete := null;
    end;
    if v_complete is null or v_taken_at is null or (v_taken_at <= ops.now()) is not true then
        raise exception using errcode = 'MQ363', message = 'a reading of a broker''s books cannot be read',
            detail = format('account=%s complete=%s age_seconds=%s', p_account, p_body ->> 'complete', p_body ->> 'age_seconds'),
            hint = 'see trade.record_snapshot';
    end if;
    verdict := case
        when not v_complete then 'SNAPSHOT_INCOMPLETE'
        when coalesce(p_body ->> 'status', '') <> 'ACTIVE' or coalesce(p_body -> 'blocked', 'null') <> '[]' then 'ACCOUNT_BLOCKED'
        when v_differences <> '[]' then 'DIFFERENT_' || (v_differences -> 0 ->> 'kind')
        else 'CLEAN'
    end;
    clean := verdict = 'CLEAN';
    select s.differences into v_before
    from trade.broker_snapshots as s
    where s.account = p_account and s.complete
        and s.recorded_at <= clock_timestamp() - make_interval(secs => (p_body ->> 'age_seconds')::double precision)
    order by s.snapshot_id desc
    limit 1;
    insert into trade.broker_snapshots (account, worker, taken_at, broker_at, complete, clean, verdict, differences, body)
    values (p_account, p_worker, v_taken_at, (p_body ->> 'broker_at')::timestamptz, v_complete, clean, verdict, v_differences, p_body)
    returning broker_snapshots.snapshot_id into snapshot_id;
    if exists (select 1 from trade.adoptions as a where a.account = p_account) then
        v_events := trade.confirmed_breaks(p_account, v_differences, coalesce(v_before, '[]'::jsonb));
    elsif clean and not exists (select 1 from trade.foreign_orders as f where f.account = p_account) then
        insert into trade.adoptions (account, snapshot_id, reason, adopted_at)
        values (p_account, snapshot_id, 'NOTHING_TO_ADOPT', ops.now());
        v_events := jsonb_build_array(jsonb_build_object('event', 'account.adopted', 'account', p_account,
            'body', jsonb_build_object('snapshot_id', snapshot_id, 'reason', 'NOTHING_TO_ADOPT')));
    end if;
    if verdict in ('SNAPSHOT_INCOMPLETE', 'ACCOUNT_BLOCKED') then
        perform notify.enqueue(
            case verdict when 'ACCOUNT_BLOCKED' then 'HIGH' else 'MEDIUM' end, 'TRADING', verdict,
            format('%s: nothing is released: %s', p_account,
                coalesce(p_body ->> 'reason', concat_ws(' ', p_body ->> 'status', p_body ->> 'blocked'))),
            null, p_account, p_body - array['positions', 'open_orders']
        );
    end if;
    select count(*)::integer into breaks from jsonb_array_elements(v_events) as e where e ->> 'event' = 'break.raised';
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
    return next;
end;
$$;
comment on function trade.record_snapshot(text, text, jsonb) is
'Records a reading of a broker''s books and what of it differs from ours; twice the same difference is a break. Raises MQ240, MQ363.';
