-- audit.append(events): adds a batch of events to the hash chain and returns the new head's seq.
-- What: per event the canonical bytes (jsonb text: keys by length, then bytes; instants as UTC text), hash = sha256(prev ||
-- bytes).
-- Why: seq and previous hash are assigned under the lock of one row at READ COMMITTED, so the chain cannot fork (I22); one
-- call per transaction, as its last statement, keeps that lock short (I13).
-- events: array of {event, account, cycle_id, body}. actor is the session's login role, the instants are ours.
-- Called by: every routine that changes state. Raises: MQ204, MQ210, MQ212.
create or replace function audit.append(p_events jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seq bigint;
    v_prev bytea;
    v_hash bytea;
    v_payload bytea;
    v_occurred constant timestamptz := ops.now();
    v_recorded timestamptz;
    v_event record;
begin
    perform ops.refuse_unknown_keys(p_events, array['event', 'account', 'cycle_id', 'body']);
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using errcode = 'MQ210', message = 'an audit append needs isolation level READ COMMITTED',
            detail = 'transaction_isolation=' || current_setting('transaction_isolation'),
            hint = 'set transaction isolation level read committed';
    end if;
    select h.seq, h.hash into v_seq, v_prev from audit.heads as h for update;
    for v_event in
        select e.value ->> 'event' as event, e.value ->> 'account' as account, e.value ->> 'cycle_id' as cycle_id,
            coalesce(e.value -> 'body', '{}'::jsonb) as body
        from jsonb_array_elements(p_events) with ordinality as e (value, position)
        order by e.position
    loop
        if coalesce(v_event.event, '') = '' then
            raise exception using errcode = 'MQ212', message = 'an audit event has no name', hint = 'correct the caller';
        end if;
        v_seq := v_seq + 1;
        v_recorded := clock_timestamp();
        v_payload := convert_to(jsonb_build_object(
            'seq', v_seq, 'event', v_event.event, 'account', v_event.account, 'cycle_id', v_event.cycle_id,
            'actor', session_user, 'occurred_at', ops.utc_text(v_occurred), 'recorded_at', ops.utc_text(v_recorded),
            'body', v_event.body
        )::text, 'UTF8');
        v_hash := sha256(v_prev || v_payload);
        insert into audit.audit_log (
            seq, prev_hash, hash, payload, event, account, cycle_id, actor, occurred_at, recorded_at
        ) values (
            v_seq, v_prev, v_hash, v_payload, v_event.event, v_event.account, v_event.cycle_id, session_user,
            v_occurred, v_recorded
        );
        v_prev := v_hash;
    end loop;
    update audit.heads as h set seq = v_seq, hash = v_prev where h.seq <> v_seq;
    return v_seq;
end;
$$;
comment on function audit.append(jsonb) is
'Appends a batch of events {event, account, cycle_id, body} to the hash chain and returns the head''s seq. Raises MQ204, MQ210, '
'MQ212.';
