-- trade.accepted_amount(break, capital, amount): what accepting a break of CASH or POSITION books: the difference of the last
-- complete reading, NULL where it is gone; of cash p_amount, where a person says what came or went.
-- Why: a fill or a split that we booked since the reading may be the difference itself, and its figure of them is as old: only a
-- new reading tells. So may executions the broker has told of and not listed yet: they would be booked again. And a person's word
-- is about the figure they were shown: a fee that came behind a payment is neither capital nor what they found. A dividend that is
-- still to be paid is part of what differs, and of no deposit or withdrawal: where there may be one, the amount has to be said. A
-- part of what differs may be said as well: the rest is a difference again.
-- Called by: trade.accept_break. Raises: MQ366.
create or replace function trade.accepted_amount(p_break trade.breaks, p_capital boolean, p_amount numeric default null)
returns numeric
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_again constant text := format('python -m runner sync --once --account %s, then accept what still differs', p_break.account);
    c_told constant numeric := (p_break.evidence ->> 'theirs')::numeric - (p_break.evidence ->> 'ours')::numeric;
    v_amount numeric;
    v_read numeric;
    v_now numeric;
    v_unbooked text;
    v_possible numeric[];
    v_least numeric;
    v_most numeric;
begin
    select (d ->> 'theirs')::numeric - (d ->> 'ours')::numeric, (d ->> 'ours')::numeric
    into v_amount, v_read
    from (
        select s.differences
        from trade.broker_snapshots as s
        where s.account = p_break.account and s.complete
        order by s.snapshot_id desc
        limit 1
    ) as last cross join jsonb_array_elements(last.differences) as d
    where d ->> 'kind' = p_break.kind and d ->> 'symbol' is not distinct from p_break.symbol;
    v_now := case p_break.kind
        when 'CASH' then (select coalesce(sum(l.amount), 0) from trade.cash_ledger as l where l.account = p_break.account)
        else coalesce((
            select h.quantity from trade.held_quantities as h where h.account = p_break.account and h.symbol = p_break.symbol
        ), 0)
    end;
    v_unbooked := (
        select string_agg(o.client_order_id, ',' order by o.client_order_id)
        from trade.orders as o
        where o.account = p_break.account and o.closed_at is null and (p_break.kind = 'CASH' or o.symbol = p_break.symbol)
            and trade.unbooked_quantity(o.client_order_id, jsonb_build_object('filled_quantity', o.broker_filled_quantity)) > 0
    );
    if v_read <> v_now then
        raise exception using errcode = 'MQ366', message = 'our books changed after the last complete reading',
            detail = format('break_id=%s symbol=%s read=%s now=%s', p_break.break_id, p_break.symbol, v_read, v_now),
            hint = c_again;
    elsif v_amount <> 0 and v_unbooked is not null then
        raise exception using errcode = 'MQ366', message = 'the broker has filled more than it has listed executions of',
            detail = format('break_id=%s client_order_id=%s', p_break.break_id, v_unbooked), hint = c_again;
    elsif v_amount is null and (p_capital or p_amount is not null) then
        raise exception using errcode = 'MQ366', message = 'nothing differs any more', detail = format('break_id=%s', p_break.break_id),
            hint = 'resolve it without --capital and --amount: nothing came or went';
    elsif v_amount is not null and (v_amount = c_told) is not true then
        raise exception using errcode = 'MQ366', message = 'the difference is another one by now',
            detail = format('break_id=%s symbol=%s told=%s now=%s', p_break.break_id, p_break.symbol, c_told, v_amount),
            hint = 'resolve it without --accept; what differs then is a new break: `sync --once --account ' || p_break.account || '`';
    elsif p_break.kind = 'CASH' and v_amount is not null then
        v_possible := array(select trim_scale(v_amount + u.amount) from trade.unpaid_dividends(p_break.account) as u);
        -- Brokers pay in an order of their own: what differs may hold any of the dividends, and a part of the rest may be said.
        select v_amount + coalesce(sum(u.amount) filter (where u.amount < 0), 0),
            v_amount + coalesce(sum(u.amount) filter (where u.amount > 0), 0)
        into v_least, v_most
        from trade.unpaid_dividends(p_break.account, false) as u;
        if p_amount is null and cardinality(v_possible) > 1 then
            raise exception using errcode = 'MQ366', message = 'dividends that are still to be paid may be part of what differs',
                detail = format('break_id=%s amount=%s', p_break.break_id, array_to_string(v_possible, ' or ')),
                hint = 'say with --amount what came (or, negative, went), as the broker''s statement has it';
        elsif (p_amount between least(0, v_least) and greatest(0, v_most)) is false then
            raise exception using errcode = 'MQ366', message = 'the amount is more than what differs',
                detail = format('break_id=%s said=%s amount=%s', p_break.break_id, p_amount, array_to_string(v_possible, ' or ')),
                hint = 'say what the broker''s statement has, or a part of it';
        end if;
    end if;
    return coalesce(p_amount, v_amount);
end;
$$;
comment on function trade.accepted_amount(trade.breaks, boolean, numeric) is
'What accepting a break of CASH or POSITION books, of cash the amount that is said; NULL where nothing differs any more. Raises '
'MQ366.';
