-- trade.resolve_break(break_id, reason): a person says that a break is dealt with.
-- Called by: `python -m runner breaks resolve`, as fund_operator. Returns true; false where it was resolved before. Raises: MQ360.
create or replace function trade.resolve_break(p_break_id bigint, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_break trade.breaks;
begin
    select b.* into v_break from trade.breaks as b where b.break_id = p_break_id;
    if not found or coalesce(trim(p_reason), '') = '' then
        raise exception using errcode = 'MQ360', message = 'a break is resolved by its number and a reason',
            detail = format('break_id=%s reason=%s', p_break_id, p_reason), hint = 'python -m runner breaks list';
    end if;
    insert into trade.break_resolutions (break_id, account, reason, resolved_at)
    values (p_break_id, v_break.account, p_reason, ops.now())
    on conflict (break_id) do nothing;
    if not found then
        return false;
    end if;
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'break.resolved', 'account', v_break.account,
        'body', jsonb_build_object('break_id', p_break_id, 'kind', v_break.kind, 'reason', p_reason)
    )));
    return true;
end;
$$;
comment on function trade.resolve_break(bigint, text) is
'Resolves a break with a reason; false where it was resolved before. Raises MQ360.';
