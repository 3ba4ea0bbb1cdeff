-- trade.resolve_break(break_id, reason, accept, capital, amount): a person says that a break is dealt with.
-- What: true; false where it was resolved before. accept takes the broker's word into our books first (trade.accept_break), as
-- capital paid in or out where that is said, of cash the amount that is said; without it a difference that is still there becomes a new break at the next two readings.
-- Called by: `python -m runner breaks resolve`, as fund_operator. Raises: MQ360, MQ366.
create or replace function trade.resolve_break(
    p_break_id bigint, p_reason text, p_accept boolean default false, p_capital boolean default false, p_amount numeric default null
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_break trade.breaks;
    v_events jsonb := '[]';
begin
    select b.* into v_break from trade.breaks as b where b.break_id = p_break_id;
    if not found or coalesce(trim(p_reason), '') = '' then
        raise exception using errcode = 'MQ360', message = 'there is no such break, or no reason is given',
            detail = format('break_id=%s reason=%s', p_break_id, p_reason), hint = 'python -m runner breaks list';
    elsif p_capital and (p_accept and v_break.kind = 'CASH') is not true then
        raise exception using errcode = 'MQ366', message = 'only cash that is accepted can be capital paid in or out',
            detail = format('break_id=%s kind=%s accept=%s', p_break_id, v_break.kind, p_accept), hint = 'leave --capital out';
    elsif p_amount is not null and (p_accept and v_break.kind = 'CASH') is not true then
        raise exception using errcode = 'MQ366', message = 'only of cash that is accepted can an amount be said',
            detail = format('break_id=%s kind=%s accept=%s', p_break_id, v_break.kind, p_accept), hint = 'leave --amount out';
    end if;
    perform 1 from trade.accounts as a where a.account = v_break.account for no key update;
    if exists (select 1 from trade.break_resolutions as r where r.break_id = p_break_id) then
        return false;
    end if;
    if p_accept then
        v_events := trade.accept_break(v_break, p_reason, p_capital, p_amount);
    end if;
    insert into trade.break_resolutions (break_id, account, reason, resolved_at)
    values (p_break_id, v_break.account, p_reason, ops.now());
    perform audit.append(v_events || jsonb_build_array(jsonb_build_object(
        'event', 'break.resolved', 'account', v_break.account, 'body', jsonb_build_object(
            'break_id', p_break_id, 'kind', v_break.kind, 'reason', p_reason, 'accepted', p_accept
        )
    )));
    return true;
end;
$$;
comment on function trade.resolve_break(bigint, text, boolean, boolean, numeric) is
'Resolves a break with a reason, taking the broker''s word into our books where asked; false where it was before. Raises MQ360, MQ366.';
