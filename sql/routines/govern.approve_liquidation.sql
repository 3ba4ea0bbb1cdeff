-- govern.approve_liquidation(account, reason, hours): an operator approves that an account's positions are closed (ruling B5).
-- What: for so many hours, liquidation legs of the account pass the demand APPROVAL of the states KILL and LIQUIDATE. Returns
-- until when. They stay reduce-only (limit_reduce_only) and go through every other check.
-- Why: closing takes no exposure, so it is one person's to approve; it is never implied by a kill, which flattens nothing (B8).
-- Called by: an operator. Raises: MQ240, MQ428.
create or replace function govern.approve_liquidation(p_account text, p_reason text, p_hours integer default 24)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account constant text := (trade.require_account(p_account)).account;
    v_until constant timestamptz := ops.now() + make_interval(hours => p_hours);
begin
    if (p_reason <> '' and p_hours between 1 and 168) is not true then
        raise exception using errcode = 'MQ428', message = 'a liquidation is approved with a reason, for 1 to 168 hours',
            detail = format('account=%s hours=%s', p_account, p_hours),
            hint = 'select govern.approve_liquidation(''paper'', ''why'', 24)';
    end if;
    insert into govern.liquidation_approvals (account, reason, approved_at, expires_at)
    values (v_account, p_reason, ops.now(), v_until);
    perform notify.enqueue(
        'CRITICAL', 'RISK', 'LIQUIDATION_APPROVED',
        format('%s may liquidate until %s: %s', v_account, ops.utc_text(v_until), p_reason),
        p_account => v_account
    );
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'liquidation.approved', 'account', v_account,
        'body', jsonb_build_object('reason', p_reason, 'expires_at', ops.utc_text(v_until))
    )));
    return v_until;
end;
$$;
comment on function govern.approve_liquidation(text, text, integer) is
'Approves liquidation legs of an account for some hours; until when. Raises MQ240, MQ428.';
