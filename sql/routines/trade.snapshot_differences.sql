-- trade.snapshot_differences(account, body): where a complete reading of a broker's books differs from ours, as a JSON array.
-- What: kind, symbol, ours, theirs, in a fixed order: ACCOUNT_ID, CLOCK, CASH, POSITION per symbol, ORDER_MISSING per order of
-- ours that is at the broker and in no list of its open ones. Cash may be behind by dividends that are still to be paid.
-- Why: a missing report is not "flat" and a missing number is a difference (I8, I17): every comparison that lets pass is `is true`.
-- Called by: trade.record_snapshot. Raises: nothing of its own.
create or replace function trade.snapshot_differences(p_account text, p_body jsonb)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with facts as (
        select
            a.broker_account_id as our_id,
            p_body ->> 'broker_account_id' as their_id,
            (select coalesce(sum(l.amount), 0) from trade.cash_ledger as l where l.account = p_account) as our_cash,
            (p_body ->> 'cash')::numeric as their_cash,
            (p_body ->> 'broker_at')::timestamptz - ops.now() as skew
        from trade.accounts as a
        where a.account = p_account
    ),

    positions as (
        select coalesce(h.symbol, t.key) as symbol, coalesce(h.quantity, 0) as ours, coalesce(t.value::numeric, 0) as theirs
        from (select q.symbol, q.quantity from trade.held_quantities as q where q.account = p_account and q.quantity <> 0) as h
            full join jsonb_each_text(p_body -> 'positions') as t on t.key = h.symbol
    ),

    differences as (
        select 1 as rank, 'ACCOUNT_ID' as kind, null::text as symbol, f.our_id as ours, f.their_id as theirs, '' as subject
        from facts as f
        where (f.our_id = f.their_id) is not true
        union all
        select 2, 'CLOCK', null, ops.utc_text(ops.now()), p_body ->> 'broker_at', ''
        from facts as f
        where (abs(extract(epoch from f.skew)) <= govern.effective_limit('clock_skew_max_seconds')) is not true
        union all
        select 3, 'CASH', null, f.our_cash::text, f.their_cash::text, ''
        from facts as f
        where not exists (
            select 1 from trade.unpaid_dividends(p_account) as u
            where abs(f.our_cash - u.amount - f.their_cash) <= govern.effective_limit('cash_tolerance')::numeric
        )
        union all
        select 4, 'POSITION', p.symbol, p.ours::text, p.theirs::text, ''
        from positions as p
        where (abs(p.ours - p.theirs) <= govern.effective_limit('position_tolerance')::numeric) is not true
        union all
        select 5, 'ORDER_MISSING', o.symbol, o.state, null, o.client_order_id
        from trade.orders as o
        where o.account = p_account and o.state in ('ACKNOWLEDGED', 'PARTIAL')
            and not coalesce(p_body -> 'open_orders', '[]'::jsonb) ? o.client_order_id
    )

    select coalesce(jsonb_agg(
        jsonb_build_object('kind', d.kind, 'symbol', d.symbol, 'ours', d.ours, 'theirs', d.theirs, 'subject', d.subject)
        order by d.rank, d.symbol collate "C", d.subject collate "C"
    ), '[]'::jsonb)
    from differences as d
$$;
comment on function trade.snapshot_differences(text, jsonb) is
'Where a complete reading of a broker''s books differs from ours: kind, symbol, ours, theirs, subject.';
