-- trade.claim_orders(account, worker, lease_seconds, limit_count): releases pending orders to a worker, hands it those in doubt.
-- What: PENDING to SUBMITTED with lease, a higher fencing token and one more post_attempt, exits first; nothing that a state in
-- force does not let through (B5), nothing while the account's gate is closed, the worker's host has a kill file (I14) or an
-- earlier leg of the symbol no terminal fact. A SUBMITTED order whose lease is over is handed over *in doubt*, whatever is closed:
-- its POST may have left, so it is looked up, not sent; at most once per wait. Orders that may no longer leave end here, REJECTED
-- with what refused them or EXPIRED unsent. A lease longer than any worker may take, and a look-up from the future, are from before
-- the wall clock was set back: they are over, or the order would stand in doubt for as long. Whoever still holds the lease is
-- fenced off.
-- Why: release is the one transaction after which a POST may have left (I4); it holds the kill row for share (I12) and checks
-- everything again. Rows another worker holds are skipped: each order goes to one.
-- Called by: the broker worker. Raises: MQ240, MQ324.
create or replace function trade.claim_orders(p_account text, p_worker text, p_lease_seconds integer, p_limit_count integer)
returns table (
    client_order_id text, symbol text, side text, quantity numeric, order_type text, time_in_force text, limit_price numeric,
    stop_price numeric, price_basis text, trade_session date, fencing_token bigint, post_attempt integer, in_doubt boolean,
    broker_order_id text, closes_in_seconds double precision
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_wait constant interval := make_interval(secs => govern.effective_limit('lookup_wait_seconds'));
    c_lease_max constant interval := '3600 s';
    v_killed boolean;
    v_legs text[];
    v_closed jsonb;
    v_order trade.orders;
    v_verdict record;
    v_claimed text[] := '{}';
    v_events jsonb := '[]';
begin
    if (p_worker <> '' and p_lease_seconds between 1 and 3600 and p_limit_count > 0) is not true then
        raise exception using errcode = 'MQ324', message = 'a claim names a worker, a lease of 1 to 3600 s and a count',
            detail = format('worker=%s lease_seconds=%s limit_count=%s', p_worker, p_lease_seconds, p_limit_count),
            hint = 'correct the caller';
    end if;
    perform trade.require_account(p_account);
    v_killed := ops.kill_engaged(true) is distinct from false;
    perform 1 from ops.locks as l where l.lock_name = 'orders' for share;
    -- A file stops every POST of its host: what is claimed would come back unsent, pass after pass.
    if trade.release_gate(p_account) is null and not exists (
        select 1 from ops.kill_sources as k where k.source = 'file' and k.host = split_part(p_worker, ':', 1)
    ) then
        v_closed := trade.recheck_pending(p_account);
        v_legs := array(
            select c.leg from govern.order_classes as c where govern.state_refusal(p_account, c.leg, v_killed) is null
        );
    end if;
    for v_order in
        select o.* from trade.orders as o
        where o.account = p_account
            and (
                o.state = 'PENDING' and o.leg = any (v_legs) and not exists (
                    select 1 from trade.orders as e where e.client_order_id = o.waits_for and e.closed_at is null
                )
                or o.state = 'SUBMITTED'
                    and o.lease_until not between clock_timestamp() and clock_timestamp() + c_lease_max
                    and coalesce(o.looked_up_at, '-infinity') not between clock_timestamp() - c_wait and clock_timestamp()
            )
        order by o.leg in ('entry', 'hedge'), o.placed_at, o.client_order_id
        for no key update skip locked
    loop
        exit when cardinality(v_claimed) = p_limit_count;
        if v_order.state = 'PENDING' then
            v_verdict := trade.release_verdict(v_order, v_closed -> (v_order.cycle_id || '/' || v_order.run));
        else
            select 'SUBMITTED' as to_state, null::text as refused_by,
                jsonb_build_object('reason', 'LEASE_OVER', 'owner', v_order.lease_owner) as detail
            into v_verdict;
        end if;
        continue when v_verdict.to_state = 'PENDING';
        if v_verdict.to_state = 'SUBMITTED' then
            perform trade.lease_order(v_order, p_worker, p_lease_seconds, v_verdict.detail);
            v_claimed := v_claimed || v_order.client_order_id;
        else
            perform trade.end_unreleased(v_order, v_verdict.to_state, v_verdict.refused_by, v_verdict.detail);
        end if;
        v_events := v_events || trade.audit_event(v_order.client_order_id, v_verdict.detail);
    end loop;
    return query select c.* from trade.claimed_orders(v_claimed) as c;
    if v_events <> '[]' then
        perform audit.append(v_events);
    end if;
end;
$$;
comment on function trade.claim_orders(text, text, integer, integer) is
'Releases pending orders of an account to a worker, exits first, and hands over those in doubt; ends those that may no longer leave. Raises MQ240, MQ324.';
