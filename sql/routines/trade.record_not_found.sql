-- trade.record_not_found(id, fencing_token, lease_seconds): a look-up by client order id did not find an order in doubt; what
-- happens next.
-- What: WAIT: counted, its lease over. REPOST: looked up often enough, each time a wait apart, and the order may still leave: one
-- more post_attempt and a fresh lease are committed, the same id and body are to be sent now. EXPIRED: its session or its intent
-- is over (of one good till cancelled after enough look-ups only: it would rest on); reconciliation watches for it. HELD: nothing
-- may leave now; it is looked up again.
-- Why: not found is not "not accepted" (I6); the checks of a release hold for a re-POST too, under the same locks (I12).
-- Called by: the broker worker, with the token of its claim. Raises: MQ312, MQ313, MQ341 an order that is not in doubt.
create or replace function trade.record_not_found(p_client_order_id text, p_fencing_token bigint, p_lease_seconds integer)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_killed constant boolean := ops.kill_engaged(true) is distinct from false;
    v_verdict record;
    v_lookups integer;
    v_next text;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for share;
    v_order := trade.lock_order(p_client_order_id, coalesce(p_fencing_token, -1));
    if not v_order.in_doubt then
        raise exception using errcode = 'MQ341', message = 'only an order in doubt is looked up',
            detail = format('client_order_id=%s state=%s', p_client_order_id, v_order.state),
            hint = 'python -m runner sync --once --account ' || v_order.account;
    end if;
    v_verdict := trade.release_verdict(
        v_order, govern.recheck_layers(v_order.cycle_id, v_order.run, 'release')
    );
    -- Two look-ups within the wait are one: an order can be there and not be listed yet.
    v_lookups := v_order.lookup_count + (
        coalesce(v_order.looked_up_at, '-infinity')
            <= clock_timestamp() - make_interval(secs => govern.effective_limit('lookup_wait_seconds'))
    )::integer;
    v_next := case
        when v_verdict.to_state = 'EXPIRED' and v_order.time_in_force <> 'GTC' then 'EXPIRED'
        when (v_lookups >= govern.effective_limit('lookups_before_repost')) is not true then 'WAIT'
        when v_verdict.to_state in ('REJECTED', 'EXPIRED') then 'EXPIRED'
        when v_verdict.to_state <> 'SUBMITTED' or trade.release_gate(v_order.account) is not null
            or govern.state_refusal(v_order.account, v_order.leg, v_killed) is not null then 'HELD'
        else 'REPOST'
    end;
    if v_next = 'EXPIRED' then
        perform trade.move_order(p_client_order_id, 'EXPIRED', 'expired', jsonb_strip_nulls(
            coalesce(v_verdict.detail, '{}'::jsonb) || jsonb_build_object('in_doubt', true, 'refused_by', v_verdict.refused_by)
        ));
    else
        update trade.orders as o
        set lookup_count = case v_next when 'REPOST' then 0 else coalesce(v_lookups, o.lookup_count) end,
            looked_up_at = clock_timestamp(),
            post_attempt = o.post_attempt + (v_next = 'REPOST')::integer,
            lease_until = clock_timestamp() + case v_next when 'REPOST' then make_interval(secs => p_lease_seconds) else '0' end
        where o.client_order_id = p_client_order_id;
        insert into trade.order_events (client_order_id, account, event, from_state, to_state, detail, occurred_at)
        values (p_client_order_id, v_order.account, case v_next when 'REPOST' then 'sent again' else 'not found' end,
            'SUBMITTED', 'SUBMITTED', jsonb_build_object('lookups', v_lookups, 'next', v_next), ops.now());
    end if;
    perform audit.append(jsonb_build_array(trade.audit_event(p_client_order_id, jsonb_build_object('not_found', v_next))));
    return v_next;
end;
$$;
comment on function trade.record_not_found(text, bigint, integer) is
'A look-up did not find an order in doubt: WAIT, REPOST (committed: send the same body now), EXPIRED or HELD. Raises MQ312, MQ313, MQ341.';
