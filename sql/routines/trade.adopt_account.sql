-- trade.adopt_account(account, reason): an operator takes what an external account holds at its first connection as ours (I11).
-- What: one opening adjustment per position and one correction of cash, each with the reason, from the last complete reading, on
-- the session whose mark is the first to have them; orders that are there stay the broker's and are known from then on. Again
-- changes nothing: false.
-- Called by: `python -m runner sync --adopt`, as fund_operator. Raises: MQ240, MQ364 nothing complete to adopt from, or no such symbol.
create or replace function trade.adopt_account(p_account text, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_snapshot trade.broker_snapshots;
    v_unknown text;
    v_session date;
begin
    perform trade.require_account(p_account);
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    if exists (select 1 from trade.adoptions as a where a.account = p_account) then
        return false;
    end if;
    v_session := trade.booking_session(p_account);
    select s.* into v_snapshot
    from trade.broker_snapshots as s where s.account = p_account order by s.snapshot_id desc limit 1;
    select string_agg(d ->> 'symbol', ',' order by d ->> 'symbol') into v_unknown
    from jsonb_array_elements(v_snapshot.differences) as d
    where d ->> 'kind' = 'POSITION' and not exists (select 1 from ref.instruments as i where i.symbol = d ->> 'symbol');
    if v_snapshot.complete is not true or v_unknown is not null or coalesce(trim(p_reason), '') = ''
        or v_snapshot.differences @> '[{"kind": "ACCOUNT_ID"}]' then
        raise exception using errcode = 'MQ364', message = 'an account is adopted with a reason, from a complete last reading of known symbols',
            detail = format('account=%s complete=%s unknown_symbols=%s verdict=%s', p_account, v_snapshot.complete, v_unknown, v_snapshot.verdict),
            hint = 'python -m runner sync --once; then add the symbols to configs/universe.csv or close them at the broker';
    end if;
    insert into trade.adoptions (account, snapshot_id, reason, adopted_at) values (p_account, v_snapshot.snapshot_id, p_reason, ops.now());
    insert into trade.position_adjustments (account, symbol, quantity, reason, session, occurred_at)
    select p_account, d ->> 'symbol', (d ->> 'theirs')::numeric - (d ->> 'ours')::numeric, 'adopted: ' || p_reason, v_session, ops.now()
    from jsonb_array_elements(v_snapshot.differences) as d
    where d ->> 'kind' = 'POSITION';
    insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
    select p_account, 'correction', (d ->> 'theirs')::numeric - (d ->> 'ours')::numeric, 'adopted: ' || p_reason, v_session, ops.now()
    from jsonb_array_elements(v_snapshot.differences) as d
    where d ->> 'kind' = 'CASH';
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'account.adopted', 'account', p_account,
        'body', jsonb_build_object('snapshot_id', v_snapshot.snapshot_id, 'reason', p_reason, 'differences', v_snapshot.differences))));
    return true;
end;
$$;
comment on function trade.adopt_account(text, text) is
'Takes an external account''s positions and cash over as opening adjustments; false where it was before. Raises MQ240, MQ364.';
