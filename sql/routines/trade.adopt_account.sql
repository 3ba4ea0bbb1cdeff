-- trade.adopt_account(account, reason): an operator takes what an external account holds at its first connection as ours (I11).
-- What: one opening adjustment per position, each with the reason, from the last complete reading, on the session whose mark is the
-- first to have them; orders that are there stay the broker's and are known from then on. What cash and positions are worth beyond
-- the opening capital is a deposit (less than it: a withdrawal), and a correction pays for the positions at their last close. Again
-- changes nothing: false.
-- Why: what was there before is capital: as a return it would be a loss that kills, or a gain that hides one (A6, B7).
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
    v_worth numeric;
    v_capital numeric;
begin
    perform trade.require_account(p_account);
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    if exists (select 1 from trade.adoptions as a where a.account = p_account) then
        return false;
    end if;
    v_session := trade.booking_session(p_account);
    select s.* into v_snapshot
    from trade.broker_snapshots as s where s.account = p_account order by s.snapshot_id desc limit 1;
    select
        string_agg(d ->> 'symbol', ',' order by d ->> 'symbol') filter (where l.price is null),
        coalesce(sum(((d ->> 'theirs')::numeric - (d ->> 'ours')::numeric) * l.price), 0)
    into v_unknown, v_worth
    from jsonb_array_elements(v_snapshot.differences) as d
        cross join lateral unnest(trade.order_book(p_account, v_session, array[d ->> 'symbol'])) as l
    where d ->> 'kind' = 'POSITION' and l.symbol = d ->> 'symbol';
    select coalesce(sum((d ->> 'theirs')::numeric - (d ->> 'ours')::numeric), 0) + v_worth into v_capital
    from jsonb_array_elements(v_snapshot.differences) as d
    where d ->> 'kind' = 'CASH';
    if v_snapshot.complete is not true or (v_snapshot.taken_at between
        ops.now() - make_interval(secs => govern.effective_limit('snapshot_max_age_seconds')) and ops.now()) is not true
        or v_unknown is not null or coalesce(trim(p_reason), '') = ''
        or v_snapshot.differences @> '[{"kind": "ACCOUNT_ID"}]' then
        raise exception using errcode = 'MQ364', message = 'an account is adopted with a reason, from a fresh and complete last reading of symbols with a price',
            detail = format('account=%s complete=%s taken_at=%s unpriced=%s verdict=%s', p_account, v_snapshot.complete,
                v_snapshot.taken_at, v_unknown, v_snapshot.verdict),
            hint = 'read it again: sync --once --account ' || p_account || '; add the symbols to configs/universe.csv and ingest them, or close them at the broker';
    end if;
    insert into trade.adoptions (account, snapshot_id, reason, adopted_at) values (p_account, v_snapshot.snapshot_id, p_reason, ops.now());
    insert into trade.position_adjustments (account, symbol, quantity, reason, session, occurred_at)
    select p_account, d ->> 'symbol', (d ->> 'theirs')::numeric - (d ->> 'ours')::numeric, 'adopted: ' || p_reason, v_session, ops.now()
    from jsonb_array_elements(v_snapshot.differences) as d
    where d ->> 'kind' = 'POSITION';
    insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
    select p_account, f.kind, f.amount, 'adopted: ' || p_reason, v_session, ops.now()
    from (values (case when v_capital > 0 then 'deposit' else 'withdrawal' end, v_capital), ('correction', -v_worth)) as f (kind, amount)
    where f.amount <> 0;
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'account.adopted', 'account', p_account,
        'body', jsonb_build_object('snapshot_id', v_snapshot.snapshot_id, 'reason', p_reason, 'differences', v_snapshot.differences))));
    return true;
end;
$$;
comment on function trade.adopt_account(text, text) is
'Takes an external account''s positions and cash over as its capital; false where it was before. Raises MQ240, MQ364.';
