-- trade.claim_requests(account, worker, lease_seconds, limit_count): hands cancel requests to a worker, oldest first.
-- What: requests whose order has ended are settled here; one whose answer was lost comes again after request_retry_seconds. An
-- order that is still in doubt has no broker id yet: it is looked up first. A lease longer than any worker may take is one of
-- before the wall clock was set back, and over. The cancel of a stop that was to make way (LATER_LEG), never tried, is withdrawn
-- where no other order of the symbol lives any more: a kill cancels the exit, and the stop would be gone for nothing (B7). While
-- what it makes way for may not leave it is not handed out (trade.may_make_way).
-- Why: in every state, also killed or halted: a cancel only takes risk away (B5), but for a stop's.
-- Called by: the broker worker. Raises: MQ240, MQ324.
create or replace function trade.claim_requests(p_account text, p_worker text, p_lease_seconds integer, p_limit_count integer)
returns table (request_id bigint, client_order_id text, broker_order_id text, symbol text, fencing_token bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_lease_max constant interval := make_interval(secs => greatest(3600, govern.effective_limit('request_retry_seconds')));
begin
    if (p_worker <> '' and p_lease_seconds between 1 and 3600 and p_limit_count > 0) is not true then
        raise exception using errcode = 'MQ324', message = 'a claim names a worker, a lease of 1 to 3600 s and a count',
            detail = format('worker=%s lease_seconds=%s limit_count=%s', p_worker, p_lease_seconds, p_limit_count),
            hint = 'correct the caller';
    end if;
    perform trade.require_account(p_account);
    update trade.order_requests as r
    set settled_at = ops.now(), lease_owner = null, lease_until = null
    from trade.orders as o
    where r.account = p_account and r.settled_at is null and o.client_order_id = r.client_order_id and o.closed_at is not null
        and not exists (select 1 from trade.open_breaks as b where b.kind = 'LIVE_AFTER_END' and b.subject = o.client_order_id);
    -- Not while somebody places: an order that has just found this request waits for the stop to end. Nor is he waited for.
    perform 1 from ops.locks as l where l.lock_name = 'orders' for share skip locked;
    if found then
        with withdrawn as (
            update trade.order_requests as r
            set settled_at = ops.now(), outcome = 'UNSENT', outcome_reason = 'LATER_LEG_GONE'
            from trade.orders as o
            where r.account = p_account and r.settled_at is null and r.reason = 'LATER_LEG' and r.attempts = 0
                and o.client_order_id = r.client_order_id and not exists (
                    select 1 from trade.live_orders as l where l.account = o.account and l.symbol = o.symbol and l.leg <> 'stop'
                )
            returning r.request_id, o.client_order_id, o.state
        )

        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
        select w.client_order_id, p_account, 'cancel withdrawn', w.state, w.state,
            jsonb_build_object('request_id', w.request_id, 'reason', 'LATER_LEG_GONE'), ops.now()
        from withdrawn as w;
    end if;
    return query
        with due as (
            select r.request_id, coalesce(o.broker_order_id, (
                -- One that ended here before the broker's id was known: the event has it.
                select e.detail ->> 'broker_order_id'
                from trade.order_events as e
                where e.client_order_id = o.client_order_id and e.event = 'acknowledged'
                order by e.event_id desc
                limit 1
            )) as broker_id, o.symbol
            from trade.order_requests as r
                join trade.orders as o on o.client_order_id = r.client_order_id
            where r.account = p_account and r.settled_at is null
                and coalesce(r.lease_until, '-infinity') not between clock_timestamp() and clock_timestamp() + c_lease_max
                and (r.reason <> 'LATER_LEG' or r.attempts > 0 or trade.may_make_way(p_account, p_worker, o.symbol))
            order by r.request_id
            for no key update of r skip locked
        ),

        chosen as (
            select d.request_id, d.broker_id, d.symbol from due as d where d.broker_id is not null order by d.request_id limit p_limit_count
        )

        update trade.order_requests as r
        set attempts = r.attempts + 1,
            fencing_token = r.fencing_token + 1,
            lease_owner = p_worker,
            lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
        from chosen as c
        where r.request_id = c.request_id
        returning r.request_id, r.client_order_id, c.broker_id, c.symbol, r.fencing_token;
end;
$$;
comment on function trade.claim_requests(text, text, integer, integer) is
'Hands open cancel requests of an account to a worker; settles those whose order has ended or whose later leg is gone. '
'Raises MQ240, MQ324.';
